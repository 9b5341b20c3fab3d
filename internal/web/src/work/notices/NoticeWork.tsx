// One notice: what it says, and what this person may do about it.
import { type ComponentType } from "preact";
import { useState } from "preact/hooks";
import { graphql } from "../../api/client";
import type { NoticeAtWorkQuery } from "../../api/gql/graphql";
import { Attach, attachedIDs, clearFiles, waitsForFiles } from "../../ui/Attach";
import { Dialog } from "../../ui/Dialog";
import { Form, TextField } from "../../ui/Form";
import { day, instant } from "../../ui/format";
import { texts } from "../../ui/language";
import { go } from "../../ui/route";
import { useCommand } from "../../ui/useCommand";
import { useQuery } from "../../ui/useQuery";
import { word } from "../../ui/words";
import { Asked, Facts, Files, Mark, Overtaken } from "../parts";
import { type Worker, useWorker } from "../viewer";
import { noticeEventName, noticeStatusName } from "../words";
import { to } from "../to";

const t = texts({
  back: ["返回通知书", "Back to the notices"],
  draft: ["整改通知书（草稿）", "Rectification notice (draft)"],
  school: ["学校", "School"],
  team: ["督查组", "Team"],
  deadline: ["整改期限", "Deadline"],
  requirements: ["整改要求", "Requirements"],
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
  items: ["列明的隐患", "Hazards on it"],
  history: ["经过", "History"],
  actions: ["可以办理", "What can be done"],
  nothing: ["现在没有需要您办理的。", "There is nothing for you to do now."],
  overdue: ["逾期", "Overdue"],
  issue: ["下发", "Issue it"],
  preview: ["下发前核对", "Look at it before it is issued"],
  frozen: ["下发后编号，内容固定，不能修改，只能以新通知书取代。", "It gets its number, and what it says is frozen: it can only be superseded."],
  issueDone: ["已下发。", "It is issued."],
  revise: ["修改草稿", "Change the draft"],
  revised: ["草稿已修改。", "The draft is changed."],
  drop: ["放弃草稿", "Give the draft up"],
  dropped: ["草稿已放弃。", "The draft is given up."],
  supersede: ["以新通知书取代", "Supersede it"],
  superseded: ["已起草取代它的通知书，下发后生效。", "A draft that supersedes it is made; it counts once issued."],
  acknowledge: ["签收", "Acknowledge"],
  acknowledged: ["已签收。", "It is acknowledged."],
  signature: ["签字照片", "Photo of the signature"],
  refuse: ["记录拒签", "Record that it was not signed"],
  refused: ["拒签已记录。", "It is recorded."],
  sendReply: ["回复整改情况", "Reply"],
  replied: ["已回复。", "The reply is sent."],
  what: ["整改情况", "What was done"],
});

const NoticeAtWork = graphql(`
  query NoticeAtWork($id: ID!) {
    notice(id: $id) {
      id version status number requirements deadlineOn overdue allowedEvents
      school { id name } team { id name } report { id }
      issuedAt issuedBy { id name } snapshotHash verifyCode
      acknowledgedAt acknowledgedBy { id name } opinion refusalReason witness
      repliedAt reply handedInAt handedInLate
      supersedes { id number } supersededBy { id number }
      evidence { id kind stage fileName thumbnail: url(rendition: THUMBNAIL) preview: url(rendition: PREVIEW) }
      items { id position problem place basis requirement hazard { id status } }
      events { id kind actor { id name } happenedAt }
    }
  }
`);
const Issue = graphql(`mutation IssueNotice($input: IssueNoticeInput!) { issueNotice(input: $input) { notice { id number } } }`);
const Revise = graphql(`mutation ReviseNotice($input: ReviseNoticeInput!) { reviseNotice(input: $input) { notice { id version } } }`);
const Drop = graphql(`mutation DropNotice($input: DropNoticeInput!) { dropNotice(input: $input) { notice { id version } } }`);
const Supersede = graphql(`mutation SupersedeNotice($input: SupersedeNoticeInput!) { supersedeNotice(input: $input) { notice { id } } }`);
const Acknowledge = graphql(`mutation AcknowledgeNotice($input: AcknowledgeNoticeInput!) { acknowledgeNotice(input: $input) { notice { id version } } }`);
const Refuse = graphql(`mutation RefuseNotice($input: RefuseNoticeInput!) { refuseNotice(input: $input) { notice { id version } } }`);
const Reply = graphql(`mutation ReplyToNotice($input: ReplyToNoticeInput!) { replyToNotice(input: $input) { notice { id version } } }`);

type Notice = NonNullable<NoticeAtWorkQuery["notice"]>;

interface On {
  notice: Notice;
  changed: () => void;
  overtaken: (error: { message: string }) => void;
}

