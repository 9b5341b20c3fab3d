// What the tests of the working screens need that the played month does not hold:
// made through the API, as any client would.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { type Browser, type Locator, type Page, expect } from "@playwright/test";
import { type Account, accountOf, enter, openAs, tokenOf } from "./browser";

/** A new id of a noun. */
export const newID = (noun: string): string => `${noun}_${crypto.randomUUID()}`;

type Fields = Record<string, unknown>;

/** Asks the API as the first account of a role, of the played county or another; a file is the variable `file`. */
export async function client(role: string, county?: County): Promise<(query: string, variables?: Fields, file?: Blob) => Promise<never>> {
  const url = county?.url ?? process.env.CLEARGRID_URL!;
  const token = await tokenOf(url, county?.accounts.find((a) => a.role === role) ?? accountOf(role));
  return async (query, variables = {}, file) => {
    const operation = JSON.stringify({ query, variables });
    const form = new FormData();
    if (file) for (const [name, value] of [["operations", operation], ["map", '{"0": ["variables.file"]}'], ["0", file]] as const) form.append(name, value);
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { ...(file ? { "GraphQL-Require-Preflight": "1" } : { "Content-Type": "application/json" }), Authorization: `Bearer ${token}` },
      body: file ? form : operation,
    });
    const body = (await response.json()) as { data: never; errors?: unknown };
    if (body.errors) throw new Error(JSON.stringify(body.errors));
    return body.data;
  };
}

/** The officer's school, the campaign and the officer. */
export async function place(county?: County): Promise<{ schoolId: string; campaignId: string; officerId: string }> {
  const ask = await client("SCHOOL_SAFETY_OFFICER", county);
  const data: { viewer: { user: { id: string }; memberships: { school: { id: string } }[] }; campaigns: { id: string }[] } = await ask(
    "{ viewer { user { id } memberships { school { id } } } campaigns { id } }",
  );
  return { schoolId: data.viewer.memberships[0]!.school.id, campaignId: data.campaigns[0]!.id, officerId: data.viewer.user.id };
}

/** A hazard that the officer has just reported, with a file as its evidence. */
export async function reported(description: string, evidence = newID("evidence")): Promise<string> {
  const { schoolId, campaignId } = await place();
  const ask = await client("SCHOOL_SAFETY_OFFICER");
  const id = newID("hazard");
  await ask("mutation($input: ReportHazardInput!) { reportHazard(input: $input) { hazard { id } } }", {
    input: { id, campaignId, schoolId, place: "操场东侧", category: "FIRE", description, discoveredAt: new Date().toISOString(), evidenceIds: [evidence] },
  });
  return id;
}

/** The day a number of days from today, where the campaign is. */
export const inDays = (n: number): string => new Date(Date.now() + n * 86_400_000).toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });

/** A hazard under oversight whose plan waits for the section. */
export async function planned(description: string): Promise<string> {
  const id = await reported(description);
  const { officerId } = await place();
  const ask = await client("SCHOOL_SAFETY_OFFICER");
  await ask("mutation($input: PlaceUnderOversightInput!) { placeUnderOversight(input: $input) { hazard { id } } }", {
    input: { commandId: newID("command"), hazardId: id, protectiveMeasures: "拉警戒线", deadlineOn: inDays(10), responsibleId: officerId, evidenceIds: [newID("evidence")] },
  });
  await ask("mutation($input: SubmitRectificationPlanInput!) { submitRectificationPlan(input: $input) { hazard { id } } }", {
    input: { commandId: newID("command"), hazardId: id, planId: newID("plan"), responsibleId: officerId, measures: "更换阀门", fundsFen: 120000, completeBy: inDays(8), contingencyPlan: "备用灭火器就位" },
  });
  return id;
}

