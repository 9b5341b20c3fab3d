import { accessible, enter, expect, fits, test } from "./browser";
import { inDays } from "./work-setup";

test.describe("the grids of a school", () => {
  test.use({ allowed: /4\d\d|409/ });
  test("are made, assigned once for a time, handed over and shown for another day", async ({ page }) => {
    const code = `T${Date.now() % 100_000_000}`;
    await enter(page, "/#/work/grids", "SCHOOL_SAFETY_OFFICER");
    await page.locator("summary", { hasText: "划分网格" }).click();
    const list = page.getByRole("region", { name: "按清单划分" });
    await list.getByLabel("每行一个").fill(`${code} 新实验室\n${code}b 准备室`);
    await list.getByLabel("类型").selectOption("LABORATORY");
    await list.getByRole("button", { name: "建立网格" }).click();
    await expect(page.getByText("网格已建立。")).toBeVisible();

    await page.goto("/#/work");
    await page.getByRole("region", { name: /无人负责的网格/ }).getByRole("link", { name: "新实验室" }).last().click();
    const panel = page.getByRole("region", { name: "新实验室" });
    await expect(panel).toContainText("这一天无人负责。");
    const person = panel.getByLabel("人员");
    const assign = panel.getByRole("button", { name: "指定责任人" });
    await person.selectOption({ index: 1 });
    await panel.getByLabel("角色").selectOption("MEMBER");
    await assign.click();
    await expect(page.getByText("已指定。")).toBeVisible();

    await person.selectOption({ index: 1 });
    await panel.getByLabel("角色").selectOption("MEMBER");
    await assign.click();
    await expect(person).toHaveAttribute("aria-invalid", "true");
    await expect(person).toBeFocused();
    await expect(person).toHaveAccessibleDescription(/.+/);
    await accessible(page);
    await fits(page, "work-grids");

    const end = panel.locator("details", { has: page.locator("summary", { hasText: "结束或交接" }) });
    await end.locator("summary").click();
    await end.getByLabel("最后一日").fill(inDays(3));
    await end.getByLabel("原因").fill("调岗");
    await end.getByLabel("交接给").selectOption({ index: 1 });
    await end.getByRole("button", { name: "结束任职" }).click();
    await expect(page.getByText("已结束。")).toBeVisible();
    const now = await panel.locator(".card li").first().innerText();
    await page.getByLabel("某日责任人").fill(inDays(5));
    await expect(panel.locator(".card li").first()).not.toHaveText(now);
  });
});
