import { accessible, accountOf, enter, expect, fits, test } from "./browser";

test.describe("the door", () => {
  for (const path of ["/", "/capture", "/playground"]) {
    test(`stands before ${path} and fits`, async ({ page }) => {
      await page.goto(path);
      await expect(page.locator(".door h1")).toBeVisible();
      await accessible(page);
      await fits(page, `door${path.replace("/", "-")}`);
    });
  }

  test.describe("a wrong password", () => {
    test.use({ allowed: /401/ });
    test("is said in the reader's language", async ({ page }) => {
      await page.goto("/");
      await page.locator("input[name=account]").fill(accountOf("SAFETY_SECTION").account);
      await page.locator("input[name=password]").fill("not the password");
      await page.locator(".door button.primary").click();
      await expect(page.getByRole("alert")).toContainText("密码");
    });
  });

  test("closes every page of the browser when one signs out", async ({ page, context }) => {
    await enter(page, "/", "SAFETY_SECTION");
    const other = await context.newPage();
    await other.goto("/");
    await expect(other.locator(".door")).toHaveCount(0);
    await page.evaluate(() => localStorage.removeItem("cleargrid.session"));
    await expect(other.locator(".door")).toBeVisible();
  });
});