const about = (notice: Notice, ids: (noun: string) => string) => ({ commandId: ids("command"), noticeId: notice.id, expectedVersion: notice.version });

const issuer = (w: Worker) => w.is("SAFETY_SECTION", "INSPECTOR");
const ofSchool = (w: Worker, n: Notice) => w.is("SCHOOL_LEADER", "SCHOOL_SAFETY_OFFICER") && w.schools.some((s) => s.id === n.school?.id);
const head = (w: Worker, n: Notice) => w.is("SCHOOL_LEADER") && ofSchool(w, n);

const steps: { event: string; name: () => string; form: ComponentType<On>; mine: (w: Worker, n: Notice) => boolean }[] = [
  { event: "ISSUED", name: () => t.issue, form: IssueStep, mine: issuer },
  { event: "ACKNOWLEDGED", name: () => t.acknowledge, form: AcknowledgeStep, mine: head },
  { event: "REPLIED", name: () => t.sendReply, form: ReplyStep, mine: ofSchool },
  { event: "REVISED", name: () => t.revise, form: ReviseStep, mine: issuer },
  { event: "DROPPED", name: () => t.drop, form: DropStep, mine: issuer },
  { event: "REFUSED", name: () => t.refuse, form: RefuseStep, mine: issuer },
  { event: "SUPERSEDED", name: () => t.supersede, form: SupersedeStep, mine: issuer },
];

/** The screen of one notice. */
export function NoticeWork({ id }: { id: string }) {
  const worker = useWorker();
  const query = useQuery(NoticeAtWork, { id });
  const [overtaken, setOvertaken] = useState<string>();
  return (
    <Asked query={query}>
      {({ notice }) => {
        if (!notice) return null;
        const last = notice.events?.at(-1);
        const on: On = {
          notice,
          changed: () => (setOvertaken(undefined), void query.reload()),
          overtaken: ({ message }) => (setOvertaken(message), void query.reload()),
        };
        const allowed: readonly string[] = notice.allowedEvents;
        const mine = steps.filter((s) => allowed.includes(s.event) && s.mine(worker, notice));
        return (
          <article class="work-record">
            <p><a href={to(["notices"])}>{t.back}</a></p>
            <Overtaken message={overtaken} by={last ? `${noticeEventName(last.kind)} · ${last.actor?.name ?? ""} · ${instant(last.happenedAt)}` : ""} />
            <div class="beside">
              <section class="card" aria-label={notice.number ?? t.draft}>
                <h1>{notice.number ?? t.draft}</h1>
                <p class="badges">
                  <Mark>{noticeStatusName(notice.status)}</Mark>
                  {notice.overdue && <Mark look="bad">{t.overdue}</Mark>}
                </p>
                <Said notice={notice} />
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
                <Files files={notice.evidence} />
                <h2>{t.history}</h2>
                <ol class="work-history">
                  {notice.events?.map((e) => (
                    <li key={e.id}>{noticeEventName(e.kind)} <span class="soft">{e.actor?.name} · {instant(e.happenedAt)}</span></li>
                  ))}
                </ol>
              </section>
              <section class="steps" aria-label={t.actions}>
                <h2>{t.actions}</h2>
                {!mine.length && <p class="soft">{t.nothing}</p>}
                {mine.map(({ event, name, form: StepForm }, i) => (
                  <details class="card" key={`${event} ${i === 0}`} open={i === 0}>
                    <summary>{name()}</summary>
                    <StepForm {...on} />
                  </details>
                ))}
              </section>
            </div>
          </article>
        );
      }}
    </Asked>
  );
}

