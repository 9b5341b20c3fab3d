import { chromium } from "@playwright/test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, fits } from "./browser";
import { accessible, api, arrivedOnce, enterAs, enterHazard, hazards, installed, longVideo, offlineNoise, photo, setClock, signInAs, test, unique, video, withClock } from "./phone";

test.use({ allowed: offlineNoise });

test("entered without a network, closed and opened again, it arrives once", async ({ page, context }) => {
  const hazard = unique("断网时发现的隐患");
  await enterAs(page, "grid1");
  await installed(page);
  await context.setOffline(true);
  await page.reload();
  await expect(page.getByRole("heading", { name: "我的网格" })).toBeVisible();
  await enterHazard(page, hazard, [photo(), photo()]);
  // Half entered, and the page is gone.
  await page.close();
  const again = await context.newPage();
  await again.goto("/capture");
  await again.getByRole("link", { name: new RegExp(hazard) }).click();
  await expect(again.getByLabel("隐患描述")).toHaveValue(hazard);
  await expect(again.locator("img.tile")).toHaveCount(2);
  await again.getByRole("button", { name: "提交隐患" }).click();
  await expect(again.getByText(/没有网络/)).toBeVisible();
  await accessible(again);
  await fits(again, "capture-offline");
  await again.close();
  const third = await context.newPage();
  await third.goto("/capture#/records");
  await expect(third.getByRole("article", { name: hazard }).getByRole("status")).toHaveText("等待上传");
  await context.setOffline(false);
  await arrivedOnce(hazard, 2);
  await expect(third.getByRole("article", { name: hazard }).getByRole("status")).toHaveText("服务器已全部收到并核验");
});

test("a phone that was switched off goes on", async ({}, info) => {
  const hazard = unique("关机前发现的隐患");
  const { baseURL, launchOptions, locale, timezoneId, viewport } = info.project.use;
  const folder = mkdtempSync(join(tmpdir(), "cleargrid-device-"));
  const on = () => chromium.launchPersistentContext(folder, { baseURL: baseURL!, ...launchOptions, locale: locale!, timezoneId: timezoneId!, viewport: viewport! });
  const before = await on();
  const page = before.pages()[0]!;
  await enterAs(page, "grid1");
  await installed(page);
  await before.setOffline(true);
  await enterHazard(page, hazard, [photo()]);
  await page.getByRole("button", { name: "提交隐患" }).click();
  await expect(page.getByRole("article", { name: hazard })).toBeVisible();
  await before.close();
  expect(await hazards(hazard)).toEqual([]);
  const after = await on();
  await after.pages()[0]!.goto("/capture");
  await arrivedOnce(hazard, 1);
  await after.close();
});

