import { accessible, enter, expect, fits, test } from "./browser";
import { another, attach, client, inDays, newID, place, reported } from "./work-setup";

/** A draft of the section's own about one hazard of the officer's school. */
async function draft(requirements: string): Promise<string> {
  const hazardId = await reported("配电箱未上锁");
  const { schoolId, campaignId } = await place();
  const id = newID("notice");
  const ask = await client("SAFETY_SECTION");
  await ask("mutation($input: DraftNoticeInput!) { draftNotice(input: $input) { notice { id } } }", {
    input: { id, campaignId, schoolId, deadlineOn: inDays(12), requirements, items: [{ hazardId }] },
  });
  return id;
}

test.describe("a notice", () => {
  test("is issued, acknowledged with a signature and replied to", async ({ page, browser }) => {
    const id = await draft("限期上锁 <script>alert(1)</script>");
    await enter(page, `/#/work/notice/${id}`, "SAFETY_SECTION");
    await page.getByRole("button", { name: "下发前核对" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("限期上锁 <script>alert(1)</script>");
    await expect(dialog).toContainText("配电箱未上锁");
    await accessible(page);
    await dialog.getByRole("button", { name: "下发" }).click();
    await expect(page.getByText("已下发。")).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("第");
    const number = await page.getByRole("heading", { level: 1 }).innerText();
    await expect(page.getByRole("link", { name: /^\/verify\// })).toBeVisible();
    await fits(page, "work-notice-issued");

    const head = await another(browser, "/#/work", "SCHOOL_LEADER");
    await head.getByRole("region", { name: /待签收的通知书/ }).getByRole("link", { name: number }).click();
    await head.getByLabel("学校意见").fill("情况属实，按期整改");
    await head.getByRole("button", { name: "签收" }).click();
    await expect(head.getByRole("alert").filter({ hasText: /佐证|材料|照片/ })).toBeVisible();
    await attach(head, "签收", "signature.png");
    await head.getByRole("button", { name: "签收" }).click();
    await expect(head.getByText("已签收。")).toBeVisible();
    await head.getByLabel("整改情况").fill("已全部上锁");
    await head.getByRole("button", { name: "回复" }).click();
    await expect(head.getByText("已回复。")).toBeVisible();
    await expect(head.locator(".badges")).toContainText("已回复");
    await accessible(head);
    await head.context().close();
  });

  test("is drafted from a report's hazards, changed and given up", async ({ page }) => {
    await enter(page, "/#/work/notices", "SAFETY_SECTION");
    await page.locator("summary", { hasText: "起草通知书" }).click();
    const reports = page.getByLabel("依据的督查报告");
    await expect(reports.locator("option")).not.toHaveCount(1);
    const submit = page.getByRole("button", { name: "存为草稿" });
    const none = page.getByText("这份报告没有未销号的隐患。");
    for (const option of (await reports.locator("option").evaluateAll((all) => all.map((o) => (o as HTMLOptionElement).value))).slice(1)) {
      await reports.selectOption(option);
      await expect(submit.or(none)).toBeVisible();
      if (await submit.isVisible() && await page.getByRole("checkbox", { checked: true }).count()) break;
      // Hazards on a notice in force are left out, unless somebody ticks them.
    }
    await accessible(page);
    await fits(page, "work-notices");
    await page.getByLabel("整改期限").fill(inDays(20));
    await page.getByLabel("整改要求").fill("立即整改");
    if (!(await page.getByRole("checkbox", { checked: true }).count())) await page.getByRole("checkbox").first().check();
    await submit.click();
    const done = page.getByText("草稿已保存");
    const taken = page.getByRole("alert").filter({ hasText: /通知书/ });
    await expect(done.or(taken)).toBeVisible();
    if (await taken.isVisible()) return;
    const drop = page.locator("details", { has: page.locator("summary", { hasText: "放弃草稿" }) });
    await drop.locator("summary").click();
    await drop.getByRole("button", { name: "放弃草稿" }).click();
    await expect(page.getByText("草稿已放弃。")).toBeVisible();
  });

  test("is handed in by the team's leader, and who is late is said", async ({ page }) => {
    await enter(page, "/#/work", "BUREAU_LEADER");
    await page.getByRole("region", { name: /待报送的通知书/ }).getByRole("link").first().click();
    const form = page.getByRole("region", { name: /报送整改通知书/ });
    const boxes = form.getByRole("checkbox");
    await expect(boxes.first()).toBeVisible();
    const before = await boxes.count();
    for (let i = 1; i < before; i++) await boxes.nth(i).uncheck();
    await accessible(page);
    await form.getByRole("button", { name: "报送" }).click();
    await expect(page.getByText("已报送。")).toBeVisible();
    await expect(page.getByRole("table", { name: "各督查组报送情况" })).toContainText("逾期报送");
    if (before > 1) await expect(boxes).toHaveCount(before - 1);
  });
});
