// Photos, videos and documents for a command: sent while the form is filled in, and
// counted only when the server has verified them.
import "./form.css";
import type { Signal } from "@preact/signals";
import { RequestError, graphql, newID, request } from "../api/client";
import type { EvidenceKind, EvidenceStage } from "../api/gql/graphql";
import { accessToken } from "../api/session";
import { bytes, percent } from "./format";
import { keptAs } from "./kept";
import { fill, texts } from "./language";

const t = texts({
  add: ["添加照片或视频", "Add photos or videos"],
  sending: ["正在上传 {share}", "Sending {share}"],
  checking: ["服务器正在核验", "The server is checking it"],
  verified: ["服务器已核验", "Verified by the server"],
  rejected: ["不合格：{reason}", "Refused: {reason}"],
  failed: ["没有传完：{reason}", "Not sent: {reason}"],
  again: ["重试", "Try again"],
  remove: ["移除 {name}", "Remove {name}"],
  wait: ["文件核验完才能提交。", "It can be sent once the files are verified."],
});

const Announce = graphql(`
  mutation AnnounceFile($input: AnnounceEvidenceInput!) { announceEvidence(input: $input) { upload { evidence { id } } } }
`);
const Complete = graphql(`
  mutation CompleteFile($input: CompleteEvidenceInput!) { completeEvidence(input: $input) { evidence { id status rejection } } }
`);
const Look = graphql(`
  query FileStatus($id: ID!) { evidence(id: $id) { id status rejection } }
`);

/** A file on its way. */
interface Attached {
  id: string;
  file: File;
  state: "sending" | "checking" | "verified" | "rejected" | "failed";
  share: number;
  reason: string;
}

const files = (name: string): Signal<Attached[]> => keptAs<Attached[]>(`files ${name}`, []);

/** The ids of the files attached under a name. */
export const attachedIDs = (name: string): string[] =>
  files(name).value.filter((f) => f.state === "verified").map((f) => f.id);

/** Why a form must wait for its files; undefined when it need not. */
export const waitsForFiles = (name: string): string | undefined =>
  files(name).value.some((f) => f.state === "sending" || f.state === "checking") ? t.wait : undefined;

/** Forgets the attached files, once a command has named them. */
export const clearFiles = (name: string): void => {
  files(name).value = [];
};

interface Props {
  /** As the form's. */
  name: string;
  schoolId: string;
  stage: EvidenceStage;
  label: string;
  hint?: string;
}

/** Where files are attached; `attachedIDs` are those to name in the command. */
export function Attach({ name, schoolId, stage, label, hint }: Props) {
  const list = files(name);
  const change = (id: string, what: Partial<Attached>) => {
    list.value = list.value.map((f) => (f.id === id ? { ...f, ...what } : f));
  };

  async function send(id: string, file: File) {
    change(id, { state: "sending", share: 0, reason: "" });
    try {
      await announce(id, file, schoolId, stage);
      await sendBytes(id, file, (share) => change(id, { share }));
      change(id, { state: "checking" });
      const { status, rejection } = await verdict(id);
      change(id, status === "VERIFIED" ? { state: "verified" } : { state: "rejected", reason: rejection ?? "" });
    } catch (error) {
      change(id, { state: "failed", reason: error instanceof Error ? error.message : String(error) });
    }
  }

  function add(input: HTMLInputElement) {
    for (const file of input.files ?? []) {
      const id = newID("evidence");
      list.value = [...list.value, { id, file, state: "sending", share: 0, reason: "" }];
      void send(id, file);
    }
    input.value = "";
  }

  return (
    <fieldset class="attach">
      <legend>{label}</legend>
      {hint && <p class="soft">{hint}</p>}
      <label class="button">
        {t.add}
        <input type="file" multiple accept="image/*,video/*,application/pdf" onChange={(e) => add(e.currentTarget)} />
      </label>
      <ul aria-live="polite">
        {list.value.map((f) => (
          <li key={f.id} class={f.state}>
            <span>{f.file.name} <span class="soft">{bytes(f.file.size)}</span></span>
            <span>{fill(t[f.state], { share: percent(f.share), reason: f.reason })}</span>
            {f.state === "failed" && <button type="button" onClick={() => send(f.id, f.file)}>{t.again}</button>}
            <button type="button" class="quiet" aria-label={fill(t.remove, { name: f.file.name })} onClick={() => (list.value = list.value.filter((x) => x.id !== f.id))}>×</button>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

function kindOf(file: File): EvidenceKind {
  if (file.type.startsWith("image/")) return "PHOTO";
  return file.type.startsWith("video/") ? "VIDEO" : "DOCUMENT";
}

async function announce(id: string, file: File, schoolId: string, stage: EvidenceStage): Promise<void> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  const sha256 = Array.from(hash, (b) => b.toString(16).padStart(2, "0")).join("");
  await request(Announce, {
    input: { id, schoolId, stage, kind: kindOf(file), source: "FILE", fileName: file.name, mediaType: file.type, size: file.size, sha256, deviceTime: new Date().toISOString() },
  });
}

// By tus, which resumes after a broken connection and needs nothing but the API's host.
async function sendBytes(id: string, file: File, progress: (share: number) => void): Promise<void> {
  const { Upload } = await import("tus-js-client");
  const token = await accessToken();
  await new Promise<void>((resolve, reject) => {
    new Upload(file, {
      endpoint: "/uploads/",
      metadata: { evidence: id },
      headers: token ? { Authorization: `Bearer ${token}` } : {},
      storeFingerprintForResuming: false,
      retryDelays: [0, 1000, 3000, 10_000],
      onProgress: (sent, total) => progress(total ? sent / total : 0),
      onSuccess: () => resolve(),
      onError: reject,
    }).start();
  });
}

async function verdict(id: string): Promise<{ status: string; rejection?: string | null }> {
  let { evidence } = (await request(Complete, { input: { id } })).completeEvidence;
  while (evidence && evidence.status !== "VERIFIED" && evidence.status !== "REJECTED") {
    await new Promise((resolve) => setTimeout(resolve, 700));
    evidence = (await request(Look, { id })).evidence;
  }
  if (!evidence) throw new RequestError(t.failed, "NOT_FOUND", false);
  return evidence;
}
