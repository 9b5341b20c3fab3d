// What was written about a hazard: oversight orders, plans with their five elements,
// extensions with both deadlines, rechecks.
import type { ComponentChildren } from "preact";
import { Facts } from "../../ui/Facts";
import { Tag } from "../../ui/Tag";
import { day, instant, yuan } from "../../ui/format";
import { texts } from "../../ui/language";
import { word } from "../../ui/words";
import type { HazardRecord } from "./query";

const t = texts({
  oversightOrders: ["挂牌督办", "Oversight orders"],
  measures: ["防护措施", "Protective measures"],
  supervisor: ["督办人", "Supervisor"],
  underOversight: ["挂牌", "Under oversight"],
  ended: ["摘牌", "Ended"],
  stillUnderOversight: ["尚未摘牌", "still under oversight"],
  plans: ["整改方案（五落实）", "Rectification plan (five elements)"],
  version: ["第 {n} 版", "Version {n}"],
  person: ["责任", "Responsible"],
  steps: ["措施", "Measures"],
  funds: ["资金", "Funds"],
  until: ["时限", "Time limit"],
  contingency: ["预案", "Contingency"],
  submitted: ["提交", "Submitted"],
  decided: ["审批", "Decided"],
  extensions: ["延期", "Extensions"],
  from: ["原期限", "Deadline before"],
  asked: ["申请延至", "Requested until"],
  reason: ["理由", "Reason"],
  requested: ["申请", "Requested"],
  rechecks: ["复查", "Rechecks"],
  checker: ["复查人", "Checker"],
  note: ["说明", "Note"],
  newDeadline: ["新期限", "New deadline"],
});

interface Person {
  name: string;
}

const by = (who: Person | null | undefined, at: string) => `${instant(at)} ${who?.name ?? ""}`;

const decision = (d: { decidedAt?: string | null; decidedBy?: Person | null; decisionNote?: string | null }): string | null =>
  d.decidedAt ? by(d.decidedBy, d.decidedAt) + (d.decisionNote ? ` · ${d.decisionNote}` : "") : null;

export function Papers({ hazard: h }: { hazard: HazardRecord }) {
  return (
    <>
      <Group title={t.oversightOrders} id="oversightOrders" rows={h.oversightOrders ?? []}>
        {(l) => (
          <>
            <h3>{word(l.level, "OversightLevel")} {l.documentNumber}</h3>
            <Facts
              rows={[
                [t.underOversight, by(l.placedBy, l.placedAt)],
                [t.ended, l.endedAt ? instant(l.endedAt) : t.stillUnderOversight],
                [t.measures, l.measures],
                [t.supervisor, l.supervisor?.name],
              ]}
            />
          </>
        )}
      </Group>
      <Group title={t.plans} id="plans" rows={h.plans ?? []}>
        {(p) => (
          <>
            <h3>{t.version.replace("{n}", String(p.number))} <Tag look={p.status === "RETURNED" ? "bad" : p.status === "APPROVED" ? "good" : "warn"}>{word(p.status)}</Tag></h3>
            <Facts
              rows={[
                [t.person, p.responsible?.name ?? "—"],
                [t.steps, p.measures],
                [t.funds, yuan(p.fundsFen)],
                [t.until, day(p.completeBy)],
                [t.contingency, p.contingencyPlan],
                [t.submitted, by(p.submittedBy, p.submittedAt)],
                [t.decided, decision(p)],
              ]}
            />
          </>
        )}
      </Group>
      <Group title={t.extensions} id="extensions" rows={h.extensions ?? []}>
        {(x) => (
          <>
            <h3><Tag look={x.status === "REFUSED" ? "bad" : x.status === "GRANTED" ? "good" : "warn"}>{word(x.status)}</Tag></h3>
            <Facts
              rows={[
                [t.from, day(x.fromOn)],
                [t.asked, day(x.untilOn)],
                [t.reason, x.reason],
                [t.requested, by(x.requestedBy, x.requestedAt)],
                [t.decided, decision(x)],
              ]}
            />
          </>
        )}
      </Group>
      <Group title={t.rechecks} id="rechecks" rows={h.rechecks ?? []}>
        {(r) => (
          <>
            <h3><Tag look={r.result === "REJECTED" ? "bad" : "good"}>{word(r.result, "RecheckResult")}</Tag></h3>
            <Facts
              rows={[
                [t.checker, by(r.checker, r.checkedAt)],
                [t.note, r.note],
                [t.newDeadline, r.newDeadlineOn && day(r.newDeadlineOn)],
              ]}
            />
          </>
        )}
      </Group>
    </>
  );
}

function Group<Row extends { id: string }>({ title, id, rows, children }: { title: string; id: string; rows: Row[]; children: (row: Row) => ComponentChildren }) {
  if (rows.length === 0) return null;
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <ul class="papers">{rows.map((r) => <li key={r.id}>{children(r)}</li>)}</ul>
    </section>
  );
}
