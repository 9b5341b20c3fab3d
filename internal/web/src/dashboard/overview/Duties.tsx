// The other parts of the plan: notices and hand-in, discrepancies and cases, leading
// groups.
import { Figure } from "../../ui/Figure";
import { number } from "../../ui/format";
import { fill, texts } from "../../ui/language";
import { behind } from "../place";
import type { Dashboard } from "./query";

const t = texts({
  notices: ["整改通知书", "Rectification notices"],
  issued: ["下发", "Issued"],
  acknowledged: ["签收", "Acknowledged"],
  refused: ["拒签", "Refused to sign"],
  replied: ["回复", "Replied"],
  closed: ["办结", "Closed"],
  overdue: ["逾期", "Overdue"],
  handIns: ["已报送的督查组", "Teams handed in"],
  ofTeams: ["{n} / {all}", "{n} of {all}"],
  account: ["追责", "Held to account"],
  discrepancies: ["应发现未发现", "Discrepancies"],
  casesOpen: ["待研判线索", "Open cases"],
  casesConfirmed: ["已认定", "Confirmed"],
  groups: ["组织领导", "Leading groups"],
  groupsMissing: ["未成立领导小组的学校", "Schools without a leading group"],
  bureau: ["局活动领导小组", "The bureau's leading group"],
  there: ["已成立", "formed"],
  missing: ["未成立", "missing"],
});

export function Duties({ dashboard, plan }: { dashboard: Dashboard; plan: NonNullable<Dashboard["plan"]> }) {
  const { notices: n, handIns: h, accountability: a } = plan;
  const list = (filters: Record<string, string>) => behind(["notices"], filters);
  return (
    <section class="card duties" aria-labelledby="duties">
      <h2 id="duties">{t.notices}</h2>
      <dl class="figures small">
        <Figure label={t.issued} value={number(n.issued)} href={list({ figure: "ISSUED" })} />
        <Figure label={t.acknowledged} value={number(n.acknowledged)} href={list({ figure: "ACKNOWLEDGED" })} />
        <Figure label={t.refused} value={number(n.refused)} href={list({ figure: "REFUSED" })} tone={n.refused > 0 ? "warn" : undefined} />
        <Figure label={t.replied} value={number(n.replied)} href={list({ figure: "REPLIED" })} />
        <Figure label={t.closed} value={number(n.closed)} href={list({ figure: "CLOSED" })} />
        <Figure label={t.overdue} value={number(n.overdue)} href={list({ figure: "OVERDUE" })} tone={n.overdue > 0 ? "bad" : "good"} />
        <Figure label={t.handIns} value={fill(t.ofTeams, { n: h.complete, all: h.teams })} href={behind(["sampling"])} tone={h.complete < h.teams ? "warn" : "good"} />
      </dl>
      <h2>{t.account}</h2>
      <dl class="figures small">
        <Figure label={t.discrepancies} {...told(a.discrepancies, behind(["discrepancies"]), "good", "warn")} />
        <Figure label={t.casesOpen} {...told(a.casesOpen, behind(["cases"], { status: "OPEN" }), "good", "warn")} />
        <Figure label={t.casesConfirmed} {...told(a.casesConfirmed, behind(["cases"], { status: "CONFIRMED" }))} />
      </dl>
      <h2>{t.groups}</h2>
      <dl class="figures small">
        <Figure label={t.groupsMissing} value={number(plan.schoolGroupsMissing)} href={behind(["schools"], { withoutGroup: "true" })} tone={plan.schoolGroupsMissing > 0 ? "bad" : "good"} />
        {dashboard.region && <Figure label={t.bureau} value={plan.bureauGroupMissing ? t.missing : t.there} tone={plan.bureauGroupMissing ? "bad" : "good"} />}
      </dl>
    </section>
  );
}

// A number that the reader may not see has no value, no list and no tone.
function told(n: number | null | undefined, href: string | undefined, none?: "good", some?: "warn") {
  return n == null ? { value: "–" } : { value: number(n), href, tone: n > 0 ? some : none };
}
