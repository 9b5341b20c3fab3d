// One notice: what it says, and what this person may do about it.
import { Details } from "../../ui/Details";
import { EvidenceGaps, EvidenceRow } from "../../ui/Evidence";
import { Facts } from "../../ui/Facts";
import { Gone, QueryResult } from "../../ui/State";
import { Tag } from "../../ui/Tag";
import { Timeline } from "../../ui/Timeline";
import { instant } from "../../ui/format";
import { texts } from "../../ui/language";
import { printNotice } from "../../ui/printNotice";
import { useQuery } from "../../ui/useQuery";
import { word } from "../../ui/words";
import { Overtaken, useOutcome } from "../Overtaken";
import { type Step, Steps } from "../Steps";
import { to } from "../to";
import type { Worker } from "../viewer";
import { NoticeContent } from "./NoticeContent";
import { Acknowledge, Refuse, Reply } from "./answer";
import { Discard, Issue, Revise, Supersede } from "./issue";
import { type Notice, NoticeAtWork, type OnNotice } from "./query";

const t = texts({
  back: ["返回通知书", "Back to the notices"],
  draft: ["整改通知书（草稿）", "Rectification notice (draft)"],
  issued: ["下发", "Issued"],
  opinion: ["学校意见", "The school's opinion"],
  refusal: ["拒签原因", "Why it was not signed"],
  witness: ["见证人", "Witness"],
  reply: ["回复", "Reply"],
  handedIn: ["报送", "Handed in"],
  check: ["核对真伪", "Check that it is genuine"],
  digest: ["内容的 SHA-256", "SHA-256 of what it says"],
  supersedes: ["取代", "Stands in the place of"],
  supersededBy: ["已被取代为", "Superseded by"],
  history: ["经过", "History"],
  overdue: ["逾期", "Overdue"],
  issue: ["下发", "Issue it"],
  revise: ["修改草稿", "Change the draft"],
  discard: ["放弃草稿", "Discard the draft"],
  supersede: ["以新通知书取代", "Supersede it"],
  acknowledge: ["签收", "Acknowledge"],
  refuse: ["记录拒签", "Record that it was not signed"],
  sendReply: ["回复整改情况", "Reply"],
  print: ["打印通知书", "Print it"],
  evidence: ["签收材料", "Signature"],
});

const issuer = (w: Worker) => w.is("SAFETY_SECTION", "INSPECTOR");
const ofSchool = (w: Worker, n: Notice) => w.is("SCHOOL_LEADER", "SCHOOL_SAFETY_OFFICER") && w.schools.some((s) => s.id === n.school?.id);
const head = (w: Worker, n: Notice) => w.is("SCHOOL_LEADER") && ofSchool(w, n);

const steps: Step<Notice, OnNotice>[] = [
  { event: "ISSUED", name: () => t.issue, form: Issue, mine: issuer },
  { event: "ACKNOWLEDGED", name: () => t.acknowledge, form: Acknowledge, mine: head },
  { event: "REPLIED", name: () => t.sendReply, form: Reply, mine: ofSchool },
  { event: "REVISED", name: () => t.revise, form: Revise, mine: issuer },
  { event: "DROPPED", name: () => t.discard, form: Discard, mine: issuer },
  { event: "REFUSED", name: () => t.refuse, form: Refuse, mine: issuer },
  { event: "SUPERSEDED", name: () => t.supersede, form: Supersede, mine: issuer },
];

/** The screen of one notice. */
export function NoticeWork({ id }: { id: string }) {
  const query = useQuery(NoticeAtWork, { id });
  const { message, outcome } = useOutcome(() => void query.reload());
  return (
    <QueryResult query={query}>
      {({ notice }) => {
        if (!notice) return <Gone />;
        const last = notice.events?.at(-1);
        return (
          <article class="work-record">
            <p><a href={to(["notices"])}>{t.back}</a></p>
            <Overtaken message={message} by={last ? `${word(last.kind, "NoticeEventKind")} · ${last.actor?.name ?? ""} · ${instant(last.happenedAt)}` : ""} />
            <div class="beside">
              <section class="card" aria-label={notice.number ?? t.draft}>
                <h1>{notice.number ?? t.draft}</h1>
                <p class="badges">
                  <Tag>{word(notice.status, "NoticeStatus")}</Tag>
                  {notice.overdue && <Tag look="bad">{t.overdue}</Tag>}
                </p>
                {notice.number && <button type="button" onClick={() => void printNotice(notice.id)}>{t.print}</button>}
                <NoticeContent notice={notice} />
                <Facts
                  rows={[
                    [t.issued, notice.issuedAt && `${notice.issuedBy?.name ?? ""} · ${instant(notice.issuedAt)}`],
                    [t.check, notice.verifyCode && <a href={`/verify/${notice.verifyCode}`}>{`/verify/${notice.verifyCode}`}</a>],
                    [t.digest, notice.snapshotHash && <code>{notice.snapshotHash}</code>],
                    [t.acknowledge, notice.acknowledgedAt && `${notice.acknowledgedBy?.name ?? ""} · ${instant(notice.acknowledgedAt)}`],
                    [t.opinion, notice.opinion],
                    [t.refusal, notice.refusalReason],
                    [t.witness, notice.witness],
                    [t.reply, notice.reply],
                    [t.handedIn, notice.handedInAt && instant(notice.handedInAt)],
                    [t.supersedes, notice.supersedes && <a href={to(["notice", notice.supersedes.id])}>{notice.supersedes.number}</a>],
                    [t.supersededBy, notice.supersededBy && <a href={to(["notice", notice.supersededBy.id])}>{notice.supersededBy.number}</a>],
                  ]}
                />
                <EvidenceRow label={t.evidence} files={notice.evidence ?? []} />
                <EvidenceGaps gaps={notice.missingEvidence ?? []} />
                <h2>{t.history}</h2>
                <Timeline
                  label={t.history}
                  steps={(notice.events ?? []).map((e) => ({
                    id: e.id, title: word(e.kind, "NoticeEventKind"), by: e.actor?.name, at: e.happenedAt, receivedAt: e.receivedAt,
                    body: <Details details={e.details} category={(code) => code} />,
                  }))}
                />
              </section>
              <Steps steps={steps} record={notice} on={{ notice, ...outcome }} />
            </div>
          </article>
        );
      }}
    </QueryResult>
  );
}
