// What the phone keeps: everything that was entered, until the server has it. In
// IndexedDB, so that it survives a closed page, a killed browser and a dead battery.
import { signal } from "@preact/signals";
import { type IDBPDatabase, type IDBPTransaction, type StoreNames, openDB } from "idb";
import type { Command, Entry, FileRecord, Shape } from "./schema";

let opened: Promise<IDBPDatabase<Shape>> | undefined;

/** The database. */
export function database(): Promise<IDBPDatabase<Shape>> {
  opened ??= openDB<Shape>("cleargrid.capture", 2, {
    async upgrade(db, version, _next, tx) {
      if (version >= 1) return renameNouns(tx);
      db.createObjectStore("entries", { keyPath: "id" });
      db.createObjectStore("commands", { keyPath: "sequence", autoIncrement: true });
      db.createObjectStore("files", { keyPath: "id" });
      db.createObjectStore("blobs");
      db.createObjectStore("snapshots");
    },
    // A newer page of another tab wants to change the database: let it.
    blocking: (_current, _next, event) => (event.target as IDBDatabase).close(),
  });
  return opened;
}

// Version 2: ids carry the name of their type. What is compared with ids of the server is
// renamed; the inputs of commands stay as they are, for they may have been sent.
const nouns: Record<string, string> = { report: "inspection_report", checklistitem: "checklist_item" };
const earlierID = new RegExp(`"(${Object.keys(nouns).join("|")})(_[0-9a-f-]{36})"`, "g");
const renamed = <T>(value: T): T => JSON.parse(JSON.stringify(value).replace(earlierID, (_, noun: string, rest: string) => `"${nouns[noun]}${rest}"`)) as T;

async function renameNouns(tx: IDBPTransaction<Shape, StoreNames<Shape>[], "versionchange">): Promise<void> {
  for (const entry of await tx.objectStore("entries").getAll()) {
    await tx.objectStore("entries").delete(entry.id);
    await tx.objectStore("entries").put(renamed(entry));
  }
  for (const c of await tx.objectStore("commands").getAll()) await tx.objectStore("commands").put({ ...c, entry: renamed(c.entry) });
  for (const f of await tx.objectStore("files").getAll()) await tx.objectStore("files").put(renamed(f));
  const snapshots = tx.objectStore("snapshots");
  for (const key of await snapshots.getAllKeys()) await snapshots.put(renamed((await snapshots.get(key))!), key);
}

/** What is kept, of every account, as the screens show it. */
export const kept = signal<{ entries: Entry[]; commands: Command[]; files: FileRecord[] }>({ entries: [], commands: [], files: [] });

const others = new BroadcastChannel("cleargrid.capture");
const listeners = new Set<() => void>();
others.onmessage = () => void look();

/** Call `listener` when anything has changed, in this tab or another; returns how to stop. */
export function onChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Read again what is kept. */
export async function look(): Promise<void> {
  const tx = (await database()).transaction(["entries", "commands", "files"]);
  const [entries, commands, files] = await Promise.all([tx.objectStore("entries").getAll(), tx.objectStore("commands").getAll(), tx.objectStore("files").getAll()]);
  kept.value = { entries, commands, files };
  for (const listener of listeners) listener();
}

/** Tell this tab and the others that something has changed. */
export async function changed(): Promise<void> {
  await look();
  others.postMessage(0);
}

/** There is no room for it on this phone. What was there before is still there. */
export class StorageFull extends Error {}

/** Whether the last thing that was written found no room. */
export const storageFull = signal(false);

// The page shows it (`storageFull`); it is no fault of the program.
addEventListener("unhandledrejection", (event) => event.reason instanceof StorageFull && event.preventDefault());

/** What a change is made with: all of it happens, or nothing. */
export type Writing = Awaited<ReturnType<typeof writable>>;

/** An entry as it is stored, behind everything that is being written just now. */
export const latest = async <F extends Entry["form"]>(id: string): Promise<Entry<F> | undefined> => (await (await database()).get("entries", id)) as Entry<F> | undefined;

/**
 * Write several things or none. StorageFull when there is no room; what is small may
 * take the room that is set aside, so that the queue can still be worked off and free some.
 */
export async function write(change: (tx: Writing) => Promise<unknown>, small = true): Promise<void> {
  try {
    await attempt(change);
  } catch (error) {
    if (!small || !(error instanceof StorageFull) || !(await giveUpRoom())) throw error;
    await attempt(change);
  }
  await changed();
}

async function attempt(change: (tx: Writing) => Promise<unknown>): Promise<void> {
  const tx = await writable();
  try {
    await change(tx);
    await tx.done;
  } catch (error) {
    try {
      tx.abort();
    } catch {
      // It has ended already.
    }
    await tx.done.catch(() => undefined);
    storageFull.value = [error, tx.error].some((e) => e instanceof DOMException && e.name === "QuotaExceededError");
    throw storageFull.value ? new StorageFull() : error;
  }
  storageFull.value = false;
}

// Strict: on the disk, not only in the system's memory, before anything counts as kept.
const writable = async () => (await database()).transaction(["entries", "commands", "files", "blobs"], "readwrite", { durability: "strict" });

// Room that is taken only to be given up when the phone is full.
const room = { key: "room", bytes: 1 << 20 };

/** Set some room aside, if there is any. */
export async function setRoomAside(): Promise<void> {
  const db = await database();
  if (!(await db.getKey("blobs", room.key))) await db.put("blobs", new Blob([new Uint8Array(room.bytes)]), room.key);
}

async function giveUpRoom(): Promise<boolean> {
  const db = await database();
  if (!(await db.getKey("blobs", room.key))) return false;
  await db.delete("blobs", room.key);
  return true;
}
