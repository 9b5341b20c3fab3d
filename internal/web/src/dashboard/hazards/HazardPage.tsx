// A hazard: what it is, where it stands, and its history.
import { EvidenceGaps, EvidenceRow } from "../../ui/Evidence";
import { Facts } from "../../ui/Facts";
import { Empty } from "../../ui/State";
import { HazardStatusTag, Tag } from "../../ui/Tag";
import { Timeline, type Step } from "../../ui/Timeline";
import { day, instant } from "../../ui/format";
import { fill, localized, texts } from "../../ui/language";
import { useLive } from "../../ui/useLive";
import { useQuery } from "../../ui/useQuery";
import { itemName, word } from "../../ui/words";
import { Details } from "../../ui/Details";
import { RecordPage } from "../RecordPage";
import { to } from "../place";
import { useScene } from "../scene";
import { Papers } from "./Papers";
import { atThat } from "./past";
import { Whereabouts } from "./Whereabouts";
import { HazardRecordDocument, type HazardRecord, hazardChanged } from "./query";

const t = texts({
  list: ["隐患清单", "Hazards"],
  notFoundYet: ["所选时刻尚未发现此隐患。", "At the chosen instant it had not been found."],
  pastState: ["{at} 时的情况，按目前所知。", "How it stood at {at}, as known now."],
  school: ["学校", "School"],
  place: ["位置", "Place"],
  category: ["类别", "Category"],
  source: ["来源", "Source"],
  report: ["检查报告", "Report"],
  item: ["排查内容", "Item"],
  reporter: ["上报人", "Reported by"],
  responsible: ["整改责任人", "Responsible"],
  discovered: ["发现", "Discovered"],
  reported: ["上报", "Reported"],
  deadline: ["整改期限", "Deadline"],
  firstDeadline: ["最初期限", "First deadline"],
  rule: ["重大隐患判定依据", "Grading rule"],
  control: ["失效的管控措施", "Failed control"],
  duplicate: ["重复于", "Duplicate of"],
  notice: ["整改通知书", "Notice"],
  overdue: ["逾期", "Overdue"],
  proven: ["每一步均已证实", "Every step proven"],
  unproven: ["有步骤未证实", "Not every step proven"],
  needsOversight: ["应挂牌未挂牌", "Needs oversight"],
  waits: ["有申请待审批", "A request waits"],
  evidence: ["佐证材料", "Evidence"],
  noEvidence: ["没有佐证材料。", "There is no evidence."],
  missing: ["尚缺", "Missing"],
  history: ["经过", "History"],
  closed: ["销号", "Closed"],
});

export function HazardPage({ id }: { id: string }) {
  const { asOf } = useScene();
  const query = useQuery(HazardRecordDocument, { id, at: asOf ?? "2000-01-01T00:00:00Z", past: Boolean(asOf) });
  useLive(hazardChanged, { id }, query.reload);
  return (
    <RecordPage back={to(["hazards"])} list={t.list} query={query} record={query.data?.hazard}>
      {(hazard) => <HazardBody hazard={hazard} asOf={asOf} />}
    </RecordPage>
  );
}

