// One hazard where something is decided about it: its facts and photos, and beside
// them the commands that its state allows this person.
import { Details } from "../../ui/Details";
import { EvidenceGaps, EvidenceRow } from "../../ui/Evidence";
import { Facts } from "../../ui/Facts";
import { Gone, QueryResult } from "../../ui/State";
import { Tag } from "../../ui/Tag";
import { Timeline } from "../../ui/Timeline";
import { day, instant } from "../../ui/format";
import { localized, texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { word } from "../../ui/words";
import { Overtaken, useOutcome } from "../Overtaken";
import { type Step, Steps } from "../Steps";
import { to } from "../to";
import { type Worker, useWorker } from "../viewer";
import { AskForMoreTime, AskToVoid, Grade, List, Mark, Plan, Raise, Reopen, Void } from "./change";
import { AcceptRecheck, DecideLowerGrade, DecideMoreTime, DecidePlan, Plans, RejectRecheck } from "./decide";
import { type HazardAtWork, HazardAtWorkDocument, type OnHazard } from "./query";
import { Supplement } from "./supplement";

const t = texts({
  facts: ["隐患情况", "The hazard"],
  school: ["学校", "School"],
  where: ["位置", "Place"],
  category: ["类别", "Category"],
  source: ["发现", "Found by"],
  reported: ["上报", "Reported"],
  responsible: ["责任人", "Responsible"],
  deadline: ["期限", "Deadline"],
  first: ["最初期限", "First deadline"],
  order: ["挂牌督办", "Under oversight"],
  notice: ["整改通知书", "Notice"],
  evidence: ["佐证材料", "Evidence"],
  supervisor: ["督办人", "Supervisor"],
  history: ["经过", "History"],
  overdue: ["逾期", "Overdue"],
  needsOversight: ["应挂牌未挂牌", "Needs oversight"],
  proven: ["已证实", "Proven"],
  back: ["返回待办", "Back to what waits"],
  planWait: ["审批整改方案", "Decide the plan"],
  extensionWait: ["审批延期", "Decide more time"],
  downgradeWait: ["审批降级", "Decide the lower grade"],
  accept: ["复查通过，销号", "Accept and close"],
  reject: ["复查不通过，退回", "Reject the rectification"],
  list: ["挂牌督办", "Place it under oversight"],
  raise: ["提级挂牌", "List it at a higher level"],
  plan: ["提交整改方案", "Submit a plan"],
  mark: ["报整改完成", "Report it as rectified"],
  ask: ["申请延期", "Ask for more time"],
  grade: ["评定等级", "Set the grade"],
  askVoid: ["申请作废", "Ask to void it"],
  void: ["作废", "Void it"],
  reopen: ["重新立案", "Reopen it"],
});

const ofSchool = (w: Worker, h: HazardAtWork) => w.is("SCHOOL_LEADER", "SCHOOL_SAFETY_OFFICER") && w.schools.some((s) => s.id === h.school?.id);
const ofBureau = (w: Worker) => w.is("SAFETY_SECTION", "INSPECTOR");
const section = (w: Worker) => w.is("SAFETY_SECTION");
const rechecks = (w: Worker, h: HazardAtWork) => h.rectifier?.id !== w.id && (ofBureau(w) || w.schools.some((s) => s.id === h.school?.id));
const rectifies = (w: Worker, h: HazardAtWork) => (h.responsible ? h.responsible.id === w.id : w.is("SCHOOL_LEADER", "SCHOOL_SAFETY_OFFICER", "GRID_MEMBER"));

const supplements = (w: Worker, h: HazardAtWork) => h.reporter?.id === w.id || w.schools.some((s) => s.id === h.school?.id);

/** In the order in which they matter: what waits for somebody first. */
const steps: Step<HazardAtWork, OnHazard>[] = [
  { event: "PLAN_APPROVED", name: () => t.planWait, form: DecidePlan, mine: ofBureau },
  { event: "EXTENSION_DECIDED", name: () => t.extensionWait, form: DecideMoreTime, mine: section },
  { event: "DOWNGRADE_DECIDED", name: () => t.downgradeWait, form: DecideLowerGrade, mine: (w, h) => ofBureau(w) || ofSchool(w, h) },
  { event: "RECTIFICATION_ACCEPTED", name: () => t.accept, form: AcceptRecheck, mine: rechecks },
  { event: "RECTIFICATION_REJECTED", name: () => t.reject, form: RejectRecheck, mine: rechecks },
  { event: "PLACED_UNDER_OVERSIGHT", name: () => t.list, form: List, mine: (w, h) => section(w) || ofSchool(w, h) },
  { event: "RECTIFIED", name: () => t.mark, form: Mark, mine: rectifies },
  { event: "RECTIFIED_AT_ONCE", name: () => t.mark, form: Mark, mine: rectifies },
  { event: "PLAN_SUBMITTED", name: () => t.plan, form: Plan, mine: ofSchool },
  { event: "EXTENSION_REQUESTED", name: () => t.ask, form: AskForMoreTime, mine: ofSchool },
  { event: "GRADED", name: () => t.grade, form: Grade, mine: (w, h) => ofBureau(w) || ofSchool(w, h) },
  { event: "OVERSIGHT_ESCALATED", name: () => t.raise, form: Raise, mine: section },
  { event: "VOID_REQUESTED", name: () => t.askVoid, form: AskToVoid, mine: ofSchool },
  { event: "VOIDED", name: () => t.void, form: Void, mine: section },
  { event: "REOPENED", name: () => t.reopen, form: Reopen, mine: ofBureau },
];

/** The screen of one hazard. */
export function HazardWork({ id }: { id: string }) {
  const worker = useWorker();
  const query = useQuery(HazardAtWorkDocument, { id });
  const { message, outcome } = useOutcome(() => void query.reload());
  return (
    <QueryResult query={query}>
      {({ hazard, hazardCategories }) => {
        if (!hazard) return <Gone />;
        const on: OnHazard = { hazard, ...outcome };
        const last = hazard.events?.at(-1);
        const category = (code: string) => {
          const known = hazardCategories?.find((c) => c.code === code);
          return known ? localized(known.label, known.labelEn) : code;
        };
        return (
          <article class="work-record">
            <p><a href={to([])}>{t.back}</a></p>
            <Overtaken message={message} by={last ? `${word(last.kind, "HazardEventKind")} · ${last.actor?.name ?? ""} · ${instant(last.happenedAt)}` : ""} />
            <div class="beside">
              <HazardFacts hazard={hazard} category={category} />
              <Steps steps={steps} record={hazard} on={on}>
                {supplements(worker, hazard) && <Supplement {...on} />}
              </Steps>
            </div>
          </article>
        );
      }}
    </QueryResult>
  );
}

function HazardFacts({ hazard, category }: { hazard: HazardAtWork; category: (code: string) => string }) {
  const order = hazard.oversightOrders?.find((l) => !l.endedAt);
  return (
    <section class="card" aria-label={t.facts}>
      <h1>{hazard.description}</h1>
      <p class="badges">
        <Tag>{word(hazard.status)}</Tag>
        {hazard.grade === "MAJOR" && <Tag look="bad">{word(hazard.grade)}</Tag>}
        {hazard.overdue && <Tag look="bad">{t.overdue}</Tag>}
        {hazard.needsOversight && <Tag look="warn">{t.needsOversight}</Tag>}
        {hazard.proven && <Tag look="good">{t.proven}</Tag>}
      </p>
      <Facts
        rows={[
          [t.school, hazard.school?.name],
          [t.where, [hazard.grid?.name, hazard.place].filter(Boolean).join(" · ")],
          [t.category, category(hazard.category)],
          [t.source, `${word(hazard.source)} · ${hazard.reporter?.name ?? ""}`],
          [t.reported, instant(hazard.reportedAt)],
          [t.responsible, hazard.responsible?.name],
          [t.deadline, hazard.deadlineOn && day(hazard.deadlineOn)],
          [t.first, hazard.firstDeadlineOn !== hazard.deadlineOn && hazard.firstDeadlineOn ? day(hazard.firstDeadlineOn) : null],
          [t.order, order && `${word(order.level, "OversightLevel")} ${order.documentNumber ?? ""} · ${order.measures}`],
          [t.supervisor, order?.supervisor?.name],
          [t.notice, hazard.notice && <a href={to(["notice", hazard.notice.id])}>{hazard.notice.number}</a>],
        ]}
      />
      <EvidenceRow label={t.evidence} files={hazard.evidence ?? []} />
      <EvidenceGaps gaps={hazard.missingEvidence ?? []} />
      <Plans plans={hazard.plans} />
      <h2>{t.history}</h2>
      <Timeline
        label={t.history}
        steps={(hazard.events ?? []).map((e) => ({
          id: e.id, title: word(e.kind, "HazardEventKind"), by: e.actor?.name, at: e.happenedAt, receivedAt: e.receivedAt,
          body: <Details details={e.details} category={category} />,
        }))}
      />
    </section>
  );
}
