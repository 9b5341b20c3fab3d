// Large files, and a phone that is full: nothing is held in memory as a whole, nothing
// is lost, and what can't be is said.
import { readFileSync } from "node:fs";
import type { Browser, Page } from "@playwright/test";
import { expect } from "./browser";
import { arrivedOnce, enterAs, enterHazard, hazards, hollow, installed, longVideo, offlineNoise, photo, test, unique, video } from "./phone";

test.use({ allowed: offlineNoise });

const MB = 2 ** 20;

/** The most memory that any process of the browser's pages has had since it began, in MB. */
async function peak(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const peaks = processInfo.filter((p) => p.type === "renderer").map((p) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${p.id}/status`, "utf8"))?.[1]) / 1024);
  return Math.max(...peaks);
}

const chooseVideo = (page: Page, file: string) => page.getByLabel("从相册选视频").setInputFiles(file);

test("a video of 400 MB goes in parts, goes on after the page was killed, and arrives once", { tag: "@long" }, async ({ page, context, browser }) => {
  test.setTimeout(240_000);
  const hazard = unique("很长的视频");
  const file = longVideo(400);
  await enterAs(page, "grid1");
  await enterHazard(page, hazard, [photo()]);
  await chooseVideo(page, file);
  await expect(page.getByText("视频 400 MB")).toBeVisible({ timeout: 60_000 });
  const sent: number[] = [];
  context.on("request", (r) => r.method() === "PATCH" && sent.push(Number(r.headers()["upload-offset"])));
  await page.getByRole("button", { name: "提交隐患" }).click();
  const record = page.getByRole("article", { name: hazard });
  await expect(record.getByText(/正在计算校验值/)).toBeVisible();
  await expect(record.getByText(/服务器已收到 .* \/ 400 MB/)).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => Math.max(...sent), { timeout: 60_000 }).toBeGreaterThan(32 * MB);
  const before = await peak(browser!);
  await page.close();
  const killedAt = Math.max(...sent);
  sent.length = 0;
  const again = await context.newPage();
  await again.goto("/capture#/records");
  await arrivedOnce(hazard, 2, 120_000);
  // What the server had did not go again, and the rest went in order, each part once.
  expect(sent[0]).toBeGreaterThanOrEqual(killedAt);
  expect(sent).toEqual([...new Set(sent)].sort((a, b) => a - b));
  expect((await hazards(hazard))[0]!.evidence.map((e) => e.size)).toContain(400 * MB);
  // Far below the file's own size, whatever the browser needs for itself.
  expect(Math.max(before, await peak(browser!))).toBeLessThan(350);
});

test("a video above the server's limit is refused on the phone, unread", async ({ page, browser }) => {
  const hazard = unique("过大的视频");
  await enterAs(page, "grid1");
  await enterHazard(page, hazard, [photo()]);
  const usage = () => page.evaluate(async () => (await navigator.storage.estimate()).usage!);
  const before = await usage();
  await chooseVideo(page, hollow("mp4", 2050));
  await expect(page.getByRole("alert").filter({ hasText: "超过上限 2 GB" })).toBeVisible();
  expect(await usage()).toBeLessThan(before + MB);
  expect(await peak(browser!)).toBeLessThan(350);
  // The rest of the report is not held up by it.
  await page.getByRole("button", { name: "提交隐患" }).click();
  await arrivedOnce(hazard, 1);
});

test("a limit that the phone did not know comes from the server, with a way on", async ({ page }) => {
  const hazard = unique("上限变小了");
  // The policy has changed since the phone last heard of it: it knows 100 MB, the server says 50.
  await page.route("**/graphql", async (route) => {
    if (!(route.request().postData() ?? "").includes("CaptureStart")) return route.continue();
    const answer = await route.fetch();
    const body = (await answer.json()) as { data: { campaigns: { policy: { maxBytes: { kind: string; bytes: number }[] } }[] } };
    for (const m of body.data.campaigns.flatMap((c) => c.policy.maxBytes)) if (m.kind === "PHOTO") m.bytes = 100 * MB;
    await route.fulfill({ response: answer, json: body });
  });
  await enterAs(page, "grid1");
  await enterHazard(page, hazard, []);
  await page.getByLabel("从相册选照片").setInputFiles(hollow("jpg", 60));
  await page.locator(".thumbs li").first().waitFor();
  await page.getByRole("button", { name: "提交隐患" }).click();
  const record = page.getByRole("article", { name: hazard });
  await expect(record.getByText(/上传被拒：.*52428800/)).toBeVisible({ timeout: 30_000 });
  await record.getByLabel("重拍补交").setInputFiles(photo());
  await expect.poll(async () => (await hazards(hazard)).flatMap((h) => h.evidence.map((e) => e.status)), { timeout: 45_000 }).toEqual(["VERIFIED"]);
});

test("the phone's storage is full: it is said, the text is kept all the same and is sent", async ({ page, context }) => {
  const hazard = unique("存储已满时的隐患");
  await enterAs(page, "grid1");
  await installed(page);
  await context.setOffline(true);
  await enterHazard(page, hazard, [photo()]);
  // No browser lets a test fill its disk: nothing can be written any more but in the
  // room that something leaves.
  await page.evaluate(() => {
    let room = false;
    const { put, delete: remove } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...given: [unknown, IDBValidKey?]) {
      if (this.name === "blobs" || !room) throw new DOMException("full", "QuotaExceededError");
      return put.apply(this, given);
    };
    IDBObjectStore.prototype.delete = function (key) {
      if (this.name === "blobs") room = true;
      return remove.call(this, key);
    };
  });
  await page.getByLabel("从相册选视频").setInputFiles(video(1));
  await expect(page.getByRole("alert").filter({ hasText: "存储空间不足" })).toBeVisible();
  await expect(page.locator(".thumbs li")).toHaveCount(1);
  await page.getByLabel("具体地点").fill("二楼");
  await page.getByRole("button", { name: "提交隐患" }).click();
  await expect(page.getByRole("article", { name: hazard })).toBeVisible();
  await context.setOffline(false);
  await arrivedOnce(hazard, 1);
});

test("a phone that is full keeps what was there before", async ({ page }) => {
  const hazard = unique("存储已满时的填写");
  await enterAs(page, "grid1");
  await page.getByRole("link", { name: "报隐患" }).click();
  await page.getByLabel("隐患描述").fill(hazard);
  await page.evaluate(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await page.getByLabel("具体地点").fill("二楼");
  await expect(page.getByText("最后的填写没有存下")).toBeVisible();
  await page.reload();
  await page.goto("/capture#/");
  await page.getByRole("link", { name: new RegExp(hazard) }).click();
  await expect(page.getByLabel("隐患描述")).toHaveValue(hazard);
  await expect(page.getByLabel("具体地点")).toHaveValue("");
});
