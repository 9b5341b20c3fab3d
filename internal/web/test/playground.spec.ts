import { accountOf, enter, expect, fits, test } from "./browser";

test.describe("the playground", () => {
  test("runs an example, shows the schema and keeps the history", async ({ page }) => {
    await enter(page, "/playground", "PLATFORM_ADMIN");
    const editor = page.locator(".graphiql-query-editor .CodeMirror");
    await expect(editor).toContainText("viewer");
    await page.getByRole("button", { name: /Execute query/ }).click();
    await page.getByRole("menuitem", { name: "Me" }).click();
    await expect(page.locator(".result-window")).toContainText("PLATFORM_ADMIN");

    await page.getByRole("button", { name: "Show GraphiQL Explorer" }).click();
    await expect(page.locator(".docExplorerWrap, .graphiql-explorer-root").first()).toContainText("hazards");

    await page.getByRole("button", { name: "Show 示例" }).click();
    await page.getByRole("button", { name: "法规安全科" }).click();
    await expect(editor).toContainText("samplingProof");

    await page.getByRole("button", { name: "Show History" }).click();
    await expect(page.locator(".graphiql-history")).toContainText("Me");
    await fits(page, "playground");
  });

  test("sends a file with an operation that has one", async ({ page }) => {
    await enter(page, "/playground", "PLATFORM_ADMIN");
    await page.getByRole("button", { name: "Show 文件" }).click();
    await page.getByLabel("选择文件").setInputFiles({ name: "photo.jpg", mimeType: "image/jpeg", buffer: Buffer.from("not a photo") });
    await page.getByRole("button", { name: "Show 示例" }).click();
    await page.getByRole("button", { name: "网格员" }).click();
    const sent = page.waitForRequest((r) => r.headers()["content-type"]?.startsWith("multipart/form-data") ?? false);
    await page.getByRole("button", { name: /Execute query/ }).click();
    await page.getByRole("menuitem", { name: "Photo" }).click();
    expect((await sent).headers()["graphql-require-preflight"]).toBe("1");
    // An administrator has no school: the command itself is refused, by its input.
    await expect(page.locator(".result-window")).toContainText("errors");
  });

  test("sends everybody else away", async ({ page }) => {
    await enter(page, "/playground", "SAFETY_SECTION");
    await expect(page.getByRole("alert")).toContainText("平台管理员");
    await expect(page.locator(".graphiql-container")).toHaveCount(0);
    await page.getByRole("button", { name: "退出登录" }).click();
    await expect(page.locator(".door input[name=account]")).toBeVisible();
  });

  test("keeps the account's password out of the browser's storage", async ({ page }) => {
    await enter(page, "/playground", "PLATFORM_ADMIN");
    await expect(page.locator(".graphiql-query-editor")).toBeVisible();
    const kept = await page.evaluate(() => JSON.stringify(localStorage));
    expect(kept).not.toContain(accountOf("PLATFORM_ADMIN").password);
  });
});
