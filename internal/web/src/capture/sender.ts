// Sends what waits: commands first, then photos, videos last. One tab of the browser
// does it at a time. What fails is tried again later, each time after a longer wait; the others are sent meanwhile.
import { signal } from "@preact/signals";
import type { BatchCommand } from "../api/gql/graphql";
import { type RequestError, asRequestError } from "../api/post";
import { signedIn } from "../api/session";
import { ask, owner } from "./account";
import { behind, serverTime } from "./clock";
import { changeFile } from "./files";
import { Batch, Me } from "./operations";
import type { Command, FileRecord, Refusal } from "./schema";
import { refresh } from "./snapshot";
import { kept, onChange, write } from "./store";
import { announce, send as sendBytes, watch } from "./upload";

/** What the sender does just now, for the screens. */
export const sending = signal<"idle" | "busy" | "offline">("idle");

/** How many commands go in one request. */
const batchSize = 50;

const first = 2_000;
const longest = 5 * 60_000;

/** The longest wait between two looks at a file that the server is checking, for each such file. */
const look = 4_000;

// When something may be tried again, on the monotonic clock.
const waits = new Map<string, { failures: number; until: number }>();
const due = (key: string) => (waits.get(key)?.until ?? 0) <= performance.now();

function failed(key: string, after = 0, most = longest): void {
  const failures = (waits.get(key)?.failures ?? 0) + 1;
  const pause = Math.max(Math.min(most, first * 2 ** (failures - 1)) * (0.75 + Math.random() / 2), after * 1000);
  waits.set(key, { failures, until: performance.now() + pause });
}

let wake: () => void = () => undefined;

/** Try everything at once. */
export function sendNow(): void {
  waits.clear();
  wake();
}

/** Begin; while another tab sends, this one waits until that is closed. */
export function startSending(): void {
  addEventListener("online", sendNow);
  addEventListener("offline", () => wake());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && sendNow());
  onChange(() => wake());
  // A person who has just signed in may have things that wait.
  owner.subscribe(sendNow);
  void navigator.locks.request("cleargrid.capture.sender", async () => {
    for (;;) {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      const worked = await round().catch(() => false);
      if (worked) continue;
      const next = Math.min(...[...waits.values()].map((w) => w.until).filter((u) => u > performance.now()), performance.now() + 30_000);
      await Promise.race([woken, new Promise((resolve) => setTimeout(resolve, Math.max(next - performance.now(), 200)))]);
    }
  });
}

// Does the one thing that comes next; false when there is nothing to do now.
async function round(): Promise<boolean> {
  if (!signedIn.value || !owner.value) return false;
  const mine = owner.value.id;
  const next = nextCommands(mine) ?? nextFile(mine);
  if (!next) {
    sending.value = navigator.onLine ? "idle" : "offline";
    return false;
  }
  if (!navigator.onLine) {
    sending.value = "offline";
    return false;
  }
  sending.value = "busy";
  try {
    await next.run();
  } catch (cause) {
    const error = asRequestError(cause);
    if (error.retryable || error.code === "UNAUTHENTICATED" || error.code === "OTHER_ACCOUNT") {
      for (const key of next.keys) failed(key, error.retryAfter);
      if (error.code === "UNAVAILABLE") sending.value = "offline";
    } else {
      await next.refused(error);
    }
  }
  return true;
}

interface Step {
  keys: string[];
  /** Does it; what succeeded waits no longer. */
  run: () => Promise<void>;
  refused: (error: RequestError) => Promise<void>;
}

const keyOf = (c: Command) => `command ${c.sequence}`;

// How many commands go alone, after a request with several was refused.
let alone = 0;

// The next command of each entry. Those of one entry go in their order and one at a
// time: what stands on another command must not be done when that is refused.
function nextCommands(mine: string): Step | undefined {
  const most = alone > 0 ? 1 : batchSize;
  const stopped = new Set<string>();
  const next: Command[] = [];
  for (const c of kept.value.commands) {
    if (c.owner !== mine || c.state === "done") continue;
    const form = kept.value.entries.find((e) => e.id === c.entry)?.form;
    const needs = [c.entry, form?.kind === "hazard" ? form.reportId : null];
    if (c.state !== "refused" && !needs.some((n) => n && stopped.has(n)) && due(keyOf(c)) && next.length < most) next.push(c);
    stopped.add(c.entry);
  }
  if (next.length === 0) return undefined;
  return {
    keys: next.map(keyOf),
    run: async () => {
      if (alone > 0) alone--;
      await sendCommands(next, mine);
    },
    refused: async (error) => {
      // Each command is answered for itself: what is wrong with the request as a whole
      // is found by sending them one by one.
      if (next.length > 1) alone = next.length;
      else await settle([[next[0]!, error]]);
    },
  };
}