function HazardBody({ hazard: now, asOf }: { hazard: HazardRecord; asOf: string | undefined }) {
  const { category } = useScene();
  const h = asOf ? atThat(asOf, now) : now;
  const state = asOf ? h.stateAt : h;
  const byId = new Map(now.evidence?.map((e) => [e.id, e]));
  const steps: Step[] = (h.events ?? []).map((e) => ({
    id: e.id,
    title: word(e.kind, "HazardEventKind"),
    by: e.actor?.name,
    at: e.happenedAt,
    receivedAt: e.receivedAt,
    tone: /CLOSED|ACCEPTED|APPROVED/.test(e.kind) ? "good" : /REJECTED|RETURNED|VOIDED|REOPENED/.test(e.kind) ? "bad" : undefined,
    body: (
      <>
        <Details details={e.details} category={category} />
        <EvidenceRow label={word(e.kind, "HazardEventKind")} files={(e.evidence ?? []).flatMap((x) => byId.get(x.id) ?? [])} />
      </>
    ),
  }));
  return (
    <>
      <header class="title">
        <h1>{h.description}</h1>
        {asOf && <p class="past">{h.stateAt ? fill(t.pastState, { at: instant(asOf) }) : t.notFoundYet}</p>}
        {state && (
          <p>
            <HazardStatusTag status={state.status} />
            <Tag look={state.grade === "MAJOR" ? "bad" : undefined}>{word(state.grade)}</Tag>
            {state.underOversight && <Tag>{word("PLACED_UNDER_OVERSIGHT")}</Tag>}
            {!asOf && h.overdue && <Tag look="bad">{t.overdue}</Tag>}
            {!asOf && h.needsOversight && <Tag look="warn">{t.needsOversight}</Tag>}
            {!asOf && (h.extensionPending || h.downgradePending || h.planStatus === "SUBMITTED") && <Tag look="warn">{t.waits}</Tag>}
            <Tag look={state.proven ? "good" : "warn"}>{state.proven ? t.proven : t.unproven}</Tag>
          </p>
        )}
      </header>
      <div class="columns">
        <section class="card"><HazardFacts hazard={h} deadlineOn={state?.deadlineOn} /></section>
        <Whereabouts hazard={h} />
      </div>
      <section class="card" aria-labelledby="evidence">
        <h2 id="evidence">{t.evidence}</h2>
        {h.evidence && h.evidence.length > 0 ? <EvidenceRow label={t.evidence} files={h.evidence} /> : <Empty>{t.noEvidence}</Empty>}
        {h.missingEvidence && h.missingEvidence.length > 0 && <><h3>{t.missing}</h3><EvidenceGaps gaps={h.missingEvidence} /></>}
      </section>
      <Papers hazard={h} />
      <section class="card" aria-labelledby="history">
        <h2 id="history">{t.history}</h2>
        <Timeline label={t.history} steps={steps} asOf={asOf} />
      </section>
    </>
  );
}

function HazardFacts({ hazard: h, deadlineOn }: { hazard: HazardRecord; deadlineOn: string | null | undefined }) {
  const { category } = useScene();
  return (
    <Facts
      rows={[
        [t.school, h.school && <><a href={to(["schools", h.school.id])}>{h.school.name}</a> <span class="soft">{h.school.region?.name}</span></>],
        [t.place, [h.grid?.name, h.place].filter(Boolean).join(" · ") || "—"],
        [t.category, category(h.category)],
        [t.source, <>{word(h.source)}{h.report && <> · <a href={to(["reports", h.report.id])}>{t.report}</a></>}</>],
        [t.item, h.finding?.item && itemName(h.finding.item)],
        [t.discovered, instant(h.discoveredAt)],
        [t.reported, <>{instant(h.reportedAt)} {h.reporter?.name}</>],
        [t.responsible, h.responsible?.name],
        [t.deadline, deadlineOn && <>{day(deadlineOn)}{h.firstDeadlineOn && h.firstDeadlineOn !== deadlineOn && <span class="soft"> · {t.firstDeadline} <s>{day(h.firstDeadlineOn)}</s></span>}</>],
        [t.closed, h.closedAt && instant(h.closedAt)],
        [t.rule, h.gradingRule && <>{localized(h.gradingRule.text, h.gradingRule.textEn)} <span class="soft">{h.gradingRule.ruleSet?.source} {h.gradingRule.article}</span></>],
        [t.control, h.failedControl && <>{h.failedControl.text} <span class="soft">{h.failedControl.riskPoint?.name}</span></>],
        [t.duplicate, h.duplicateOf && <a href={to(["hazards", h.duplicateOf.id])}>{h.duplicateOf.description}</a>],
        [t.notice, h.notice && <><a href={to(["notices", h.notice.id])}>{h.notice.number}</a> · {word(h.notice.status, "NoticeStatus")} · {day(h.notice.deadlineOn)}</>],
      ]}
    />
  );
}
