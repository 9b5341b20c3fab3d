import { accessible, enter, expect, fits, test } from "./browser";
import { planned } from "./work-setup";

test.describe("what waits", () => {
  for (const scheme of ["light", "dark"] as const) {
    test(`is shown to the section by kind, the oldest first, in ${scheme}`, async ({ page }) => {
      await planned("待办里的方案 <b>粗</b>");
      await page.emulateMedia({ colorScheme: scheme });
      await enter(page, "/#/work", "SAFETY_SECTION");
      const plans = page.getByRole("region", { name: /待审批的整改方案/ });
      await expect(plans.getByRole("link", { name: "待办里的方案 <b>粗</b>" }).first()).toBeVisible();
      await expect(page.getByRole("region", { name: /待研判的追责线索/ })).toBeVisible();
      await expect(page.getByText(/共 .* 件等您办理/)).toBeVisible();
      await accessible(page);
      await fits(page, `work-inbox-${scheme}`);
    });
  }

  test("is the school's own for its officer", async ({ page }) => {
    await enter(page, "/#/work", "SCHOOL_SAFETY_OFFICER");
    await expect(page.getByRole("heading", { name: "待办" })).toBeVisible();
    await expect(page.getByRole("region", { name: /待研判/ })).toHaveCount(0);
    await accessible(page);
    await fits(page, "work-inbox-school");
  });

  test("is read in English too", async ({ page }) => {
    await page.addInitScript(() => localStorage.setItem("cleargrid.language", "en"));
    await enter(page, "/#/work", "SAFETY_SECTION");
    await expect(page.getByRole("heading", { name: "What waits for you" })).toBeVisible();
    await expect(page.getByRole("region", { name: /Cases to decide/ })).toBeVisible();
  });
});

test.describe("a case", () => {
  test("is decided by a reason, with the frozen facts beside it", async ({ page }) => {
    await enter(page, "/#/work", "BUREAU_LEADER");
    await page.getByRole("region", { name: /待研判的追责线索/ }).getByRole("link").first().click();
    await page.getByText("提出时固定的事实").click();
    await expect(page.locator("pre")).toContainText("reasons");
    await page.getByRole("textbox", { name: "理由" }).fill("事实清楚 <i>斜</i>");
    await accessible(page);
    await fits(page, "work-case");
    await page.getByRole("button", { name: "不予追责" }).click();
    await expect(page.getByText("研判结果已记录。")).toBeVisible();
    await expect(page.getByRole("list", { name: "研判与申诉" })).toContainText("事实清楚 <i>斜</i>");
    await expect(page.getByRole("textbox", { name: "理由" })).toHaveCount(0);
  });

  test("out of sight is said not to be there", async ({ page }) => {
    await enter(page, "/#/work/case/accountability_case_0178a2c3-2000-7395-b375-1b8b12ca4988", "SAFETY_SECTION");
    await expect(page.getByText(/找不到该记录/)).toBeVisible();
  });
});
