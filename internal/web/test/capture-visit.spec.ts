// A team's visit to a school on a phone: check-in, the site, grid by grid, and hazards.
import type { Locator, Page } from "@playwright/test";
import { expect, fits, readableInTheDark } from "./browser";
import { accessible, api, enterAs, installed, offlineNoise, photo, test, unique, video } from "./phone";

const school = "清河镇中心小学";

async function begin(page: Page): Promise<void> {
  await page.getByRole("link", { name: "开始一次督查" }).click();
  await page.getByLabel("查找学校").fill(school);
  await page.getByRole("button", { name: `签到并开始：${school}` }).click();
  await expect(page.getByRole("heading", { name: "按网格检查" })).toBeVisible();
}

const place = (page: Page, name: string) => page.getByRole("link").filter({ hasText: name });
const back = (page: Page) => page.getByRole("link", { name: "返回本次督查" }).click();

async function record(page: Page, text: string, result: string): Promise<Locator> {
  const item = page.getByRole("listitem").filter({ hasText: text });
  const chooser = page.waitForEvent("filechooser");
  await item.getByRole("button", { name: result, exact: true }).click();
  await (await chooser).setFiles(photo());
  await expect(item.getByText("已记录")).toBeVisible();
  return item;
}

interface Reports {
  reports: { edges: { node: {
    status: string; checkIn: { latitude: number } | null; startedAt: string; submittedAt: string | null;
    evidence: { kind: string; stage: string; status: string }[];
    findings: { result: string; note: string | null; grid: { name: string } | null; item: { number: number }; evidence: { status: string }[] }[];
  } }[] };
  hazards: { edges: { node: { source: string; grid: { name: string } | null; finding: { item: { number: number } } | null; evidence: { kind: string; status: string }[] } }[] };
}

/** What the server has of the visit with a note, and of the hazard with that description. */
async function arrived(note: string) {
  const { reports, hazards } = await api<Reports>("inspector1", `query($search: String!) {
    reports(first: 50, filter: { kind: SUPERVISION }) { edges { node { status checkIn { latitude } startedAt submittedAt evidence { kind stage status } findings { result note grid { name } item { number } evidence { status } } } } }
    hazards(first: 5, filter: { search: $search }) { edges { node { source grid { name } finding { item { number } } evidence { kind status } } } }
  }`, { search: note.split(" ").pop() });
  return { report: reports.edges.map((e) => e.node).find((r) => r.findings.some((f) => f.note === note)), hazards: hazards.edges.map((e) => e.node) };
}

const verified = (kind: string) => ({ kind, status: "VERIFIED" });

test("an inspector visits a school: no start without a position", async ({ page, context }) => {
  await enterAs(page, "inspector1");
  await page.getByRole("link", { name: "开始一次督查" }).click();
  await accessible(page);
  await fits(page, "capture-visit");
  await context.clearPermissions();
  await page.getByLabel("查找学校").fill(school);
  await page.getByRole("button", { name: `签到并开始：${school}` }).click();
  await expect(page.getByRole("alert").filter({ hasText: "允许本页使用位置" })).toBeVisible();
  await context.grantPermissions(["geolocation"]);
  await page.getByRole("button", { name: `签到并开始：${school}` }).click();
  await expect(page.getByRole("heading", { name: "按网格检查" })).toBeVisible();
});

