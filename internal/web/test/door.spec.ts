import { accessible, accountOf, expect, fillDoor, fits, signIn, test } from "./browser";

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
      await fillDoor(page, { ...accountOf("SAFETY_SECTION"), password: "not the password" });
      await expect(page.getByRole("alert")).toContainText("密码");
    });
  });

  test("closes every page of the browser when one signs out", async ({ page, context }) => {
    await signIn(page, "/", "SAFETY_SECTION");
    const other = await context.newPage();
    await other.goto("/");
    await expect(other.locator(".door")).toHaveCount(0);
    await page.evaluate(() => localStorage.removeItem("cleargrid.session"));
    await expect(other.locator(".door")).toBeVisible();
  });
});
