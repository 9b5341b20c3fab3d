import { createHash } from "node:crypto";
import type { Page } from "@playwright/test";
import { accountOf, enter, expect, fits, signIn, test } from "./browser";
import { newID, photo, place, reported } from "./work-setup";

/** Put an operation and its variables into GraphiQL's editors, as a paste does. */
async function put(page: Page, name: string, query: string, variables: object): Promise<void> {
  for (const [editor, text] of [["Query Editor", query], ["Variables", JSON.stringify(variables)]] as const) {
    await page.getByLabel(editor).locator(".CodeMirror").evaluate((element, value) => (element as unknown as { CodeMirror: { setValue(v: string): void } }).CodeMirror.setValue(value), text);
  }
  await expect(page.getByRole("tab", { name })).toBeVisible();
  await expect(execute(page)).not.toHaveAttribute("aria-haspopup");
}

// GraphiQL reads a text a moment after it was put there; of several operations it asks which one to run.
const execute = (page: Page) => page.getByRole("button", { name: /Execute query/ });
const result = (page: Page) => page.locator(".result-window");

test.describe("the playground", () => {
  test("runs an example, shows the schema and keeps the history", async ({ page }) => {
    await enter(page, "/playground", "PLATFORM_ADMIN");
    const editor = page.locator(".graphiql-query-editor .CodeMirror");
    await expect(editor).toContainText("viewer");
    await expect(execute(page)).toHaveAttribute("aria-haspopup");
    await execute(page).click();
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
    // Who administers the platform has no school to send a photo of: the page takes the
    // school's officer for one who also administers, the server does not.
    await page.route("/graphql", async (route) => {
      const answer = await route.fetch();
      const body = await answer.text();
      await route.fulfill({ response: answer, body: body.replace('"SCHOOL_SAFETY_OFFICER"', '"PLATFORM_ADMIN"') });
    });
    await enter(page, "/playground", "SCHOOL_SAFETY_OFFICER");
    const { schoolId } = await place();
    await page.getByRole("button", { name: "Show 文件" }).click();
    const file = photo("hydrant.png");
    await page.getByLabel("选择文件").setInputFiles(file);
    await put(page, "Photo", "mutation Photo($input: AnnounceEvidenceInput!, $file: Upload!) { uploadEvidence(input: $input, file: $file) { evidence { status } } }", { input: {
      id: newID("evidence"), schoolId, kind: "PHOTO", stage: "BEFORE", source: "GALLERY", fileName: file.name, mediaType: file.mimeType,
      size: file.buffer.length, sha256: createHash("sha256").update(file.buffer).digest("hex"),
    } });
    const sent = page.waitForRequest((r) => r.headers()["content-type"]?.startsWith("multipart/form-data") ?? false);
    await execute(page).click();
    expect((await sent).headers()["graphql-require-preflight"]).toBe("1");
    await expect(result(page)).toContainText(/"status": "(RECEIVED|VERIFIED)"/);
  });

  test("follows a subscription until it is stopped", async ({ page }) => {
    await enter(page, "/playground", "PLATFORM_ADMIN");
    const { campaignId } = await place();
    await put(page, "Follow", "subscription Follow($campaign: ID!) { dashboardChanged(campaignId: $campaign) { dashboard { total { found } } } }", { campaign: campaignId });
    await execute(page).click();
    await expect(result(page)).toContainText(/"found": \d+/);
    const found = async () => Number(/"found": (\d+)/.exec((await result(page).textContent())!.replaceAll("\u00a0", " "))![1]);
    const before = await found();
    await reported("操场围栏松动");
    await expect.poll(found).toBeGreaterThan(before);
    await page.getByRole("button", { name: "Stop query" }).click();
    await expect(page.getByRole("button", { name: /Execute query/ })).toBeVisible();
  });

  test("sends everybody else away", async ({ page }) => {
    await signIn(page, "/playground", "SAFETY_SECTION");
    await expect(page.getByRole("alert")).toContainText("平台管理员");
    await expect(page.locator(".graphiql-container")).toHaveCount(0);
    await page.getByRole("button", { name: "退出登录" }).click();
    await expect(page.locator(".door input[name=account]")).toBeVisible();
  });

  test("keeps the account's password out of the browser's storage", async ({ page }) => {
    await signIn(page, "/playground", "PLATFORM_ADMIN");
    await expect(page.locator(".graphiql-query-editor")).toBeVisible();
    const kept = await page.evaluate(() => JSON.stringify(localStorage));
    expect(kept).not.toContain(accountOf("PLATFORM_ADMIN").password);
  });
});