test("an upload that was cut off goes on from what the server has, also after the page was killed", async ({ page, context }) => {
  const hazard = unique("上传中断的隐患");
  await enterAs(page, "grid1");
  let chunks = 0;
  await context.route("**/uploads/*", async (route) => {
    if (route.request().method() !== "PATCH") return route.continue();
    chunks++;
    // The photo, then the first piece of the video; the second piece finds no network.
    if (chunks === 3) return route.abort("internetdisconnected");
    return route.continue();
  });
  await enterHazard(page, hazard, [], [video(20)]);
  await page.getByLabel("拍照", { exact: true }).setInputFiles(photo());
  await page.locator("img.tile").waitFor();
  await page.getByRole("button", { name: "提交隐患" }).click();
  await expect.poll(() => chunks, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
  await page.close();
  const again = await context.newPage();
  const heads: string[] = [];
  again.on("response", (r) => r.request().method() === "HEAD" && heads.push(r.headers()["upload-offset"] ?? ""));
  await again.goto("/capture#/records");
  await arrivedOnce(hazard, 2);
  expect(Math.max(...heads.map(Number))).toBeGreaterThanOrEqual(8 << 20);
});

test.describe("a session that ends", () => {
  test.use({ allowed: new RegExp(`${offlineNoise.source}|401`) });
  test("is renewed in the middle of the queue, and asked for when it can't be", async ({ page, context }) => {
    const hazard = unique("令牌失效时的隐患");
    const second = unique("会话失效时的隐患");
    await signInAs(page, "grid1");
    await installed(page);
    await context.setOffline(true);
    await enterHazard(page, hazard, [photo()]);
    await page.getByRole("button", { name: "提交隐患" }).click();
    await page.getByRole("article", { name: hazard }).waitFor();
    await page.evaluate(() => {
      const session = JSON.parse(localStorage.getItem("cleargrid.session")!);
      localStorage.setItem("cleargrid.session", JSON.stringify({ ...session, accessToken: "gone" }));
    });
    await page.reload();
    await context.setOffline(false);
    await arrivedOnce(hazard, 1);

    await context.setOffline(true);
    await enterHazard(page, second, [photo()]);
    await page.getByRole("button", { name: "提交隐患" }).click();
    await page.getByRole("article", { name: second }).waitFor();
    await page.evaluate(() => {
      const session = JSON.parse(localStorage.getItem("cleargrid.session")!);
      localStorage.setItem("cleargrid.session", JSON.stringify({ ...session, accessToken: "gone", refreshToken: "gone" }));
    });
    await page.reload();
    await context.setOffline(false);
    await expect(page.getByText(/项待上传，请用原账号登录/)).toBeVisible();
    // Somebody else's session does not send it.
    await signInAs(page, "officer1");
    await page.getByRole("link", { name: "记录" }).click();
    await expect(page.getByText(/属于其他账号/)).toBeVisible();
    expect(await hazards(second)).toEqual([]);
    await page.getByRole("button", { name: "退出" }).click();
    await signInAs(page, "grid1");
    await arrivedOnce(second, 1);
  });
});

test.describe("a session that is ended on the server", () => {
  test.use({ allowed: new RegExp(`${offlineNoise.source}|401`) });
  test("in the middle of an upload: the rest goes when the person is back", async ({ page, context }) => {
    const hazard = unique("上传中会话结束");
    await signInAs(page, "grid1");
    await enterHazard(page, hazard, [photo()]);
    await page.getByLabel("从相册选视频").setInputFiles(longVideo(48));
    await expect(page.locator(".thumbs li")).toHaveCount(2);
    const network = await context.newCDPSession(page);
    await network.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 6e6 });
    await page.getByRole("button", { name: "提交隐患" }).click();
    await expect(page.getByText(/服务器已收到 (8|16) MB/)).toBeVisible({ timeout: 30_000 });
    await page.evaluate(async () => {
      const { accessToken } = JSON.parse(localStorage.getItem("cleargrid.session")!) as { accessToken: string };
      await fetch("/graphql", { method: "POST", headers: { "Content-Type": "application/json", Authorization: `Bearer ${accessToken}` }, body: JSON.stringify({ query: "mutation { signOut { signedOut } }" }) });
    });
    await expect(page.getByText(/项待上传，请用原账号登录/)).toBeVisible({ timeout: 30_000 });
    expect((await hazards(hazard))[0]!.evidence.map((e) => e.status)).toContain("ANNOUNCED");
    await network.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
    const offsets: number[] = [];
    page.on("request", (r) => r.method() === "PATCH" && offsets.push(Number(r.headers()["upload-offset"])));
    await signInAs(page, "grid1");
    await arrivedOnce(hazard, 2);
    expect(offsets[0]).toBeGreaterThanOrEqual(8 << 20);
  });
});

test("two phones at once: the later one learns of it, changes its mind, and the rest goes on", async ({ page, context }) => {
  const hazard = unique("两人同时整改的隐患");
  await enterAs(page, "officer1");
  await enterHazard(page, hazard, [photo()]);
  await page.getByRole("button", { name: "提交隐患" }).click();
  await arrivedOnce(hazard, 1);
  await page.getByRole("link", { name: "整改" }).click();
  await page.getByRole("article").filter({ hasText: hazard }).getByRole("button", { name: "整改" }).click();
  await context.setOffline(true);
  await page.getByLabel("整改措施").fill("我整改的");
  await page.getByLabel("拍照", { exact: true }).setInputFiles(photo());
  await page.locator("img.tile").waitFor();
  const { id } = (await hazards(hazard))[0]!;
  await api("officer1", "mutation($i: MarkRectifiedInput!) { markRectified(input: $i) { hazard { id } } }", { i: { commandId: `command_${crypto.randomUUID()}`, hazardId: id, measuresTaken: "另一台手机整改的", evidenceIds: [`evidence_${crypto.randomUUID()}`] } });
  await page.getByRole("button", { name: "整改完成" }).click();
  await context.setOffline(false);
  const record = page.getByRole("article", { name: hazard }).filter({ hasText: "整改 ·" });
  await expect(record.getByRole("alert")).toContainText("服务器没有接受");
  await expect(record.getByText(/CONFLICT|INVALID_TRANSITION/)).toBeVisible();
  await accessible(page);
  await fits(page, "capture-conflict");
  await record.getByRole("button", { name: "修改后重发" }).click();
  await expect(page.getByLabel("整改措施")).toHaveValue("我整改的");
  page.on("dialog", (d) => void d.accept());
  await page.getByRole("button", { name: "放弃填写" }).click();
  await expect(page.getByRole("heading", { name: "待我整改" })).toBeVisible();
});

