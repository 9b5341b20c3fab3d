import { ask, campaignOf, countRows, noon } from "./dashboard";
import { enter, expect, test } from "./browser";

test.describe("a leader", () => {
  test("drills from the county to a photo", async ({ page }) => {
    await enter(page, "/", "BUREAU_LEADER");
    await expect(page.getByRole("heading", { level: 1 })).toContainText("清格县");

    const township = page.getByRole("table", { name: "各区域情况" }).locator("tbody tr").first();
    await township.getByRole("link", { name: /销号/ }).first().click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("隐患清单");
    await expect(page).toHaveURL(/region=region_/);

    await page.locator(".list tbody th a").first().click();
    await expect(page.getByRole("list", { name: "经过" })).toContainText("上报");
    await expect(page.getByRole("list", { name: "经过" })).toContainText("复查通过");

    await page.getByRole("list", { name: "佐证材料" }).getByRole("button", { name: /照片/ }).first().click();
    const photo = page.getByRole("dialog").getByRole("img");
    await expect(photo).toBeVisible();
    await expect.poll(() => photo.evaluate((i: HTMLImageElement) => i.naturalWidth)).toBeGreaterThan(100);
    await expect(page.getByRole("dialog")).toContainText("已核验");
    await page.getByRole("dialog").getByRole("button", { name: "关闭" }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
  });

  test("finds as many rows behind a number as it says", async ({ page }) => {
    test.setTimeout(180_000);
    await enter(page, "/", "SAFETY_SECTION");
    const names = ["未销号", "逾期", "重大未销号", "挂牌督办中", "应挂牌未挂牌", "累计发现", "已作废", "学校自查 证实", "学校督查 上报", "学校督查 证实",
      "签收", "拒签", "回复", "应发现未发现", "待研判线索", "未成立领导小组的学校"];
    let found = 0;
    for (const name of names) {
      await page.goto("/#/");
      const figure = page.getByRole("main").getByRole("link", { name: new RegExp(`^${name} \\d+$`) }).first();
      const said = Number((await figure.getAttribute("aria-label"))!.split(" ").at(-1));
      await figure.click();
      await expect(page.getByRole("heading", { level: 1 })).not.toContainText("总览");
      expect(await countRows(page), name).toBe(said);
      found += said;
    }
    expect(found).toBeGreaterThan(50);
  });

  test("finds the schools that the coverage adds up from", async ({ page }) => {
    await enter(page, "/", "SAFETY_SECTION");
    const shown = page.getByRole("main").getByRole("link", { name: /^(网格排查|排查覆盖).* \d+$/ });
    await expect(shown).toHaveCount(4);
    const figures = await shown.evaluateAll((links) => links.map((l) => Number(l.textContent)));
    await page.getByRole("main").getByRole("link", { name: /^排查覆盖.*上报 \d+$/ }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("各校自查覆盖");
    expect(await countRows(page)).toBe(24);
    const sum = async (column: string) => (await page.locator(`.list td[data-title="${column}"]`).allTextContents()).reduce((all, text) => all + Number(text.split("/")[0]), 0);
    expect(await Promise.all(["上报网格", "证实网格", "上报内容", "证实内容"].map(sum))).toEqual(figures);
    expect(figures[2]).toBeGreaterThan(0);
    await page.locator(".list tbody th a").first().click();
    await expect(page.getByRole("heading", { name: "自查覆盖" })).toBeVisible();
  });

  test("sees a cell of the heat map as a list", async ({ page }) => {
    await enter(page, "/", "SAFETY_SECTION");
    const cell = page.locator(".heat tbody td a").first();
    const said = Number(await cell.textContent());
    await cell.click();
    await expect(page).toHaveURL(/category=/);
    expect(await countRows(page)).toBe(said);
  });

  test("goes down the tree of regions to a school", async ({ page }) => {
    await enter(page, "/", "SAFETY_SECTION");
    await page.getByText("选择区域或学校").click();
    for (const name of ["示范省", "示范市", "清格县", "清河镇"]) await page.getByRole("button", { name: `展开${name}` }).click();
    await page.locator(".tree").getByRole("link", { name: "清河镇中心小学" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("清河镇中心小学");
    await page.getByText("选择区域或学校").click();
    await page.locator(".tree").getByRole("link", { name: "清河镇", exact: true }).click();
    await page.getByRole("link", { name: "总览" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("清河镇");
  });
});

test.describe("an instant of the past", () => {
  test("is marked, holds for figures and lists, and stands in the address", async ({ page, browser }) => {
    await enter(page, "/", "SAFETY_SECTION");
    const campaign = await campaignOf(page);
    const at = noon(campaign, 9);
    const { dashboard } = await ask<{ dashboard: { total: { found: number; open: number; schoolsSelfProven: number } } }>(
      page, "query ($c: ID!, $at: DateTime) { dashboard(campaignId: $c, asOf: $at) { total { found open schoolsSelfProven } } }", { c: campaign.id, at });

    await page.getByLabel("截至时刻").fill(`${new Date(Date.parse(at) + 8 * 3_600_000).toISOString().slice(0, 16)}`);
    await page.getByRole("button", { name: "查看", exact: true }).click();
    await expect(page.locator(".past")).toContainText("按目前所知");
    for (const [name, said] of [["未销号", dashboard.total.open], ["累计发现", dashboard.total.found], ["学校自查 证实", dashboard.total.schoolsSelfProven]] as const) {
      await page.getByRole("link", { name: "总览" }).click();
      await page.getByRole("main").getByRole("link", { name: `${name} ${said}`, exact: true }).click();
      await expect(page.getByRole("heading", { level: 1 })).not.toContainText("总览");
      await expect(page.locator(".past").first()).toBeVisible();
      expect(await countRows(page), name).toBe(said);
    }

    const other = await (await browser.newContext({ locale: "zh-CN" })).newPage();
    await enter(other, page.url(), "BUREAU_LEADER");
    expect(await countRows(other)).toBe(dashboard.total.schoolsSelfProven);
    await other.context().close();

    await page.getByRole("link", { name: "回到现在" }).click();
    await expect(page.locator(".past")).toHaveCount(0);
  });

  test("shows what came later of a hazard below a mark", async ({ page }) => {
    await enter(page, "/", "SAFETY_SECTION");
    const { hazards } = await ask<{ hazards: { edges: { node: { id: string; events: { happenedAt: string }[] } }[] } }>(
      page, "{ hazards(first: 1, filter: { status: CLOSED }) { edges { node { id events { happenedAt } } } } }");
    const { id, events } = hazards.edges[0]!.node;
    await page.goto(`/#/hazards/${id}?asOf=${events[0]!.happenedAt}`);
    await expect(page.getByText("以下发生在所选时刻之后")).toHaveCount(1);
    await expect(page.locator(".step.later")).toHaveCount(events.length - 1);
    await expect(page.getByRole("heading", { name: "复查", exact: true })).toHaveCount(0);
    await page.getByRole("link", { name: "回到现在" }).click();
    await expect(page.getByRole("heading", { name: "复查", exact: true })).toBeVisible();
  });
});

test("two dates are compared by figures and by the hazards that changed them", async ({ page }) => {
  await enter(page, "/", "SAFETY_SECTION");
  const campaign = await campaignOf(page);
  const since = noon(campaign, 9), asOf = noon(campaign, 16);
  const { before, after, hazardChanges } = await ask<{ before: { total: { found: number } }; after: { total: { found: number } }; hazardChanges: { edges: { node: { before: object | null } }[] } }>(
    page,
    `query ($c: ID!, $since: DateTime!, $asOf: DateTime) {
      before: dashboard(campaignId: $c, asOf: $since) { total { found } }
      after: dashboard(campaignId: $c, asOf: $asOf) { total { found } }
      hazardChanges(campaignId: $c, since: $since, asOf: $asOf, first: 200) { edges { node { before { status } } } }
    }`,
    { c: campaign.id, since, asOf });
  await page.goto(`/#/changes?since=${since}&asOf=${asOf}`);
  expect(await countRows(page)).toBe(hazardChanges.edges.length);
  const difference = after.total.found - before.total.found;
  await expect(page.getByRole("row", { name: /^累计发现/ })).toContainText(`${before.total.found}${after.total.found}${difference > 0 ? "+" : ""}${difference}`);
  // A hazard that is new made one more found.
  await expect(page.locator(".list td", { hasText: "尚未发现" })).toHaveCount(difference);
  await page.locator(".list tbody th a").first().click();
  await expect(page.getByRole("list", { name: "经过" })).toBeVisible();
});
