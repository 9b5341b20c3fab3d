// A server of a newer version: its page is offered and takes over without losing
// anything, and an old page keeps what it can't send.
import { createServer, request as ask } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { expect } from "./browser";
import { api, arrivedOnce, enterAs, enterHazard, hazards, installed, offlineNoise, photo, test, unique } from "./phone";

const behind = new URL(process.env.CLEARGRID_CAPTURE_URL!);

/** The server, and a newer version of its page from the moment that it is upgraded. */
const server = {
  upgraded: false,
  listener: createServer((incoming, outgoing) => {
    const to = ask({ host: behind.hostname, port: behind.port, path: incoming.url, method: incoming.method, headers: { ...incoming.headers, "accept-encoding": "identity" } }, (answer) => {
      if (incoming.url !== "/capture-worker.js" || !server.upgraded) {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
        return;
      }
      const { "content-length": _, ...headers } = answer.headers;
      outgoing.writeHead(answer.statusCode!, headers);
      answer.on("data", (part) => outgoing.write(part));
      answer.on("end", () => outgoing.end("\n// A newer version."));
    });
    to.on("error", () => outgoing.destroy());
    incoming.pipe(to);
  }),
};

test.use({
  allowed: offlineNoise,
  baseURL: async ({}, use) => {
    await new Promise<void>((resolve) => server.listener.listen(0, "127.0.0.1", resolve));
    await use(`http://127.0.0.1:${(server.listener.address() as AddressInfo).port}`);
    server.listener.closeAllConnections();
    await new Promise((resolve) => server.listener.close(resolve));
  },
});

test.beforeEach(() => {
  server.upgraded = false;
});

/** The phone comes back to the page some time later. */
const lookedAtAgain = (page: Page) => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));

test("a newer page is offered, waits for the open form, and loses neither draft nor queue", async ({ page }) => {
  const draft = unique("更新前的草稿");
  const queued = unique("更新前排队的隐患");
  await enterAs(page, "grid1");
  await installed(page);
  // What is queued can't leave: the API does not answer while the page's files do.
  await page.route("**/graphql", (route) => route.abort("internetdisconnected"));
  await enterHazard(page, queued, [photo()]);
  await page.getByRole("button", { name: "提交隐患" }).click();
  await enterHazard(page, draft, [photo()]);
  server.upgraded = true;
  await lookedAtAgain(page);
  await expect(page.getByText("填完当前内容后即可更新")).toBeVisible();
  await expect(page.getByLabel("隐患描述")).toHaveValue(draft);
  await page.getByRole("link", { name: "记录" }).click();
  await page.evaluate(() => Object.assign(globalThis, { old: true }));
  await page.getByRole("button", { name: "更新", exact: true }).click();
  await expect.poll(() => page.evaluate(() => "old" in globalThis).catch(() => true)).toBe(false);
  await expect(page.getByRole("article", { name: queued }).getByRole("status")).toHaveText("等待上传");
  await expect(page.getByText("有新版本")).toHaveCount(0);
  await page.getByRole("link", { name: "排查" }).click();
  await page.getByRole("link", { name: new RegExp(draft) }).click();
  await expect(page.getByLabel("隐患描述")).toHaveValue(draft);
  await expect(page.locator("img.tile")).toHaveCount(1);
  await page.unroute("**/graphql");
  await page.getByRole("link", { name: "记录" }).click();
  await page.getByRole("button", { name: "立即上传" }).click();
  await arrivedOnce(queued, 1);
  expect(await hazards(draft)).toEqual([]);
});

test("a newer page takes over by itself when the page is opened again", async ({ page, context }) => {
  await enterAs(page, "grid1");
  await installed(page);
  server.upgraded = true;
  await lookedAtAgain(page);
  await expect(page.getByText("有新版本")).toBeVisible();
  await page.close();
  const again = await context.newPage();
  await again.goto("/capture");
  await expect(again.getByText(/数据截至/)).toBeVisible();
  await expect.poll(() => again.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.waiting?.state ?? null).catch(() => "changing")).toBeNull();
  await expect(again.getByText("有新版本")).toHaveCount(0);
});

interface Answer {
  data: Record<string, unknown>;
}

/** Words of a newer server, where enums stand. */
function newer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(newer);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, typeof v === "string" && ["kind", "state", "status", "result"].includes(key) ? `NEW_${v}` : key === "roles" ? [...(v as string[]), "NEW_ROLE"] : newer(v)]));
}

