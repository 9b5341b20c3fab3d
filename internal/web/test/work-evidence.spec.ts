import { type Locator, type Page } from "@playwright/test";
import { accessible, enter, expect, fits, readableInTheDark, test } from "./browser";
import { type County, aged, another, doubtful, personOf, running, step, unfold, uploaded } from "./work-setup";

const at = (id: string) => `/#/work/evidence/${id}`;

/** The file of a list that stands for a hazard; the list is asked for more until it is there. */
async function cardOf(page: Page, hazard: string): Promise<Locator> {
  const card = page.getByRole("article").filter({ has: page.getByRole("link", { name: hazard, exact: true }) });
  const more = page.getByRole("button", { name: "显示更多" });
  await expect(async () => {
    if (!(await card.count())) await more.click({ timeout: 500 });
    await expect(card).toBeVisible({ timeout: 2000 });
  }).toPass();
  return card;
}

test.describe("doubtful evidence", () => {
  test("waits in the section's inbox, and each file leads to its page", async ({ page }) => {
    await enter(page, "/#/work", "SAFETY_SECTION");
    const waiting = page.getByRole("region", { name: /待复核的佐证材料/ });
    await expect(waiting.locator(".count")).toHaveText(/^[1-9]/);
    await waiting.getByRole("link").first().click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(/ · 照片/);
    await expect(page.locator(".badges")).toContainText("待复核");
    await expect(page.getByText("同一文件曾被使用")).toBeVisible();
  });

  test("is compared with what it is like, decided, and found again by the decision", async ({ page }) => {
    test.slow();
    const { hazard } = await doubtful("复核：墙面开裂 <b>粗</b>");
    await enter(page, "/#/work/evidence", "SAFETY_SECTION");
    await expect(page.getByText("存疑不等于有错")).toBeVisible();
    const card = await cardOf(page, hazard);
    await expect(card.getByText("与先前用过的文件逐字节相同")).toBeVisible();
    await expect(card.getByRole("figure")).toHaveCount(2);
    const earlier = card.getByRole("figure").filter({ hasText: "较早的文件 · 同一文件" });
    await expect(earlier.getByRole("link", { name: `${hazard}（先前）` })).toBeVisible();
    await earlier.scrollIntoViewIfNeeded(); // pictures are read when they come into sight
    await expect(earlier.getByRole("img")).toBeVisible();

    await card.locator("summary").click();
    await accessible(page);
    await readableInTheDark(page);
    await fits(page, "work-evidence-list");
    await card.getByRole("button", { name: "没有问题，澄清" }).click();
    await expect(card.getByLabel("理由")).toBeFocused(); // nothing is decided without a reason
    await card.getByLabel("理由").fill("同一面墙，两处隐患共用一张照片");
    await card.getByRole("button", { name: "没有问题，澄清" }).click();
    await expect(page.getByText("复核结果已记录。")).toBeVisible();
    await expect(card).toContainText("已澄清");
    await expect(card).toContainText("同一面墙，两处隐患共用一张照片");
    await expect(card.getByRole("button")).toHaveCount(0);

    await page.getByLabel("显示").selectOption("已澄清");
    const cleared = await cardOf(page, hazard);
    await cleared.getByRole("link", { name: "保管与经过" }).click();
    await expect(page.getByRole("list", { name: "经过" })).toContainText("同一面墙，两处隐患共用一张照片");
  });

  test.describe("when two decide at once", () => {
    test.use({ allowed: /4\d\d/ });
    test("shows the second who decided, and how", async ({ page, browser }) => {
      test.slow();
      const { id, hazard } = await doubtful("两人同时复核");
      await enter(page, "/#/work/evidence", "SAFETY_SECTION");
      const card = await cardOf(page, hazard);
      await card.locator("summary").click();
      const other = await another(browser, at(id), "SAFETY_SECTION");
      const decide = (on: Page) => step(on, "复核疑点");
      await decide(other).getByLabel("理由").fill("照片确系重复使用");
      const third = await another(browser, at(id), "SAFETY_SECTION");
      await decide(third).getByLabel("理由").fill("我也看过");
      await other.getByRole("button", { name: "疑点成立" }).click();
      await expect(other.getByText("复核结果已记录。")).toBeVisible();

      await card.getByLabel("理由").fill("看不出问题");
      await card.getByRole("button", { name: "没有问题，澄清" }).click();
      await expect(card.getByRole("alert")).toContainText("别人刚刚处理过");
      await expect(card.getByRole("alert")).toContainText("疑点成立、清格县教育体育局 法规安全科");
      await expect(card).toContainText("照片确系重复使用");
      await expect(card.getByRole("button")).toHaveCount(0);

      await third.getByRole("button", { name: "没有问题，澄清" }).click();
      await expect(third.getByRole("alert").filter({ hasText: "别人刚刚处理过" })).toContainText("疑点成立、清格县教育体育局 法规安全科");
      await expect(third.locator(".badges")).toContainText("疑点成立");
      await other.context().close();
      await third.context().close();
    });
  });

  test("is read in English too", async ({ page }) => {
    const { id } = await doubtful("English");
    await page.addInitScript(() => localStorage.setItem("cleargrid.language", "en"));
    await enter(page, at(id), "SAFETY_SECTION");
    await expect(page.getByText("Its bytes are those of a file that was used before")).toBeVisible();
    await expect(page.getByText(/^It is kept until/)).toBeVisible();
    // What people wrote and are called stays as it is; everything else is in English.
    const left = await page.locator(".work").evaluate((work) => {
      const copy = work.cloneNode(true) as HTMLElement;
      for (const e of copy.querySelectorAll(".uses, .facts dd, h1")) e.remove();
      return copy.textContent?.match(/[\u4e00-\u9fff]+/g) ?? [];
    });
    expect(left).toEqual([]);
  });
});

