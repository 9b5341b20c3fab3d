// Photos, videos and documents with what the server knows of them. Screens show
// renditions, which carry no metadata; an original is opened on purpose, and logged.
import { useEffect, useRef, useState } from "preact/hooks";
import { graphql, request } from "../api/client";
import type { EvidenceGapPartsFragment, EvidencePartsFragment } from "../api/gql/graphql";
import { Facts } from "./Facts";
import { bytes, instant, lasting } from "./format";
import { fill, texts } from "./language";
import { link, route } from "./route";
import { word } from "./words";

const t = texts({
  none: ["没有佐证材料。", "There is no evidence."],
  open: ["查看", "Look at"],
  close: ["关闭", "Close"],
  original: ["打开原件（将留下查看记录）", "Open the original (this is logged)"],
  opening: ["正在打开…", "Opening…"],
  noPicture: ["无缩略图", "No thumbnail"],
  taken: ["拍摄", "Taken"],
  announced: ["登记", "Announced"],
  uploader: ["上传人", "Uploaded by"],
  source: ["来源", "Source"],
  size: ["大小", "Size"],
  trust: ["可信程度", "Trust"],
  reasons: ["依据", "Why"],
  review: ["复核", "Review"],
  rejection: ["不合格原因", "Refused because"],
  metres: ["{n} 米", "{n} m"],
  bits: ["差异 {n}/256", "{n} of 256 bits differ"],
  custody: ["保管与经过", "Custody and history"],
  waiting: ["{n} 份仍在路上", "{n} still on the way"],
  refused: ["{n} 份被判不合格", "{n} refused"],
  stage: ["（{stage}）", " ({stage})"],
  gap: ["{step}：还缺 {n} 份{kind}{stage}", "{step}: {n} × {kind} missing{stage}"],
});

export const EvidenceParts = graphql(`
  fragment EvidenceParts on Evidence {
    id kind stage status source fileName mediaType size capturedAt takenAt announcedAt rejection width height durationMs
    uploader { name }
    trust trustReasons { code weight measure } review reviewNote
    position { latitude longitude } filePosition { latitude longitude }
    thumbnail: url(rendition: THUMBNAIL) preview: url(rendition: PREVIEW) playable: url(rendition: PLAYABLE)
  }
`);

export const EvidenceGapParts = graphql(`
  fragment EvidenceGapParts on EvidenceGap { step kind stage count waitingIds rejectedIds }
`);

const Original = graphql(`
  mutation OpenOriginal($input: OpenOriginalInput!) { openOriginal(input: $input) { url } }
`);

const tone = (e: EvidencePartsFragment) => (e.status === "REJECTED" || e.review === "UPHELD" ? "bad" : e.status !== "VERIFIED" || e.trust === "LOW" ? "warn" : "good");

