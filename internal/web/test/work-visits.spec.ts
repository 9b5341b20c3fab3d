import { accessible, enter, expect, fits, test } from "./browser";
import { running } from "./work-setup";

test.describe("the visits of the month that is over", () => {
  test.use({ allowed: /4\d\d/ });
  test("are shown with their seed and proof; no more are drawn", async ({ page }) => {
    await enter(page, "/#/work/visits", "SAFETY_SECTION");
    await expect(page.getByRole("region", { name: "抽签记录" })).toContainText("公开抽签");
    await expect(page.getByRole("table", { name: "督查学校" })).toContainText("已督查");
    await expect(page.getByRole("table", { name: "各乡镇是否达到抽查要求" })).toContainText("未达到");
    await expect(page.getByRole("table", { name: "督查组与分包单位" })).toBeVisible();
    await page.locator("summary", { hasText: "抽签" }).first().click();
    await page.getByLabel("种子").fill("20260101");
    await page.getByRole("button", { name: "抽取学校" }).click();
    await expect(page.getByRole("alert").filter({ hasText: /结束/ })).toBeVisible();
    await accessible(page);
    await fits(page, "work-visits");
  });
});

test.describe("the visits of a campaign that is running", () => {
  test("are drawn with a seed and confirmed", async ({ browser }) => {
    test.setTimeout(180_000);
    const county = await running();
    try {
      const section = county.accounts.find((a) => a.role === "SAFETY_SECTION")!;
      const context = await browser.newContext({ baseURL: county.url });
      const page = await context.newPage();
      await page.goto("/#/work/visits");
      await page.locator("input[name=account]").fill(section.account);
      await page.locator("input[name=password]").fill(section.password);
      await page.locator(".door button.primary").click();
      await expect(page.getByText("还没有抽签。")).toBeVisible();
      await page.locator("summary", { hasText: "抽签" }).first().click();
      await page.getByLabel("种子").fill("开奖号码 0612");
      await page.getByRole("button", { name: "抽取学校" }).click();
      await expect(page.getByText("已抽取，等待确认。")).toBeVisible();
      await expect(page.getByRole("region", { name: "抽签记录" })).toContainText("开奖号码 0612");
      await expect(page.getByRole("table", { name: "督查学校" })).toContainText("抽签决定");
      await page.getByRole("button", { name: "确认安排" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "确认安排" }).click();
      await expect(page.getByText("安排已确认")).toBeVisible();
      await expect(page.getByRole("table", { name: "督查学校" })).not.toContainText("待确认");

      const exemption = page.getByRole("table", { name: "各乡镇是否达到抽查要求" }).locator("details").first();
      await exemption.locator("summary").click();
      await exemption.getByLabel("依据").fill("乡镇无此类学校");
      await exemption.getByRole("button", { name: "确认豁免" }).click();
      await expect(page.getByText("豁免已确认。")).toBeVisible();
      await context.close();
    } finally {
      county.stop();
    }
  });
});