/** A photo of the officer's school that the server has verified. */
export async function uploaded(stage: string, { name, mimeType, buffer } = photo("uploaded.png"), county?: County): Promise<string> {
  const { schoolId } = await place(county);
  const id = newID("evidence");
  const input = {
    id, schoolId, kind: "PHOTO", stage, source: "FILE", fileName: name, mediaType: mimeType, size: buffer.length,
    sha256: createHash("sha256").update(buffer).digest("hex"), deviceTime: new Date().toISOString(),
  };
  const officer = await client("SCHOOL_SAFETY_OFFICER", county);
  await officer("mutation($input: AnnounceEvidenceInput!, $file: Upload!) { uploadEvidence(input: $input, file: $file) { evidence { id } } }", { input, file: null }, new File([new Uint8Array(buffer)], name, { type: mimeType }));
  const now = async () => ((await officer("query($id: ID!) { evidence(id: $id) { status trust } }", { id })) as { evidence: { status: string; trust: string | null } }).evidence;
  await expect.poll(now, { timeout: 30_000 }).toMatchObject({ status: "VERIFIED", trust: expect.any(String) });
  return id;
}

/** A file that raises doubts, and the hazard that it stands for: an earlier hazard has the same bytes as its evidence. */
export async function doubtful(description: string): Promise<{ id: string; hazard: string }> {
  const hazard = `${description} ${newID("").slice(-6)}`; // told apart from an earlier try
  const same = photo("again.png");
  await reported(`${hazard}（先前）`, await uploaded("BEFORE", same));
  const id = await uploaded("BEFORE", same);
  await reported(hazard, id);
  const section = await client("SAFETY_SECTION");
  const review = async () => ((await section("query($id: ID!) { evidence(id: $id) { review } }", { id })) as { evidence: { review: string } }).evidence.review;
  await expect.poll(review, { timeout: 30_000 }).toBe("OPEN");
  return { id, hazard };
}

/** A hazard whose rectification waits for its recheck. */
export async function rectified(description: string, after = newID("evidence")): Promise<string> {
  const id = await planned(description);
  const about = () => ({ commandId: newID("command"), hazardId: id });
  const section = await client("SAFETY_SECTION");
  await section("mutation($input: DecidePlanInput!) { approveRectificationPlan(input: $input) { hazard { id } } }", { input: about() });
  const officer = await client("SCHOOL_SAFETY_OFFICER");
  await officer("mutation($input: MarkRectifiedInput!) { markRectified(input: $input) { hazard { id } } }", {
    input: { ...about(), measuresTaken: "阀门已更换，水压正常", fundsSpentFen: 98_000, evidenceIds: [after] },
  });
  return id;
}

/** A hazard whose rectification was accepted. */
export async function closed(description: string): Promise<string> {
  const id = await rectified(description, await uploaded("AFTER"));
  const section = await client("SAFETY_SECTION");
  await section("mutation($input: AcceptRectificationInput!) { acceptRectification(input: $input) { hazard { id } } }", {
    input: { commandId: newID("command"), hazardId: id, recheckId: newID("recheck"), evidenceIds: [newID("evidence")] },
  });
  return id;
}

/** A draft of the section's own about one hazard of the officer's school. */
export async function draft(requirements: string): Promise<string> {
  const hazardId = await reported("配电箱未上锁");
  const { schoolId, campaignId } = await place();
  const id = newID("notice");
  const ask = await client("SAFETY_SECTION");
  await ask("mutation($input: DraftNoticeInput!) { draftNotice(input: $input) { notice { id } } }", {
    input: { id, campaignId, schoolId, deadlineOn: inDays(12), requirements, items: [{ hazardId }] },
  });
  return id;
}

/** A notice that the section has handed to the officer's school. */
export async function issued(requirements: string): Promise<string> {
  const id = await draft(requirements);
  const ask = await client("SAFETY_SECTION");
  await ask("mutation($input: IssueNoticeInput!) { issueNotice(input: $input) { notice { id } } }", { input: { commandId: newID("command"), noticeId: id } });
  return id;
}

