// One file on its way: announced, sent by tus from the server's offset, completed, and
// watched until the server has verified or rejected it.
import { Upload } from "tus-js-client";
import { RequestError } from "../api/post";
import { accessToken } from "../api/session";
import { ask } from "./account";
import { bytesOf, changeFile } from "./files";
import { sha256 } from "./hash";
import { Announce, Complete, Received } from "./operations";
import type { FileRecord } from "./schema";

/** A video goes in pieces of this size: what the server has confirmed never goes again. */
const piece = 8 << 20;

/** Announce a file, so that the server knows of it. RequestError as `ask`. */
export async function announce(file: FileRecord): Promise<void> {
  let hash = file.announcement.sha256;
  if (!hash) {
    const blob = await bytesOf(file.id);
    if (!blob) throw new RequestError("", "BYTES_GONE", false);
    hash = await sha256(file.id, blob);
  }
  const sha = hash;
  let frozen = file.announcement;
  // From here on the announcement must not change, even when the answer is lost.
  await changeFile(file.id, (f) => {
    f.announcement.sha256 = sha;
    f.frozen = true;
    frozen = f.announcement;
  });
  const { announceEvidence } = await ask(Announce, { input: { ...frozen, sha256: sha, deviceTime: new Date().toISOString() } }, file.owner);
  await note(file.id, announceEvidence.upload?.evidence);
}

/** Send the bytes of an announced file that the server does not have, then complete it. RequestError as `ask`, or of the upload. */
export async function send(file: FileRecord, abort: AbortSignal): Promise<void> {
  const blob = await bytesOf(file.id);
  if (!blob) throw new RequestError("", "BYTES_GONE", false);
  try {
    await tus(file, blob, abort);
  } catch (error) {
    // Another device, or an answer that was lost, may have finished it.
    const { evidenceUpload } = await ask(Received, { id: file.id }, file.owner);
    if (!evidenceUpload || evidenceUpload.evidence.status === "ANNOUNCED") throw error;
  }
  const { completeEvidence } = await ask(Complete, { input: { id: file.id } }, file.owner);
  await note(file.id, completeEvidence.evidence);
}

/** Ask for the status of a file that the server has. */
export async function watch(file: FileRecord): Promise<void> {
  const { evidenceUpload } = await ask(Received, { id: file.id }, file.owner);
  await note(file.id, evidenceUpload?.evidence);
}

// Note the status. The bytes are kept until the server has verified or rejected them.
async function note(id: string, said: { status: string; rejection?: string | null; queuedMs?: number | null } | null | undefined): Promise<void> {
  if (!said) throw new RequestError("", "INTERNAL", true);
  const settled = said.status === "VERIFIED" || said.status === "REJECTED";
  await changeFile(
    id,
    (f) => {
      f.status = said.status;
      f.queuedMs = said.queuedMs ?? null;
      if (said.status !== "ANNOUNCED") f.received = f.announcement.size;
      if (said.status === "REJECTED") f.refusal = { code: said.rejection ?? "", message: said.rejection ?? "", fields: [] };
    },
    settled,
  );
}

async function tus(file: FileRecord, blob: Blob, abort: AbortSignal): Promise<void> {
  let token = await accessToken();
  for (let attempt = 0; ; attempt++) {
    const refused = await once(file, blob, token, abort);
    if (!refused) return;
    const renewed = attempt === 0 ? await accessToken(token ?? undefined) : null;
    if (!renewed) throw refused;
    token = renewed;
  }
}

// One run from the server's offset to the end. A RequestError when the token was
// refused, which may be renewed; any other is thrown.
function once(file: FileRecord, blob: Blob, token: string | null, abort: AbortSignal): Promise<RequestError | null> {
  return new Promise((resolve, reject) => {
    const setReceived = (received: number) => void changeFile(file.id, (f) => (f.received = Math.max(f.received, received)));
    const upload = new Upload(blob as File, {
      // An announced file is its upload: HEAD answers the server's offset.
      uploadUrl: `/uploads/${file.id}`,
      chunkSize: piece,
      headers: { Authorization: `Bearer ${token ?? ""}` },
      storeFingerprintForResuming: false,
      // The queue tries again, with a back-off of its own and small files first.
      retryDelays: null,
      onAfterResponse: (_, response) => {
        const offset = Number(response.getHeader("Upload-Offset"));
        if (offset > 0) setReceived(offset);
      },
      onSuccess: () => resolve(null),
      onError: (error) => {
        const answer = "originalResponse" in error ? error.originalResponse : null;
        const status = answer?.getStatus() ?? 0;
        const lasting = [400, 403, 404, 409, 413].includes(status);
        const fault = new RequestError(answer?.getBody() || error.message, status === 401 ? "UNAUTHENTICATED" : status ? `HTTP_${status}` : "UNAVAILABLE", !lasting);
        if (status === 401) resolve(fault);
        else reject(fault);
      },
    });
    abort.addEventListener("abort", () => {
      void upload.abort();
      reject(new RequestError("", "UNAVAILABLE", true));
    });
    upload.start();
  });
}