const order = (f: FileRecord) => (f.announcement.kind === "VIDEO" ? 1e15 : 0) + f.announcement.size;

function openFiles(mine: string): FileRecord[] {
  const drafts = new Set(kept.value.entries.filter((e) => e.draft).map((e) => e.id));
  return kept.value.files
    .filter((f) => f.owner === mine && !drafts.has(f.entry) && !f.refusal && f.status !== "VERIFIED" && f.status !== "REJECTED" && due(f.id))
    .sort((a, b) => order(a) - order(b));
}

// The other states are the server's, also those that this page does not know.
const unsent = (f: FileRecord) => f.status === "waiting" || f.status === "ANNOUNCED";

function nextFile(mine: string): Step | undefined {
  const open = openFiles(mine);
  const refused = (f: FileRecord) => (error: RequestError) =>
    changeFile(f.id, (r) => (r.refusal = { code: error.code, message: error.message, fields: error.fields }));
  const step = (f: FileRecord, run: () => Promise<void>): Step => ({
    keys: [f.id],
    run: async () => {
      await run();
      waits.delete(f.id);
    },
    refused: refused(f),
  });
  const checked = open.filter((f) => !unsent(f));
  const sent = checked.find((f) => due(`watch ${f.id}`));
  if (sent) {
    return step(sent, async () => {
      await watch(sent);
      if (openFiles(mine).some((f) => f.id === sent.id)) failed(`watch ${sent.id}`, 0, look * checked.length);
      else void refresh();
    });
  }
  const next = open.find(unsent);
  if (!next) return undefined;
  return step(next, () => (next.status === "waiting" ? announce(next) : interruptible(next)));
}

// A video is interrupted as soon as something smaller waits, and resumed later.
async function interruptible(file: FileRecord): Promise<void> {
  const abort = new AbortController();
  let gaveWay = false;
  const stop = onChange(() => {
    const photo = file.announcement.kind === "VIDEO" && openFiles(file.owner).some((f) => f.announcement.kind === "PHOTO" && unsent(f));
    if (gaveWay || !(photo || nextCommands(file.owner))) return;
    gaveWay = true;
    abort.abort();
  });
  try {
    await sendBytes(file, abort.signal);
  } catch (error) {
    if (!gaveWay) throw error;
  } finally {
    stop();
  }
}

// Sends commands in one request; each has its own answer, and without one it waits.
async function sendCommands(commands: Command[], as: string): Promise<void> {
  const frozen = await freeze(commands, as);
  if (frozen.length === 0) return;
  const { submitBatch } = await ask(Batch, { commands: frozen.map((c) => ({ [c.name]: c.input }) as unknown as BatchCommand) }, as);
  const answered: [Command, Refusal | null][] = [];
  for (const [i, c] of frozen.entries()) {
    const result = submitBatch.results.find((r) => r.index === i);
    if (!result || result.error?.retryable) failed(keyOf(c));
    else answered.push([c, result.error ?? null]);
  }
  await settle(answered);
}

// A command that may have been received must never change: the same id with another
// content is another command. So its instants are written into it before it leaves;
// as it is stored, for it may have been changed or thrown away since it was looked at.
async function freeze(commands: Command[], as: string): Promise<Command[]> {
  // Before the server's first answer its time is not known.
  if (behind.value === null) await ask(Me, {}, as);
  const frozen: Command[] = [];
  await write(async (tx) => {
    const store = tx.objectStore("commands");
    for (const { sequence } of commands) {
      const c = await store.get(sequence!);
      if (!c || c.state !== "waiting") continue;
      if (!c.frozen) {
        const instants = Object.fromEntries(Object.entries(c.instants).map(([field, at]) => [field, serverTime(at)]));
        Object.assign(c, { input: { ...c.input, ...instants }, frozen: true });
        await store.put(c);
      }
      frozen.push(c);
    }
  });
  return frozen;
}

// Notes the server's answers: a command that was done, or why it was refused.
async function settle(answered: [Command, Refusal | null][]): Promise<void> {
  await write(async (tx) => {
    const store = tx.objectStore("commands");
    for (const [{ sequence }, error] of answered) {
      const c = await store.get(sequence!);
      if (!c) continue;
      const answer = error ? { state: "refused", refusal: { code: error.code, message: error.message, fields: error.fields } } : { state: "done", done: Date.now() };
      await store.put({ ...c, ...answer } as Command);
    }
  });
  for (const [c] of answered) waits.delete(keyOf(c));
  void refresh();
}
