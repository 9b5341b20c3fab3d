import { expect, fits } from "./browser";
import { accessible, api, arrivedOnce, enterAs, enterHazard, hazards, photo, test, unique, video } from "./phone";

interface Reports {
  reports: { edges: { node: { status: string; proven: boolean; findings: { result: string; note: string | null; evidence: { status: string; source: string; position: object | null }[] }[] } }[] };
}

test("a grid is inspected in two taps an item, and proven on the server", async ({ page }) => {
  const note = unique("<b>灭火器</b> 齐全");
  await enterAs(page, "grid1");
  await accessible(page);
  await fits(page, "capture-home");
  await page.getByRole("link", { name: /校门与门卫室/ }).click();
  const item = page.getByRole("listitem").filter({ hasText: "门卫管理" });
  const chooser = page.waitForEvent("filechooser");
  await item.getByRole("button", { name: "符合", exact: true }).click();
  await (await chooser).setFiles(photo());
  await expect(item.getByText("已记录")).toBeVisible();
  await item.getByLabel("说明").fill(note);
  await accessible(page);
  await fits(page, "capture-inspection");
  page.on("dialog", (d) => void d.accept());
  await page.getByRole("button", { name: /提交检查报告/ }).click();
  const record = page.getByRole("article", { name: "校门与门卫室" });
  await expect(record.getByRole("status")).toHaveText("服务器已全部收到并核验");
  await accessible(page);
  await fits(page, "capture-records");
  const { reports } = await api<Reports>("grid1", "{ reports(first: 50) { edges { node { status proven findings { result note evidence { status source position { latitude } } } } } } }");
  const mine = reports.edges.map((e) => e.node).filter((r) => r.findings.some((f) => f.note === note));
  expect(mine).toMatchObject([{ status: "SUBMITTED", proven: true, findings: [{ result: "COMPLIANT", evidence: [{ status: "VERIFIED", source: "CAMERA", position: { latitude: 39.088975 } }] }] }]);
});

test("a hazard is reported with a photo and a video, small things first", async ({ page }) => {
  const hazard = unique("<img src=x onerror=alert(1)> 灭火器过期");
  await enterAs(page, "grid1");
  const order: string[] = [];
  page.on("request", (r) => {
    const sent = (r.url().endsWith("/graphql") ? r.postDataJSON() : {}) as { variables?: { commands?: Record<string, unknown>[] } };
    if (sent.variables?.commands?.some((c) => c.reportHazard)) order.push("hazard");
    if (r.method() === "PATCH") order.push(Number(r.headers()["content-length"] ?? 0) > 1e6 ? "video" : "photo");
  });
  await enterHazard(page, hazard, [photo()], [video(3)]);
  await accessible(page);
  await fits(page, "capture-hazard");
  await page.getByRole("button", { name: "提交隐患" }).click();
  await arrivedOnce(hazard, 2);
  expect(order[0]).toBe("hazard");
  await expect(page.getByRole("article", { name: /onerror/ }).getByText("已核验")).toHaveCount(2);
});

test("what is missing is said, and nothing is sent", async ({ page }) => {
  await enterAs(page, "grid1");
  await page.getByRole("link", { name: "报隐患" }).click();
  await page.getByRole("button", { name: "提交隐患" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "请补全" })).toContainText("隐患类别");
  await expect(page.getByRole("link", { name: "记录", exact: true })).toBeVisible();
});

test("a file that is no evidence is refused at once", async ({ page }) => {
  await enterAs(page, "grid1");
  await page.getByRole("link", { name: "报隐患" }).click();
  await page.getByLabel("拍照", { exact: true }).setInputFiles({ name: "a.gif", mimeType: "image/gif", buffer: Buffer.from("GIF89a") });
  await expect(page.getByRole("alert").filter({ hasText: "不支持" })).toBeVisible();
  await page.getByLabel("拍照", { exact: true }).setInputFiles({ name: "empty.jpg", mimeType: "image/jpeg", buffer: Buffer.alloc(0) });
  await expect(page.getByRole("alert").filter({ hasText: "空的" })).toBeVisible();
  await page.evaluate(() => {
    Object.defineProperty(File.prototype, "size", { get: () => 60 << 20 });
  });
  await page.getByLabel("拍照", { exact: true }).setInputFiles({ name: "large.jpg", mimeType: "image/jpeg", buffer: Buffer.from("x") });
  await expect(page.getByRole("alert").filter({ hasText: "超过上限 50 MB" })).toBeVisible();
});

test("a hazard is rectified with a photo of afterwards", async ({ page }) => {
  const hazard = unique("楼道堆放杂物");
  await enterAs(page, "officer1");
  await enterHazard(page, hazard, [photo()]);
  await page.getByRole("button", { name: "提交隐患" }).click();
  await arrivedOnce(hazard, 1);
  await page.getByRole("link", { name: "整改" }).click();
  await page.getByRole("article").filter({ hasText: hazard }).getByRole("button", { name: "整改" }).click();
  await page.getByLabel("整改措施").fill("已清理");
  await page.getByLabel("拍照", { exact: true }).setInputFiles(photo());
  await page.locator("img.tile").waitFor();
  await accessible(page);
  await fits(page, "capture-rectify");
  await page.getByRole("button", { name: "整改完成" }).click();
  await expect.poll(async () => (await hazards(hazard))[0]?.status).toBe("RECTIFIED");
});
