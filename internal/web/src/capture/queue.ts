// The queue of commands: what goes in, and what can be done after a refusal. Nothing
// leaves it unless the server has answered, or a person discards it.
import { newID } from "../api/client";
import type { Instant } from "./clock";
import { owner } from "./account";
import type { Command, Entry, Inputs } from "./schema";
import { kept, write } from "./store";

/** Change an entry as it is stored, so that inputs never overwrite each other; `fresh` where it is not stored yet. */
export async function changeEntry<F extends Entry["form"]>(id: string, change: (entry: Entry<F>) => void, fresh?: Entry<F>): Promise<void> {
  await write(async (tx) => {
    const stored = ((await tx.objectStore("entries").get(id)) as Entry<F> | undefined) ?? (fresh && structuredClone(fresh));
    if (!stored) return;
    change(stored);
    await tx.objectStore("entries").put({ ...stored, at: Date.now() });
  });
}

/** Close a form and queue its command: once, however often one presses, and with the last input. */
export async function handIn<F extends Entry["form"]>(id: string, open: (entry: Entry<F>) => boolean, close: (entry: Entry<F>) => Command): Promise<void> {
  await write(async (tx) => {
    const stored = (await tx.objectStore("entries").get(id)) as Entry<F> | undefined;
    if (!stored || !open(stored)) return;
    const last = close(stored);
    await tx.objectStore("entries").put({ ...stored, at: Date.now() });
    await tx.objectStore("commands").put(last);
  });
}

/** Save an entry as it is now, and the commands that it needs, all or nothing. */
export async function save(entry: Entry, commands: Command[] = []): Promise<void> {
  await write(async (tx) => {
    await tx.objectStore("entries").put(entry);
    for (const command of commands) await tx.objectStore("commands").put(command);
  });
}

/** A command of an entry, ready for the queue. */
export function command<N extends keyof Inputs>(entry: Entry, name: N, input: Inputs[N], instants: Record<string, Instant> = {}): Command {
  return { owner: entry.owner, entry: entry.id, name, input, instants, frozen: false, state: "waiting", queued: Date.now() } as Command;
}

/** A new entry of the signed-in person. */
export function entryOf<F extends Entry["form"]>(id: string, title: string, schoolId: string, campaignId: string, form: F, draft: boolean): Entry<F> {
  if (!owner.value) throw new Error("nobody is signed in");
  return { id, owner: owner.value.id, title, schoolId, campaignId, at: Date.now(), draft, form };
}

/** Send a refused command again as it is: what stood in its way may be gone. */
export async function retry(refused: Command): Promise<void> {
  await write(async (tx) => {
    const { refusal: _, ...rest } = refused;
    await tx.objectStore("commands").put({ ...rest, state: "waiting" } as Command);
  });
}

/** Take a refused entry back into its form, to be changed and sent again as a new command. */
export async function reopen(entry: Entry): Promise<Entry> {
  const refused = kept.value.commands.filter((c) => c.entry === entry.id && c.state !== "done");
  const files = kept.value.files.filter((f) => f.entry === entry.id);
  // Other content under the same id would be refused (IDEMPOTENCY_MISMATCH): it gets a new id.
  const form = entry.form;
  const id = newID(form.kind === "hazard" ? "hazard" : "command");
  const again: Entry = { ...entry, id, draft: true };
  await write(async (tx) => {
    await tx.objectStore("entries").delete(entry.id);
    await tx.objectStore("entries").put(again);
    for (const c of refused) await tx.objectStore("commands").delete(c.sequence!);
    for (const f of files) await tx.objectStore("files").put({ ...f, entry: id });
  });
  return again;
}

/** Throw an entry away with all that has not been sent of it. */
export async function discard(entry: Entry): Promise<void> {
  const { commands, files } = kept.value;
  await write(async (tx) => {
    await tx.objectStore("entries").delete(entry.id);
    for (const c of commands) if (c.entry === entry.id) await tx.objectStore("commands").delete(c.sequence!);
    for (const f of files) {
      if (f.entry !== entry.id) continue;
      await tx.objectStore("files").delete(f.id);
      await tx.objectStore("blobs").delete(f.id);
    }
  });
}

/** How many things of an account the server does not have yet. */
export function unsent(account: string): number {
  const { commands, files } = kept.value;
  const drafts = new Set(kept.value.entries.filter((e) => e.draft).map((e) => e.id));
  return commands.filter((c) => c.owner === account && c.state !== "done").length + files.filter((f) => f.owner === account && !drafts.has(f.entry) && f.status !== "VERIFIED" && f.status !== "REJECTED").length;
}

/** The same for all accounts, or all but one. */
export function unsentOfAll(but?: string): number {
  const owners = new Set([...kept.value.commands, ...kept.value.files].map((x) => x.owner));
  return [...owners].filter((o) => o !== but).reduce((n, o) => n + unsent(o), 0);
}

/** How many finished entries stay for people to look back at. */
const lookBack = 50;

/** Delete finished entries, all but the latest `lookBack`. */
export async function prune(): Promise<void> {
  const { entries, commands, files } = kept.value;
  const finished = entries
    .filter((e) => !e.draft && commands.every((c) => c.entry !== e.id || c.state === "done") && files.every((f) => f.entry !== e.id || f.status === "VERIFIED"))
    .filter((e) => e.form.kind !== "inspection" || e.form.submitted)
    .sort((a, b) => b.at - a.at);
  for (const old of finished.slice(lookBack)) await discard(old);
}