test("words that the page does not know don't break it", async ({ page }) => {
  const hazard = unique("新版服务器的词");
  await page.route("**/graphql", async (route) => {
    const operation = /(?:query|mutation) (\w+)/.exec(route.request().postData() ?? "")?.[1] ?? "";
    if (!operation.startsWith("Capture")) return route.continue();
    const answer = await route.fetch();
    const body = (await answer.json()) as Answer;
    await route.fulfill({ response: answer, json: operation === "CaptureBatch" || operation === "CaptureStart" ? body : newer(body) });
  });
  await enterAs(page, "grid1");
  for (const name of ["整改", "记录", "排查"]) {
    await page.getByRole("link", { name, exact: true }).click();
    await expect(page.getByRole("heading", { level: 2 }).first()).toBeVisible();
  }
  await page.getByRole("link", { name: /教学楼/ }).click();
  await expect(page.getByRole("listitem").first()).toBeVisible();
  await enterHazard(page, hazard, [photo()]);
  await page.getByRole("button", { name: "提交隐患" }).click();
  const record = page.getByRole("article", { name: hazard });
  // As the server said it, kept and asked about again: nothing is taken for finished.
  await expect(record.getByText("NEW_ANNOUNCED")).toBeVisible();
  await expect(record.getByRole("status")).toHaveText("已上传，服务器核验中");
  await page.unrouteAll({ behavior: "wait" });
});

test.describe("a server that does not understand the page", () => {
  test.use({ allowed: /400 \(Bad Request\)/ });
  test("an old page that the server no longer understands says so and keeps everything", async ({ page }) => {
    const hazard = unique("旧页面里的隐患");
    await enterAs(page, "grid1");
    await page.route("**/graphql", (route) =>
      route.fulfill({ status: 400, json: { errors: [{ message: "The request does not fit the schema.", extensions: { code: "BAD_USER_INPUT", reason: "query.invalid", retryable: false } }] } }));
    await enterHazard(page, hazard, [photo()]);
    await page.getByRole("button", { name: "提交隐患" }).click();
    await expect(page.getByText("服务器已是新版本，本页更新后才能继续上传")).toBeVisible();
    await expect(page.getByRole("article", { name: hazard }).getByRole("status")).toHaveText("等待上传");
    await expect(page.getByRole("button", { name: "放弃" })).toHaveCount(0);
    await page.unroute("**/graphql");
    await page.getByRole("button", { name: "立即上传" }).click();
    await arrivedOnce(hazard, 1);
    await expect(page.getByText("服务器已是新版本")).toHaveCount(0);
  });
});

/** Makes the phone's database one of the first release: version 1, with the ids of that time. */
async function ofTheFirstRelease(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const done = <T>(r: IDBRequest<T>) => new Promise<T>((resolve, reject) => Object.assign(r, { onsuccess: () => resolve(r.result), onerror: () => reject(r.error) }));
    const earlier = (v: unknown) => JSON.parse(JSON.stringify(v).replaceAll('"inspection_report_', '"report_').replaceAll('"checklist_item_', '"checklistitem_'));
    const now = await done(indexedDB.open("cleargrid.capture"));
    const tx = now.transaction(["entries", "commands", "files", "blobs", "snapshots"]);
    const kept: Record<string, { key: IDBValidKey; value: unknown }[]> = {};
    for (const name of tx.objectStoreNames) {
      const store = tx.objectStore(name);
      const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
      kept[name] = keys.map((key, i) => ({ key, value: values[i] }));
    }
    now.close();
    await done(indexedDB.deleteDatabase("cleargrid.capture"));
    const opening = indexedDB.open("cleargrid.capture", 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("entries", { keyPath: "id" });
      opening.result.createObjectStore("commands", { keyPath: "sequence", autoIncrement: true });
      for (const [name, keyPath] of [["files", "id"], ["blobs", null], ["snapshots", null]] as const) opening.result.createObjectStore(name, { keyPath });
    };
    const first = await done(opening);
    const into = first.transaction([...first.objectStoreNames], "readwrite");
    for (const [name, rows] of Object.entries(kept)) {
      for (const { key, value } of rows) {
        if (name === "blobs") into.objectStore(name).put(value, key);
        else if (name === "snapshots") into.objectStore(name).put(earlier(value), key);
        else into.objectStore(name).put(earlier(value));
      }
    }
    await new Promise((resolve) => (into.oncomplete = resolve));
    first.close();
    return (kept.entries![0]!.value as { id: string }).id;
  });
}

test("what a page of the first release had queued arrives once", async ({ page }) => {
  await enterAs(page, "inspector1");
  await installed(page);
  await page.route("**/graphql", (route) => route.abort("internetdisconnected"));
  await page.getByRole("link", { name: "开始一次督查" }).click();
  await page.getByLabel("查找学校").fill("清河镇中心小学");
  await page.getByRole("button", { name: "签到并开始：清河镇中心小学" }).click();
  await expect(page.getByRole("heading", { name: "按网格检查" })).toBeVisible();
  await page.goto("/healthz"); // no page has the database open
  const report = await ofTheFirstRelease(page);
  expect(report).toMatch(/^inspection_report_/);
  await page.unroute("**/graphql");
  await page.goto("/capture");
  const read = async () => api<{ report: { id: string; status: string } | null }>("inspector1", "query($id: ID!) { report(id: $id) { id status } }", { id: report });
  await expect.poll(async () => (await read()).report, { timeout: 60_000 }).toEqual({ id: report, status: "IN_PROGRESS" });
  await page.reload();
  await expect(page.getByText(/数据截至/)).toBeVisible();
});