test("no position and no camera: the work goes on", async ({ page, context }) => {
  const hazard = unique("没有定位的隐患");
  await context.clearPermissions();
  await enterAs(page, "grid1");
  await enterHazard(page, hazard, []);
  await expect(page.getByText("没有定位权限")).toBeVisible();
  await page.getByLabel("拍照", { exact: true }).dispatchEvent("cancel");
  await expect(page.getByText("请改用“从相册选”")).toBeVisible();
  await page.getByLabel("从相册选照片").setInputFiles(photo());
  await page.locator("img.tile").waitFor();
  await page.getByRole("button", { name: "提交隐患" }).click();
  await arrivedOnce(hazard, 1);
});

for (const [way, years, text] of [["ahead", 2, "快"], ["behind", -2, "慢"]] as const) {
  test(`a clock two years ${way} is said, and the server's counts`, async ({ page }) => {
    const hazard = unique("时钟不准时的隐患");
    const off = years * 365 * 86_400_000;
    await withClock(page);
    await page.goto("/capture");
    await setClock(page, off);
    await signInAs(page, "grid1");
    await expect(page.getByText(`本机时间比服务器${text} 730 天`)).toBeVisible();
    await enterHazard(page, hazard, [photo(Date.now() + off)]);
    await page.getByRole("button", { name: "提交隐患" }).click();
    await arrivedOnce(hazard, 1);
    // The server marks it, soon after it is verified, and accepts it: it is no reason to refuse what was seen.
    await expect.poll(async () => (await hazards(hazard))[0]!.evidence[0]!.trustReasons.map((r) => r.code)).toContain("DEVICE_CLOCK_OFF");
    const [found] = await hazards(hazard);
    expect(Math.abs(Date.parse(found!.discoveredAt) - Date.now())).toBeLessThan(120_000);
    const [file] = found!.evidence;
    expect(file!.source).toBe("CAMERA");
    expect(Math.abs(file!.clockOffsetMs + off)).toBeLessThan(120_000);
    expect(file!.queuedMs!).toBeLessThan(120_000);
  });
}

test("how long things waited for a network is shown, and held against nobody", async ({ page, context }) => {
  const hazard = unique("三小时没有网络");
  await withClock(page);
  await signInAs(page, "grid1");
  await installed(page);
  await context.setOffline(true);
  await enterHazard(page, hazard, [photo(Date.now())]);
  await page.getByRole("button", { name: "提交隐患" }).click();
  await page.getByRole("article", { name: hazard }).waitFor();
  // Three hours later, as the phone counts them.
  await setClock(page, 3 * 3_600_000);
  await page.reload();
  const record = page.getByRole("article", { name: hazard });
  await expect(record.getByText(/已等待 3小时/)).toBeVisible();
  await context.setOffline(false);
  await arrivedOnce(hazard, 1);
  // For the report by the phone's word, for the photo by the server's.
  await expect(record.getByText(/在手机上等待了 3小时.*不计入考核/)).toHaveCount(2);
  expect((await hazards(hazard))[0]!.evidence[0]!.queuedMs).toBeGreaterThan(10_500_000);
  await accessible(page);
});

test("slow 2G: the page says what it does, and everything arrives", async ({ page, context }) => {
  const hazard = unique("慢网时的隐患");
  await enterAs(page, "grid1");
  const session = await context.newCDPSession(page);
  await session.send("Network.emulateNetworkConditions", { offline: false, latency: 2000, downloadThroughput: 6_250, uploadThroughput: 6_250 });
  await enterHazard(page, hazard, [photo()]);
  await page.getByRole("button", { name: "提交隐患" }).click();
  await expect(page.getByRole("article", { name: hazard }).getByRole("status")).toHaveText("等待上传");
  await arrivedOnce(hazard, 1);
});

test("signing out with unsent work warns, and the work stays", async ({ page, context }) => {
  const hazard = unique("退出时未传的隐患");
  await signInAs(page, "grid1");
  await context.setOffline(true);
  await enterHazard(page, hazard, [photo()]);
  await page.getByRole("button", { name: "提交隐患" }).click();
  let asked = "";
  page.once("dialog", (d) => {
    asked = d.message();
    void d.dismiss();
  });
  await page.getByRole("button", { name: "退出" }).click();
  expect(asked).toContain("没有传到服务器");
  await expect(page.getByRole("article", { name: hazard })).toBeVisible();
  page.once("dialog", (d) => void d.accept());
  await page.getByRole("button", { name: "退出" }).click();
  await expect(page.locator(".door")).toBeVisible();
  await context.setOffline(false);
  await signInAs(page, "grid1");
  await arrivedOnce(hazard, 1);
});
