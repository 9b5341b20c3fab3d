// Files on their way into the phone's store: what is taken, and what is said of it.
import { signal } from "@preact/signals";
import { newID } from "../api/client";
import type { EvidenceKind, EvidenceStage } from "../api/gql/graphql";
import { bytes } from "../ui/format";
import { fill, texts } from "../ui/language";
import { locate } from "./place";
import type { Entry, FileRecord } from "./schema";
import { snapshot } from "./snapshot";
import { database, write } from "./store";

const t = texts({
  empty: ["这个文件是空的。", "This file is empty."],
  large: ["文件 {size}，超过上限 {limit}，未加入。请缩短视频或降低画质后重试。", "The file has {size}, more than the {limit} allowed, and was not added. Take a shorter video or a lower quality."],
  format: ["不支持这种文件（{type}）。请用照片（JPEG、PNG、WebP、HEIC、AVIF）或视频（MP4、MOV）。", "This kind of file ({type}) is not taken. Use a photo (JPEG, PNG, WebP, HEIC, AVIF) or a video (MP4, MOV)."],
  kind: ["这里需要{kind}。", "A {kind} is needed here."],
  PHOTO: ["照片", "photo"],
  VIDEO: ["视频", "video"],
});

const photos = ["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "image/avif"];
const videos = ["video/mp4", "video/quicktime"];
// Some phones give no media type.
const byEnding: Record<string, string> = { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", heic: "image/heic", heif: "image/heif", avif: "image/avif", mp4: "video/mp4", mov: "video/quicktime" };

/** A file can't be taken; the message says why. */
export class Unfit extends Error {}

/** What a camera has just taken is this fresh, in ms; what is older comes from the gallery, whatever was pressed. */
const fresh = 10 * 60_000;

/** How many files are being copied into the store just now. */
export const keeping = signal(0);

// A name that the server takes: no paths, nothing invisible, at most 255 characters.
const nameOf = (file: File) => Array.from(file.name.replace(/[/\\\p{C}\p{Zl}\p{Zp}]/gu, "_")).slice(-255).join("");

/** How a file came: by which button, and for what. */
export interface Picked {
  stage: EvidenceStage;
  kind: EvidenceKind;
  camera: boolean;
}

/** Keep a file for an entry. Unfit when it can't be evidence, StorageFull when there is no room. */
export async function keepFile(file: File, entry: Entry, how: Picked, subject?: FileRecord["subject"]): Promise<string> {
  const mediaType = file.type || byEnding[file.name.split(".").pop()?.toLowerCase() ?? ""] || "?";
  const kind = photos.includes(mediaType) ? "PHOTO" : videos.includes(mediaType) ? "VIDEO" : null;
  if (!kind) throw new Unfit(fill(t.format, { type: mediaType }));
  if (kind !== how.kind) throw new Unfit(fill(t.kind, { kind: how.kind === "VIDEO" ? t.VIDEO : t.PHOTO }));
  if (file.size === 0) throw new Unfit(t.empty);
  const limit = snapshot.value?.campaign?.policy.maxBytes.find((m) => m.kind === kind)?.bytes;
  if (limit !== undefined && file.size > limit) throw new Unfit(fill(t.large, { size: bytes(file.size), limit: bytes(limit) }));

  const record: FileRecord = {
    id: newID("evidence"),
    owner: entry.owner,
    entry: entry.id,
    announcement: {
      id: "",
      schoolId: entry.schoolId,
      kind,
      stage: how.stage,
      source: how.camera && Math.abs(Date.now() - file.lastModified) < fresh ? "CAMERA" : "GALLERY",
      fileName: nameOf(file) || kind.toLowerCase(),
      mediaType,
      size: file.size,
      capturedAt: new Date(file.lastModified).toISOString(),
    },
    frozen: false,
    status: "waiting",
    received: 0,
  };
  if (subject) record.subject = subject;
  record.announcement.id = record.id;
  keeping.value++;
  try {
    // The browser copies the file to its disk in pieces; it is never in memory as a whole.
    await write((tx) => Promise.all([tx.objectStore("blobs").put(file, record.id), tx.objectStore("files").put(record)]), false);
  } finally {
    keeping.value--;
  }
  if (record.announcement.source === "CAMERA") void place(record.id);
  return record.id;
}

// The position comes when it comes; a file that has been announced by then goes without.
async function place(id: string): Promise<void> {
  const position = await locate();
  if (!position) return;
  await write(async (tx) => {
    const record = await tx.objectStore("files").get(id);
    if (!record || record.frozen) return;
    record.announcement.position = position;
    await tx.objectStore("files").put(record);
  });
}

/** Change what is known of a file; nothing happens when it is gone. */
export async function changeFile(id: string, change: (record: FileRecord) => void, dropBytes = false): Promise<void> {
  await write(async (tx) => {
    const record = await tx.objectStore("files").get(id);
    if (!record) return;
    change(record);
    await tx.objectStore("files").put(record);
    if (dropBytes) await tx.objectStore("blobs").delete(id);
  });
}

/** The bytes of a file; undefined when they are not here any more. */
export const bytesOf = async (id: string): Promise<Blob | undefined> => (await database()).get("blobs", id);

/** Throw a file away. */
export const dropFile = (id: string): Promise<void> =>
  write((tx) => Promise.all([tx.objectStore("files").delete(id), tx.objectStore("blobs").delete(id)]));