/** The step of a record's screen that has this name; the first one that is open needs no click. */
export const step = (page: Page, name: string): Locator => page.locator("details.card", { has: page.locator("summary", { hasText: name }) });

/** Open a step. */
export async function unfold(page: Page, name: string): Promise<Locator> {
  const found = step(page, name);
  if ((await found.getAttribute("open")) === null) await found.locator("summary").first().click();
  return found;
}

/** A photo that no other call makes: a PNG of coloured blocks. */
export function photo(name: string): { name: string; mimeType: string; buffer: Buffer } {
  const [width, height, block] = [320, 240, 40];
  const colours = Array.from({ length: (width / block) * (height / block) }, () => crypto.getRandomValues(new Uint8Array(3)));
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows.set(colours[Math.floor(y / block) * (width / block) + Math.floor(x / block)]!, y * (1 + width * 3) + 1 + x * 3);
  }
  const chunk = (type: string, data: Buffer) => {
    const out = Buffer.alloc(12 + data.length);
    out.writeUInt32BE(data.length);
    out.write(type, 4, "latin1");
    data.copy(out, 8);
    out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const buffer = Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
  return { name, mimeType: "image/png", buffer };
}

/** Attach a photo to the form that is open and wait until the server has verified it. */
export async function attach(page: Page, form: string | Locator, name: string): Promise<void> {
  const step = typeof form === "string" ? page.locator("details", { has: page.locator("summary", { hasText: form }) }) : form;
  await step.locator("input[type=file]").setInputFiles(photo(name));
  await expect(step.locator(".attach li.verified", { hasText: name })).toBeVisible({ timeout: 30_000 });
}

/** A second person's browser. */
export async function another(browser: Browser, path: string, role: string): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await enter(page, path, role);
  return page;
}

/** A server of a test's own. */
export interface County {
  url: string;
  accounts: Account[];
  stop: () => void;
}

/** A person of that county at a page. */
export async function personOf(county: County, browser: Browser, role: string, path: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: county.url });
  const page = await context.newPage();
  await openAs(page, path, county.url, county.accounts.find((a) => a.role === role)!);
  return page;
}

/** The retention of all its files ends, as if the years had passed. */
export function aged({ data }: { data: string }): void {
  execFileSync("go", ["run", "./internal/testkit/aged", data], { cwd: join(import.meta.dirname, "../../.."), stdio: "inherit" });
}

/** The capture page's county: its campaign is running, and it has as many schools as a county has. */
export function monthOn(): County {
  const { accounts } = JSON.parse(readFileSync(process.env.CLEARGRID_CAPTURE_ACCOUNTS!, "utf8")) as Pick<County, "accounts">;
  return { url: process.env.CLEARGRID_CAPTURE_URL!, accounts, stop: () => undefined };
}

let counties = 0;

/**
 * A county whose campaign is running, on a server of its own: the played month is over,
 * and nothing is drawn in it. It is a copy of CLEARGRID_COUNTY, a folder that
 * `seed --schools 24 --townships 4 --seed 7 --data FOLDER` has made.
 */
export async function running(): Promise<County & { data: string }> {
  const binary = process.env.CLEARGRID_BINARY ?? join(import.meta.dirname, "../../../bin/cleargrid");
  const data = mkdtempSync(join(tmpdir(), "cleargrid-work-"));
  cpSync(process.env.CLEARGRID_COUNTY!, data, { recursive: true });
  const listen = `127.0.0.1:${20_000 + ((process.pid * 10 + counties++) % 20_000)}`;
  const server = spawn(binary, ["serve", "--data", data, "--listen", listen], { stdio: "ignore" });
  const url = `http://${listen}`;
  await expect.poll(() => fetch(`${url}/readyz`).then((r) => r.ok, () => false), { timeout: 60_000, intervals: [50] }).toBe(true);
  const { accounts } = JSON.parse(readFileSync(join(data, "first-run.json"), "utf8")) as { accounts: Account[] };
  return { url, data, accounts, stop: () => server.kill() };
}