/** What the notice says: exactly what issuing freezes. */
function Said({ notice }: { notice: Notice }) {
  return (
    <>
      <Facts rows={[[t.school, notice.school?.name], [t.team, notice.team?.name], [t.deadline, day(notice.deadlineOn)], [t.requirements, notice.requirements]]} />
      <h2>{t.items}</h2>
      <ol class="items">
        {notice.items?.map((item) => (
          <li key={item.id}>
            {item.hazard ? <a href={to(["hazard", item.hazard.id])}>{item.problem}</a> : item.problem}{" "}
            <span class="soft">{[item.place, item.basis, item.requirement, word(item.hazard?.status)].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

function IssueStep({ notice, changed, overtaken }: On) {
  const command = useCommand(Issue, { done: t.issueDone, overtaken });
  const [looking, setLooking] = useState(false);
  return (
    <>
      <button type="button" class="primary" onClick={() => setLooking(true)}>{t.preview}</button>
      {looking && (
        <Dialog title={t.preview} onClose={() => setLooking(false)}>
          <Said notice={notice} />
          <p class="soft">{t.frozen}</p>
          <Form
            name={`issue ${notice.id}`}
            actions={[{ value: "issue", label: t.issue, look: "primary" }]}
            busy={command.busy}
            error={command.error}
            onSubmit={async () => {
              const done = await command.run((ids) => ({ input: about(notice, ids) }));
              if (done) changed();
              return Boolean(done);
            }}
          />
        </Dialog>
      )}
    </>
  );
}

function ReviseStep({ notice, changed, overtaken }: On) {
  const { today } = useWorker();
  const command = useCommand(Revise, { done: t.revised, overtaken });
  return (
    <Form
      name={`revise ${notice.id}`}
      actions={[{ value: "revise", label: t.revise, look: "primary" }]}
      busy={command.busy}
      error={command.error}
      onSubmit={async (v) => {
        const done = await command.run((ids) => ({ input: { ...about(notice, ids), deadlineOn: v.deadlineOn!, requirements: v.requirements! } }));
        if (done) changed();
        return Boolean(done);
      }}
    >
      <TextField name="deadlineOn" label={t.deadline} type="date" min={today} required initial={notice.deadlineOn} />
      <TextField name="requirements" label={t.requirements} rows={5} required initial={notice.requirements} />
    </Form>
  );
}

function DropStep({ notice, changed, overtaken }: On) {
  const command = useCommand(Drop, { done: t.dropped, overtaken });
  return (
    <Form
      name={`drop ${notice.id}`}
      actions={[{ value: "drop", label: t.drop, look: "danger" }]}
      busy={command.busy}
      error={command.error}
      onSubmit={async () => {
        const done = await command.run((ids) => ({ input: about(notice, ids) }));
        if (done) changed();
        return Boolean(done);
      }}
    />
  );
}

function SupersedeStep({ notice, overtaken }: On) {
  const { today } = useWorker();
  const command = useCommand(Supersede, { done: t.superseded, overtaken });
  return (
    <Form
      name={`supersede ${notice.id}`}
      actions={[{ value: "supersede", label: t.supersede, look: "primary" }]}
      busy={command.busy}
      error={command.error}
      onSubmit={async (v) => {
        const done = await command.run((ids) => ({
          input: { id: ids("notice"), noticeId: notice.id, expectedVersion: notice.version, deadlineOn: v.deadlineOn!, requirements: v.requirements! },
        }));
        const draft = done?.supersedeNotice.notice;
        if (draft) go(to(["notice", draft.id]));
        return Boolean(done);
      }}
    >
      <TextField name="deadlineOn" label={t.deadline} type="date" min={today} required initial={notice.deadlineOn} />
      <TextField name="requirements" label={t.requirements} rows={5} required initial={notice.requirements} />
    </Form>
  );
}

function AcknowledgeStep({ notice, changed, overtaken }: On) {
  const command = useCommand(Acknowledge, { done: t.acknowledged, overtaken });
  const name = `acknowledge ${notice.id}`;
  return (
    <Form
      name={name}
      actions={[{ value: "acknowledge", label: t.acknowledge, look: "primary" }]}
      busy={command.busy}
      error={command.error}
      blocked={waitsForFiles(name)}
      onSubmit={async ({ opinion }) => {
        const done = await command.run((ids) => ({ input: { ...about(notice, ids), opinion: opinion!, evidenceIds: attachedIDs(name) } }));
        if (done) clearFiles(name), changed();
        return Boolean(done);
      }}
    >
      <TextField name="opinion" label={t.opinion} rows={3} required />
      <Attach name={name} schoolId={notice.school!.id} stage="SIGNATURE" label={t.signature} />
    </Form>
  );
}

function RefuseStep({ notice, changed, overtaken }: On) {
  const command = useCommand(Refuse, { done: t.refused, overtaken });
  return (
    <Form
      name={`refuse ${notice.id}`}
      actions={[{ value: "refuse", label: t.refuse, look: "danger" }]}
      busy={command.busy}
      error={command.error}
      onSubmit={async (v) => {
        const done = await command.run((ids) => ({ input: { ...about(notice, ids), reason: v.reason!, witness: v.witness! } }));
        if (done) changed();
        return Boolean(done);
      }}
    >
      <TextField name="reason" label={t.refusal} rows={2} required />
      <TextField name="witness" label={t.witness} required />
    </Form>
  );
}

function ReplyStep({ notice, changed, overtaken }: On) {
  const command = useCommand(Reply, { done: t.replied, overtaken });
  return (
    <Form
      name={`reply ${notice.id}`}
      actions={[{ value: "reply", label: t.sendReply, look: "primary" }]}
      busy={command.busy}
      error={command.error}
      onSubmit={async ({ reply }) => {
        const done = await command.run((ids) => ({ input: { ...about(notice, ids), reply: reply! } }));
        if (done) changed();
        return Boolean(done);
      }}
    >
      <TextField name="reply" label={t.what} rows={4} required />
    </Form>
  );
}
