// What the tests of the capture page start from: a phone, files as a camera makes
// them, and the API as the judge of what has arrived.
import { execFileSync } from "node:child_process";
import { closeSync, copyFileSync, ftruncateSync, mkdtempSync, openSync, readFileSync, statSync, utimesSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { type Account, accessible as seenAccessible, expect, fillDoor, openAs, test as base, tokenOf } from "./browser";

const url = process.env.CLEARGRID_CAPTURE_URL!;
const folder = mkdtempSync(join(tmpdir(), "cleargrid-phone-"));
let made = 0;

// What ffmpeg complains of stands in its error; the rest is not for the report.
const ffmpeg = (...given: string[]) => execFileSync("ffmpeg", ["-v", "error", ...given], { stdio: ["ignore", "ignore", "pipe"] });

/** A new photo, unlike any other; taken now, or at an instant in ms as the phone's clock has it. */
export function photo(takenAt?: number): string {
  const file = join(folder, `photo-${++made}.jpg`);
  ffmpeg("-f", "lavfi", "-i", `color=gray:s=320x240,noise=alls=100:all_seed=${made + (Date.now() % 1_000_000)}`, "-frames:v", "1", file);
  if (takenAt !== undefined) utimesSync(file, takenAt / 1000, takenAt / 1000);
  return file;
}

/** A new video of about this number of MB: noise does not compress. */
export function video(megabytes: number): string {
  const file = join(folder, `video-${++made}.mp4`);
  ffmpeg("-f", "lavfi", "-i", `color=gray:s=640x480:r=10:d=4,noise=alls=100:allf=t:all_seed=${made + (Date.now() % 1_000_000)}`, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-b:v", `${megabytes * 2}M`, "-minrate", `${megabytes * 2}M`, "-maxrate", `${megabytes * 2}M`, "-bufsize", "2M", file);
  return file;
}

/** A new video of exactly this number of MB: a small one, and a part behind it that players pass over. It takes no room on the disk. */
export function longVideo(megabytes: number): string {
  const file = join(folder, `video-${++made}.mp4`);
  copyFileSync(video(1), file);
  const end = statSync(file).size;
  const all = megabytes * 2 ** 20;
  const free = Buffer.alloc(16);
  free.writeUInt32BE(1, 0); // the length follows in 64 bits
  free.write("free", 4, "latin1");
  free.writeBigUInt64BE(BigInt(all - end), 8);
  const out = openSync(file, "r+");
  writeSync(out, free, 0, free.length, end);
  ftruncateSync(out, all);
  closeSync(out);
  return file;
}

/** A file with an ending and a size in MB, and nothing in it. */
export function hollow(ending: string, megabytes: number): string {
  const file = join(folder, `hollow-${++made}.${ending}`);
  const out = openSync(file, "w");
  ftruncateSync(out, megabytes * 2 ** 20);
  closeSync(out);
  return file;
}

const accounts: Account[] = JSON.parse(readFileSync(process.env.CLEARGRID_CAPTURE_ACCOUNTS!, "utf8")).accounts;
const named = (account: string) => accounts.find((a) => a.account === account)!;

/** Ask the API beside the page, as an account. */
export async function api<T>(account: string, query: string, variables: object = {}): Promise<T> {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${await tokenOf(url, named(account))}` };
  const answer = await fetch(`${url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = (await answer.json()) as { data: T; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** A description that no other test, and no other run of the same, has used. */
export function unique(text: string): string {
  return `${text} ${crypto.randomUUID().slice(0, 8)}`;
}

interface Found {
  id: string;
  description: string;
  status: string;
  proven: boolean;
  discoveredAt: string;
  evidence: { status: string; kind: string; stage: string; size: number; queuedMs: number | null; clockOffsetMs: number; source: string; trustReasons: { code: string }[] }[];
  events: { kind: string }[];
}

/** The hazards on the server with a description that `unique` made. */
export async function hazards(description: string, account = "officer1"): Promise<Found[]> {
  const { hazards: found } = await api<{ hazards: { edges: { node: Found }[] } }>(account, "query($search: String!) { hazards(first: 10, filter: { search: $search }) { edges { node { id description status proven discoveredAt evidence { status kind stage size queuedMs clockOffsetMs source trustReasons { code } } events { kind } } } } }", { search: description.split(" ").pop() });
  return found.edges.map((e) => e.node).filter((h) => h.description === description);
}

/** axe finds nothing, looking at the page as a whole: the bar at the bottom covers what a person scrolls up. */
export async function accessible(page: Page): Promise<void> {
  const before = page.viewportSize()!;
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ ...before, height: Math.max(height, before.height) });
  await seenAccessible(page);
  await page.setViewportSize(before);
}

/** Let the phone's clock be set by `setClock`. */
export async function withClock(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const now = Date.now.bind(Date);
    const ahead = () => now() + Number(globalThis.origin === "null" ? 0 : (sessionStorage.getItem("ahead") ?? 0));
    globalThis.Date = new Proxy(Date, { construct: (target, given) => (given.length ? Reflect.construct(target, given) : new target(ahead())), get: (target, name) => (name === "now" ? ahead : Reflect.get(target, name)) });
  });
}

/** Put the phone's clock ahead, in ms. */
export const setClock = (page: Page, ahead: number): Promise<void> => page.evaluate((ms) => sessionStorage.setItem("ahead", String(ms)), ahead);

/** Open the page on a phone whose person is signed in. */
export async function enterAs(page: Page, account: string): Promise<void> {
  await openAs(page, "/capture", url, named(account));
  await page.getByText(/数据截至/).waitFor();
}

/** Open the page on a phone and sign in by its form, with a session of one's own. */
export async function signInAs(page: Page, account: string): Promise<void> {
  await page.goto("/capture");
  await fillDoor(page, named(account));
  await page.getByText(/数据截至/).waitFor();
}

/** The page is kept on the phone and answers without a network. */
export async function installed(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

/** Enter a hazard with files, up to the button that sends it. */
export async function enterHazard(page: Page, description: string, photos: string[], videos: string[] = []): Promise<void> {
  await page.getByRole("link", { name: "报隐患" }).click();
  await page.getByRole("combobox", { name: "网格" }).selectOption({ label: "教学楼" });
  await page.getByLabel("隐患类别").selectOption({ label: "消防安全" });
  await page.getByLabel("隐患描述").fill(description);
  for (const file of photos) {
    await page.getByLabel("拍照", { exact: true }).setInputFiles(file);
    await page.locator("img.tile").nth(photos.indexOf(file)).waitFor();
  }
  for (const file of videos) await page.getByLabel("从相册选视频").setInputFiles(file);
  if (videos.length) await page.getByRole("listitem").filter({ hasText: "视频" }).first().waitFor();
}

/** What the server has is what was entered: one hazard, each file once and verified. */
export async function arrivedOnce(description: string, files: number, timeout = 60_000): Promise<void> {
  await expect.poll(async () => (await hazards(description)).map((h) => ({ evidence: h.evidence.map((e) => e.status), reported: h.events.filter((e) => e.kind === "REPORTED").length })), { timeout })
    .toEqual([{ evidence: Array(files).fill("VERIFIED"), reported: 1 }]);
}

/** Requests fail as they do without a network; the page's own complaints about it are no faults. */
export const offlineNoise = /ERR_(INTERNET_DISCONNECTED|FAILED|NETWORK_CHANGED|CONNECTION)|Failed to fetch/;

/** A phone with a position and a camera. */
export const test = base.extend({
  context: async ({ context }, use) => {
    await context.grantPermissions(["geolocation"]);
    await context.setGeolocation({ latitude: 39.088975, longitude: 83.099627 });
    await use(context);
  },
});
