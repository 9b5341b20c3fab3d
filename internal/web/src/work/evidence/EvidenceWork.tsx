// One file in custody: what it shows, what is known of it, how it is kept, what was
// done with it; and beside that what this person may decide.
import { EvidencePicture, OpenOriginal, evidenceFacts, nameOf } from "../../ui/Evidence";
import { Facts } from "../../ui/Facts";
import { ListEnd, type Pages, usePages } from "../../ui/List";
import { Gone, QueryResult, QueryState } from "../../ui/State";
import { Tag } from "../../ui/Tag";
import { Timeline } from "../../ui/Timeline";
import { instant, lasting, names } from "../../ui/format";
import { fill, texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { word } from "../../ui/words";
import { Overtaken, useOutcome } from "../Overtaken";
import { to } from "../to";
import { useWorker } from "../viewer";
import { Compared, Doubts } from "./Doubts";
import { type OnEvidence, ReviewForm } from "./ReviewForm";
import { Uses } from "./Uses";
import { CustodyForm, commandName, custodyOf } from "./custody";
import { EvidenceEvents, EvidenceInCustody, type KeptEvidence } from "./query";

const t = texts({
  back: ["返回佐证材料复核", "Back to the review of evidence"],
  held: ["依法保全", "Under legal hold"],
  asked: ["待批准销毁", "Destruction to be approved"],
  going: ["已批准销毁", "Destruction approved"],
  gone: ["已销毁", "Destroyed"],
  decision: ["复核结论", "The decision"],
  facts: ["文件", "The file"],
  name: ["文件名", "Name"],
  uses: ["用于", "Stands for"],
  type: ["文件类型", "Media type"],
  camera: ["相机", "Camera"],
  codec: ["编码", "Coded as"],
  clock: ["手机时钟偏差", "Phone's clock off by"],
  queued: ["在手机上等待网络", "Waited on the phone"],
  digest: ["SHA-256", "SHA-256"],
  keeping: ["保管", "Custody"],
  received: ["收到", "Received"],
  verified: ["核验", "Verified"],
  until: ["保管期至", "Kept until"],
  sealed: ["存储锁定", "Sealed in the store"],
  sealedSince: ["自 {at} 起，存储本身拒绝更改和删除", "Since {at} the store itself refuses to change or remove it"],
  unsealed: ["存储尚未锁定，由系统拒绝删除", "Not sealed in the store; the system refuses to remove it"],
  requested: ["申请销毁", "Destruction asked for by"],
  somebody: ["查看范围之外的人", "somebody out of your sight"],
  history: ["经过", "History"],
  noHistory: ["核验之后还没有人打开原件、保全、复核或销毁。", "Since its verification nobody has opened, held, reviewed or destroyed it."],
  actions: ["可以办理", "What can be done"],
  nothing: ["现在没有需要您办理的。", "There is nothing for you to do now."],
  review: ["复核疑点", "Review its doubts"],
  again: ["改变复核结论", "Change the decision"],
});

/** The screen. */
export function EvidenceWork({ id }: { id: string }) {
  const query = useQuery(EvidenceInCustody, { id });
  const events = usePages(EvidenceEvents, { id }, (d) => d.evidenceEvents);
  const { message, outcome } = useOutcome(() => {
    void query.reload();
    void events.reload();
  });
  const last = events.data?.find((e) => e.kind !== "ORIGINAL_OPENED");
  return (
    <QueryResult query={query}>
      {({ evidence: file }) =>
        file ? (
          <article class="work-record">
            <p><a href={to(["evidence"])}>{t.back}</a></p>
            <Overtaken message={message} by={last ? names([word(last.kind, "EvidenceEventKind"), last.actor?.name, instant(last.happenedAt)]) : ""} />
            <div class="beside">
              <div class="steps">
                <section class="card" aria-labelledby="file">
                  <h1 id="file">{file.school?.name} · {nameOf(file)}</h1>
                  <State file={file} />
                  {file.review !== "NONE" && <Doubts file={file} />}
                  {file.reviewNote && <Facts rows={[[t.decision, `${word(file.review, "EvidenceReviewStatus")} · ${file.reviewNote}`]]} />}
                  {file.matches?.length ? <Compared file={file} /> : <EvidencePicture file={file} />}
                  {!file.destructionApprovedAt && <p class="actions"><OpenOriginal file={file} opened={() => void events.reload()} /></p>}
                </section>
                <section class="card" aria-label={t.facts}>
                  <FileFacts file={file} />
                </section>
                <History events={events} />
              </div>
              <Steps file={file} {...outcome} />
            </div>
          </article>
        ) : <Gone />
      }
    </QueryResult>
  );
}

function State({ file }: { file: KeptEvidence }) {
  return (
    <p class="badges">
      <Tag look={file.status === "VERIFIED" ? "good" : file.status === "REJECTED" ? "bad" : undefined}>{word(file.status)}</Tag>
      {file.review !== "NONE" && <Tag look={file.review === "OPEN" ? "warn" : file.review === "UPHELD" ? "bad" : "good"}>{word(file.review, "EvidenceReviewStatus")}</Tag>}
      {file.held && <Tag look="warn">{t.held}</Tag>}
      {file.destructionRequested && <Tag look="bad">{t.asked}</Tag>}
      {file.destructionApprovedAt && <Tag look="bad">{file.destroyedAt ? t.gone : t.going}</Tag>}
    </p>
  );
}

// Less than a minute is not worth a row.
const milliseconds = (n: number | null | undefined) => (n && Math.abs(n) >= 60_000 ? lasting(Math.abs(n) / 60_000) : null);

function FileFacts({ file }: { file: KeptEvidence }) {
  return (
    <>
      <h2>{t.facts}</h2>
      <Facts
        rows={[
          [t.uses, <Uses uses={file.uses} />],
          ...evidenceFacts(file),
          [t.name, file.fileName],
          [t.type, file.foundMediaType ?? file.mediaType],
          [t.codec, file.codec],
          [t.camera, [file.cameraMake, file.cameraModel].filter(Boolean).join(" ")],
          [t.clock, milliseconds(file.clockOffsetMs)],
          [t.queued, milliseconds(file.queuedMs)],
          [t.digest, <code>{file.sha256}</code>],
        ]}
      />
      <h2>{t.keeping}</h2>
      <Facts
        rows={[
          [t.received, file.receivedAt && instant(file.receivedAt)],
          [t.verified, file.verifiedAt && instant(file.verifiedAt)],
          [t.until, file.retainUntil && instant(file.retainUntil)],
          [t.sealed, file.status === "VERIFIED" && (file.sealedAt ? fill(t.sealedSince, { at: instant(file.sealedAt) }) : t.unsealed)],
          [t.requested, file.destructionRequested && (file.destructionRequestedBy?.name ?? t.somebody)],
          [t.going, file.destructionApprovedAt && instant(file.destructionApprovedAt)],
          [t.gone, file.destroyedAt && instant(file.destroyedAt)],
        ]}
      />
    </>
  );
}

function History({ events }: { events: Pages<{ id: string; kind: string; happenedAt: string; note?: string | null; actor?: { name: string } | null }> }) {
  return (
    <section class="card" aria-label={t.history}>
      <h2>{t.history}</h2>
      <QueryState query={events} />
      {events.data?.length === 0 && <p class="soft">{t.noHistory}</p>}
      <Timeline
        label={t.history}
        steps={(events.data ?? []).map((e) => ({ id: e.id, title: word(e.kind, "EvidenceEventKind"), by: e.actor?.name, at: e.happenedAt, body: e.note && <p>{e.note}</p> }))}
      />
      <ListEnd pages={events} />
    </section>
  );
}

function Steps(on: OnEvidence<KeptEvidence>) {
  const worker = useWorker();
  const { file } = on;
  const { can, notes } = custodyOf(file, worker);
  const reviews = worker.is("SAFETY_SECTION") && file.review !== "NONE";
  const waits = file.review === "OPEN" || can[0] === "approve"; // what waits for this person opens by itself
  return (
    <section class="steps" aria-label={t.actions}>
      <h2>{t.actions}</h2>
      {!can.length && !reviews && !notes.length && <p class="soft">{t.nothing}</p>}
      {reviews && (
        <details class="card" key={`review ${file.review}`} open={file.review === "OPEN"}>
          <summary>{file.review === "OPEN" ? t.review : t.again}</summary>
          <ReviewForm {...on} />
        </details>
      )}
      {can.map((command, i) => (
        <details class="card" key={command} open={i === 0 && waits && file.review !== "OPEN"}>
          <summary>{commandName(command)}</summary>
          <CustodyForm {...on} command={command} />
        </details>
      ))}
      {notes.map((note) => <p key={note} class="soft">{note}</p>)}
    </section>
  );
}
