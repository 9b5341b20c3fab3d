// The hazards in numbers.
import { Figure } from "../../ui/Figure";
import { number, percent } from "../../ui/format";
import { fill, texts } from "../../ui/language";
import { behind } from "../place";
import type { Dashboard } from "./query";

const t = texts({
  title: ["隐患", "Hazards"],
  open: ["未销号", "Open"],
  clearRate: ["整改率", "Clear rate"],
  proven: ["已证实 {n}", "{n} proven"],
  overdue: ["逾期", "Overdue"],
  majorOpen: ["重大未销号", "Major, open"],
  underOversight: ["挂牌督办中", "Under oversight"],
  found: ["累计发现", "Found"],
  closed: ["已销号", "Closed"],
  voided: ["已作废", "Voided"],
  needsOversight: ["应挂牌未挂牌", "Needs oversight"],
  hours: ["上报到销号用时", "Report to close"],
  hoursValue: ["{n} 小时", "{n} h"],
  hoursNote: ["中位数；九成在 {n} 小时内", "median; nine in ten within {n} h"],
});

export function Headline({ dashboard }: { dashboard: Dashboard }) {
  const f = dashboard.total;
  const hazards = (filters: Record<string, string>) => behind(["hazards"], filters);
  return (
    <section class="card wide" aria-labelledby="headline">
      <h2 id="headline">{t.title}</h2>
      <dl class="figures">
        <Figure label={t.open} value={number(f.open)} href={hazards({ open: "true" })} tone={f.open === 0 ? "good" : "warn"} />
        <Figure label={t.clearRate} value={percent(f.clearRate)} href={hazards({ status: "CLOSED" })} note={fill(t.proven, { n: percent(f.clearRateProven) })} />
        <Figure label={t.overdue} value={number(f.overdue)} href={hazards({ overdue: "true" })} tone={f.overdue > 0 ? "bad" : "good"} />
        <Figure label={t.majorOpen} value={number(f.majorOpen)} href={hazards({ grade: "MAJOR", open: "true" })} tone={f.majorOpen > 0 ? "bad" : "good"} />
        <Figure label={t.underOversight} value={number(f.underOversight)} href={hazards({ underOversight: "true" })} />
        {dashboard.plan && (
          <Figure label={t.needsOversight} value={number(dashboard.plan.needsOversight)} href={hazards({ needsOversight: "true" })} tone={dashboard.plan.needsOversight > 0 ? "warn" : "good"} />
        )}
        <Figure label={t.found} value={number(f.found)} href={hazards({})} />
        <Figure label={t.closed} value={number(f.closed)} href={hazards({ status: "CLOSED" })} />
        <Figure label={t.voided} value={number(f.voided)} href={hazards({ status: "VOIDED" })} />
        {f.closeHoursMedian != null && (
          <Figure label={t.hours} value={fill(t.hoursValue, { n: number(f.closeHoursMedian) })} note={fill(t.hoursNote, { n: number(f.closeHoursP90 ?? 0) })} />
        )}
      </dl>
    </section>
  );
}