test("a visit goes grid by grid, with what the site shows and a hazard with photo and video", async ({ page }) => {
  const note = unique("灭火器压力不足");
  await enterAs(page, "inspector1");
  await begin(page);
  const site = page.getByRole("region", { name: "督查现场照片和视频" });
  await site.getByLabel("拍照", { exact: true }).setInputFiles(photo());
  await site.getByLabel("录像", { exact: true }).setInputFiles(video(1));
  await expect(site.getByRole("listitem")).toHaveCount(2);
  await accessible(page);
  await readableInTheDark(page);
  await fits(page, "capture-visit-grids");

  // The same item in two grids: two results.
  await place(page, "操场").click();
  await expect(page.getByRole("listitem").filter({ hasText: "消防设施" })).toHaveCount(0);
  await record(page, "门卫管理", "符合");
  await back(page);
  await expect(place(page, "操场")).toContainText("已填 1/1");
  await place(page, "教学楼").click();
  await record(page, "门卫管理", "符合");
  const item = await record(page, "消防设施", "不符合");
  await item.getByLabel("说明").fill(note);
  await item.getByRole("button", { name: "上报这处隐患" }).click();
  await expect(page.getByLabel("网格")).toHaveValue(/grid_/);
  await expect(page.getByLabel("隐患描述")).toHaveValue(note);
  await page.getByLabel("隐患类别").selectOption({ label: "消防安全" });
  await page.getByLabel("拍照", { exact: true }).setInputFiles(photo());
  await page.locator("img.tile").waitFor();
  await page.getByRole("button", { name: "提交隐患" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "请补全" })).toContainText("视频");
  await page.getByLabel("录像", { exact: true }).setInputFiles(video(1));
  await expect(page.locator(".thumbs li")).toHaveCount(2);
  await page.getByRole("button", { name: "提交隐患" }).click();

  await page.getByRole("link", { name: "排查" }).click();
  await page.getByRole("link", { name: new RegExp(school) }).click();
  page.on("dialog", (d) => void d.accept());
  await page.getByRole("button", { name: /提交检查报告（3\// }).click();
  await expect(page.getByRole("article", { name: school }).getByRole("status")).toHaveText("服务器已全部收到并核验", { timeout: 45_000 });
  await expect.poll(() => arrived(note), { timeout: 45_000 }).toMatchObject({
    report: {
      status: "SUBMITTED", checkIn: { latitude: 39.088975 },
      evidence: [{ ...verified("PHOTO"), stage: "SITE" }, { ...verified("VIDEO"), stage: "SITE" }],
    },
    hazards: [{ source: "SUPERVISION", grid: { name: "教学楼" }, finding: { item: { number: 11 } }, evidence: [verified("PHOTO"), verified("VIDEO")] }],
  });
  const { report } = await arrived(note);
  expect(report!.findings.map((f) => [f.grid?.name, f.item.number, f.result, f.evidence.map((e) => e.status)]).sort()).toEqual([
    ["操场", 12, "COMPLIANT", ["VERIFIED"]],
    ["教学楼", 11, "NON_COMPLIANT", ["VERIFIED"]],
    ["教学楼", 12, "COMPLIANT", ["VERIFIED"]],
  ].sort());
});

test.describe("without a network", () => {
  test.use({ allowed: offlineNoise });
  test("a visit goes on in a cellar, and what it found arrives later", async ({ page, context }) => {
    const note = unique("配电室堆放杂物");
    await enterAs(page, "inspector1");
    await installed(page);
    await begin(page);
    await place(page, "教学楼").waitFor();
    await context.setOffline(true);
    await page.reload();
    await place(page, "教学楼").click();
    const item = await record(page, "消防设施", "不符合");
    await item.getByLabel("说明").fill(note);
    await back(page);
    await page.getByRole("button", { name: "另报一处隐患" }).click();
    await page.getByLabel("隐患类别").selectOption({ label: "消防安全" });
    await page.getByLabel("具体地点").fill("地下室");
    await page.getByLabel("隐患描述").fill(note);
    await page.getByLabel("拍照", { exact: true }).setInputFiles(photo());
    await page.getByLabel("录像", { exact: true }).setInputFiles(video(1));
    await expect(page.locator(".thumbs li")).toHaveCount(2);
    await page.getByRole("button", { name: "提交隐患" }).click();
    await context.setOffline(false);
    await expect.poll(() => arrived(note), { timeout: 60_000 }).toMatchObject({
      report: { status: "IN_PROGRESS", findings: [{ result: "NON_COMPLIANT", grid: { name: "教学楼" }, evidence: [{ status: "VERIFIED" }] }] },
      hazards: [{ source: "SUPERVISION", grid: null, finding: null, evidence: [verified("PHOTO"), verified("VIDEO")] }],
    });
  });
});