/** A row of files; each opens large, with everything that is known of it. */
export function EvidenceRow({ files, label }: { files: EvidencePartsFragment[]; label: string }) {
  const [shown, setShown] = useState<EvidencePartsFragment>();
  if (files.length === 0) return null;
  return (
    <>
      <ul class="evidence" aria-label={label}>
        {files.map((e) => (
          <li key={e.id}>
            <button type="button" class={`piece ${tone(e)}`} onClick={() => setShown(e)} aria-label={`${t.open} ${word(e.stage)} ${word(e.kind)} ${word(e.status)}`}>
              {e.thumbnail ? <img src={e.thumbnail} alt="" loading="lazy" /> : <span class="no-picture">{t.noPicture}</span>}
              <span class="piece-words">
                {nameOf(e)}
                <br />
                {word(e.status)}{e.trust === "LOW" && ` · ${word("LOW")}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {shown && <Piece file={shown} onClose={() => setShown(undefined)} />}
    </>
  );
}

function Piece({ file, onClose }: { file: EvidencePartsFragment; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);

  return (
    <dialog ref={dialog} class="piece-large" onClose={onClose} aria-label={nameOf(file)}>
      <EvidencePicture file={file} />
      <Facts
        rows={[
          ...evidenceFacts(file),
          [
            t.reasons,
            file.trustReasons.length > 0 && (
              <ul class="reasons">
                {file.trustReasons.map((r) => <li class={r.weight === "QUESTIONS" ? "problem" : ""}>{word(r.code)}{r.measure > 0 && ` (${measured(r)})`}</li>)}
              </ul>
            ),
          ],
          [t.review, file.review !== "NONE" && <>{word(file.review, "EvidenceReviewStatus")}{file.reviewNote && <p>{file.reviewNote}</p>}</>],
        ]}
      />
      <p class="actions">
        <a href={custodyOf(file.id)}>{t.custody}</a>
        <OpenOriginal file={file} />
        <button type="button" class="primary" onClick={() => dialog.current?.close()}>{t.close}</button>
      </p>
    </dialog>
  );
}

/** Opens the original on purpose: it carries where and when it was taken, and each opening is logged. */
export function OpenOriginal({ file, opened }: { file: { id: string; status: string }; opened?: () => void }) {
  const [opening, setOpening] = useState(false);
  const [problem, setProblem] = useState("");

  async function original() {
    setOpening(true);
    setProblem("");
    try {
      open((await request(Original, { input: { evidenceId: file.id } })).openOriginal.url, "_blank", "noopener");
      opened?.();
    } catch (cause) {
      setProblem(cause instanceof Error ? cause.message : String(cause));
    }
    setOpening(false);
  }

  if (file.status !== "VERIFIED") return null;
  return (
    <>
      <span class="problem" role="alert">{problem}</span>
      <button type="button" disabled={opening} onClick={() => void original()}>{opening ? t.opening : t.original}</button>
    </>
  );
}

// A file's own page among the working screens, in the campaign and region of this one.
function custodyOf(id: string): string {
  const { query } = route.peek();
  return link(["work", "evidence", id], { campaign: query.get("campaign"), region: query.get("region") });
}

/** What a file is called: what it shows, and its kind. */
export const nameOf = (e: { stage: string; kind: string }): string => `${word(e.stage)} · ${word(e.kind)}`;

/** The picture or video itself, as large as there is room. */
export function EvidencePicture({ file }: { file: EvidencePartsFragment }) {
  return (
    <div class="piece-picture">
      {file.kind === "VIDEO" && file.playable ? (
        <video src={file.playable} poster={file.preview ?? undefined} controls preload="metadata" aria-label={`${nameOf(file)} ${file.fileName}`} />
      ) : file.preview ? (
        <img src={file.preview} alt={`${nameOf(file)} ${file.fileName}`} loading="lazy" />
      ) : (
        <p>{t.noPicture}</p>
      )}
    </div>
  );
}

/** What is known of a file, but for its doubts. */
export function evidenceFacts(e: EvidencePartsFragment): [name: string, value: string | null | false | undefined][] {
  const takenAt = e.takenAt ?? e.capturedAt;
  return [
    [word("EvidenceStatus"), word(e.status)],
    [t.rejection, word(e.rejection)],
    [t.taken, takenAt && instant(takenAt)],
    [t.announced, instant(e.announcedAt)],
    [t.uploader, e.uploader?.name],
    [t.source, word(e.source)],
    [t.size, `${bytes(e.size)}${e.width && e.height ? ` · ${e.width}×${e.height}` : ""}`],
    [t.trust, word(e.trust, "EvidenceTrustGrade")],
  ];
}

/** How much a reason weighs: a time, a way, or bits; only where there is something to measure. */
export function measured({ code, measure }: { code: string; measure: number }): string {
  if (/TIME|CLOCK|VISIT|OLDER/.test(code)) return lasting(measure);
  return fill(/BOUNDARY/.test(code) ? t.metres : t.bits, { n: measure });
}

/** The evidence that is missing before a step is proven; nothing when all is there. */
export function EvidenceGaps({ gaps }: { gaps: EvidenceGapPartsFragment[] }) {
  if (gaps.length === 0) return null;
  return (
    <ul class="gaps">
      {gaps.map((g) => (
        <li class="problem">
          {fill(t.gap, { step: word(g.step), n: g.count, kind: word(g.kind), stage: g.stage ? fill(t.stage, { stage: word(g.stage) }) : "" })}
          {g.waitingIds.length > 0 && ` · ${fill(t.waiting, { n: g.waitingIds.length })}`}
          {g.rejectedIds.length > 0 && ` · ${fill(t.refused, { n: g.rejectedIds.length })}`}
        </li>
      ))}
    </ul>
  );
}