test.describe("a file in custody", () => {
  test("is reached from its picture, held and released, and its history says who", async ({ page }) => {
    const { hazard } = await doubtful("保全：疏散通道");
    await enter(page, "/#/hazards", "SAFETY_SECTION");
    await page.getByRole("link", { name: hazard, exact: true }).click();
    await page.getByRole("button", { name: /^查看 整改前/ }).first().click();
    await page.getByRole("link", { name: "保管与经过" }).click();
    await expect(page.getByText(/保管期至 .*此前不能申请销毁/)).toBeVisible();
    await expect(page.getByText("申请销毁", { exact: true })).toHaveCount(0);

    const hold = await unfold(page, "依法保全");
    await hold.getByLabel("理由").fill("案件取证");
    await hold.getByRole("button").click();
    await expect(page.getByText("该文件已保全。")).toBeVisible();
    await expect(page.locator(".badges")).toContainText("依法保全");
    await expect(page.getByText("解除前不能销毁")).toBeVisible();
    const release = await unfold(page, "解除保全");
    await release.getByLabel("理由").fill("结案");
    await accessible(page);
    await readableInTheDark(page);
    await fits(page, "work-evidence-file");
    await release.getByRole("button").click();
    await expect(page.getByText("已解除保全。")).toBeVisible();
    const history = page.getByRole("list", { name: "经过" }).getByRole("listitem");
    await expect(history.nth(0)).toContainText(/解除保全 清格县教育体育局 法规安全科.*结案/);
    await expect(history.nth(1)).toContainText("案件取证");
  });

  test("is only looked at by the school", async ({ page }) => {
    const { id } = await doubtful("学校自己的照片");
    await enter(page, at(id), "SCHOOL_SAFETY_OFFICER");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByText("现在没有需要您办理的。")).toBeVisible();
    await expect(page.locator(".work form")).toHaveCount(0);
  });

  test.describe("whose retention has ended", () => {
    let county: County;
    let id: string;
    test.beforeAll(async () => {
      test.setTimeout(180_000);
      const own = await running();
      county = own;
      id = await uploaded("SITE", undefined, own);
      aged(own);
    });
    test.afterAll(() => county?.stop());

    test("is destroyed by two people: who asked can't approve, a leader can", async ({ browser }) => {
      const section = await personOf(county, browser, "SAFETY_SECTION", at(id));
      const request = await unfold(section, "申请销毁");
      await request.getByLabel("理由").fill("保管期满");
      await request.getByRole("button").click();
      await expect(section.getByText("销毁申请已提交")).toBeVisible();
      await expect(section.getByText("销毁由您申请，须由另一人")).toBeVisible();
      await expect(section.getByText("批准销毁", { exact: true })).toHaveCount(0);
      await accessible(section);
      await section.goto(`${county.url}/#/work`);
      await expect(section.getByRole("heading", { name: "待办" })).toBeVisible();
      await expect(section.getByRole("region", { name: /待批准销毁/ })).toHaveCount(0);

      // Taken back, it waits for nobody; asked for again, it waits for the leader.
      await section.goto(`${county.url}${at(id)}`);
      const withdraw = await unfold(section, "撤回销毁申请");
      await withdraw.getByLabel("理由").fill("再等等");
      await withdraw.getByRole("button").click();
      await expect(section.getByText("销毁申请已撤回。")).toBeVisible();
      const again = await unfold(section, "申请销毁");
      await again.getByLabel("理由").fill("确已期满");
      await again.getByRole("button").click();
      await expect(section.getByText("销毁申请已提交")).toBeVisible();

      const leader = await personOf(county, browser, "BUREAU_LEADER", "/#/work");
      await leader.getByRole("region", { name: /待批准销毁的佐证材料/ }).getByRole("link").click();
      const approve = leader.locator("details", { hasText: "批准销毁" });
      await expect(approve).toHaveAttribute("open");
      await approve.getByLabel("理由").fill("同意");
      await accessible(leader);
      await fits(leader, "work-evidence-destruction");
      await approve.getByRole("button").click();
      await expect(leader.getByText("已批准销毁。")).toBeVisible();
      await expect(leader.getByRole("list", { name: "经过" })).toContainText("确已期满");
      await leader.goto(`${county.url}/#/work/evidence?show=destruction`);
      await expect(leader.getByText("没有这样的文件。")).toBeVisible();
      await section.context().close();
      await leader.context().close();
    });
  });
});
