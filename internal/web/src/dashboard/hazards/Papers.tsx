// What was written about a hazard: listings, plans with their five elements,
// extensions with both deadlines, rechecks.
import type { ComponentChildren } from "preact";
import { day, instant, yuan } from "../../ui/format";
import { texts } from "../../ui/language";
import { word } from "../../ui/words";
import type { Life } from "./query";

const t = texts({
  listings: ["挂牌督办", "Listings"],
  measures: ["防护措施", "Protective measures"],
  supervisor: ["督办人", "Supervisor"],
  listed: ["挂牌", "Listed"],
  delisted: ["摘牌", "Delisted"],
  stillListed: ["尚未摘牌", "still listed"],
  plans: ["整改方案（五落实）", "Rectification plan (five elements)"],
  version: ["第 {n} 版", "Version"],
  person: ["责任", "Responsible"],
  steps: ["措施", "Measures"],
  funds: ["资金", "Funds"],
  until: ["时限", "Time limit"],
  contingency: ["预案", "Contingency"],
  submitted: ["提交", "Submitted"],
  decided: ["审批", "Decided"],
  extensions: ["延期", "Extensions"],
  from: ["原期限", "Deadline before"],
  asked: ["申请延至", "Asked until"],
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

function decision(d: { decidedAt?: string | null; decidedBy?: Person | null; decisionNote?: string | null }) {
  return d.decidedAt && (
    <>
      <dt>{t.decided}</dt>
      <dd>{by(d.decidedBy, d.decidedAt)}{d.decisionNote && ` · ${d.decisionNote}`}</dd>
    </>
  );
}

export function Papers({ hazard: h }: { hazard: Life }) {
  return (
    <>
      <Group title={t.listings} id="listings" rows={h.listings ?? []}>
        {(l) => (
          <>
            <h3>{word(l.level, "ListingLevel")} {l.documentNumber}</h3>
            <dl class="facts">
              <dt>{t.listed}</dt>
              <dd>{by(l.listedBy, l.listedAt)}</dd>
              <dt>{t.delisted}</dt>
              <dd>{l.delistedAt ? instant(l.delistedAt) : t.stillListed}</dd>
              <dt>{t.measures}</dt>
              <dd>{l.measures}</dd>
              {l.supervisor && <><dt>{t.supervisor}</dt><dd>{l.supervisor.name}</dd></>}
            </dl>
          </>
        )}
      </Group>
      <Group title={t.plans} id="plans" rows={h.plans ?? []}>
        {(p) => (
          <>
            <h3>{t.version.replace("{n}", String(p.number))} <span class={`tag ${p.status === "RETURNED" ? "bad" : p.status === "APPROVED" ? "good" : "warn"}`}>{word(p.status)}</span></h3>
            <dl class="facts">
              <dt>{t.person}</dt>
              <dd>{p.responsible?.name ?? "—"}</dd>
              <dt>{t.steps}</dt>
              <dd>{p.measures}</dd>
              <dt>{t.funds}</dt>
              <dd>{yuan(p.fundsFen)}</dd>
              <dt>{t.until}</dt>
              <dd>{day(p.completeBy)}</dd>
              <dt>{t.contingency}</dt>
              <dd>{p.contingencyPlan}</dd>
              <dt>{t.submitted}</dt>
              <dd>{by(p.submittedBy, p.submittedAt)}</dd>
              {decision(p)}
            </dl>
          </>
        )}
      </Group>
      <Group title={t.extensions} id="extensions" rows={h.extensions ?? []}>
        {(x) => (
          <>
            <h3><span class={`tag ${x.status === "REFUSED" ? "bad" : x.status === "GRANTED" ? "good" : "warn"}`}>{word(x.status)}</span></h3>
            <dl class="facts">
              <dt>{t.from}</dt>
              <dd>{day(x.fromOn)}</dd>
              <dt>{t.asked}</dt>
              <dd>{day(x.untilOn)}</dd>
              <dt>{t.reason}</dt>
              <dd>{x.reason}</dd>
              <dt>{t.requested}</dt>
              <dd>{by(x.requestedBy, x.requestedAt)}</dd>
              {decision(x)}
            </dl>
          </>
        )}
      </Group>
      <Group title={t.rechecks} id="rechecks" rows={h.rechecks ?? []}>
        {(r) => (
          <>
            <h3><span class={`tag ${r.result === "REJECTED" ? "bad" : "good"}`}>{word(r.result, "RecheckResult")}</span></h3>
            <dl class="facts">
              <dt>{t.checker}</dt>
              <dd>{by(r.checker, r.checkedAt)}</dd>
              {r.note && <><dt>{t.note}</dt><dd>{r.note}</dd></>}
              {r.newDeadlineOn && <><dt>{t.newDeadline}</dt><dd>{day(r.newDeadlineOn)}</dd></>}
            </dl>
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
