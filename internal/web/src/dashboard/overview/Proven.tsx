// What people claim beside what verified evidence proves: without proof, the work
// counts as not carried out.
import { Claimed } from "../../ui/Figure";
import { texts } from "../../ui/language";
import { behind } from "../place";
import type { Dashboard } from "./query";

const t = texts({
  title: ["上报与证实", "Claimed and proven"],
  rule: ["未能提供工作档案和印证材料的，视为未开展工作。", "Work without its file and proof counts as not carried out."],
  claimed: ["上报", "Claimed"],
  proven: ["证实", "Proven"],
  of: ["应完成", "due"],
  self: ["学校自查", "Self-inspection of schools"],
  visited: ["学校督查", "Supervision of schools"],
  closed: ["隐患销号", "Hazards closed"],
  grids: ["网格排查", "Grids inspected"],
  cells: ["排查覆盖（网格 × 内容）", "Coverage (grid × item)"],
});

export function Proven({ dashboard }: { dashboard: Dashboard }) {
  const f = dashboard.total;
  const words = { claimed: t.claimed, proven: t.proven, of: t.of };
  const coverage = behind(["coverage"]);
  const schools = (filters: Record<string, string>) => behind(["schools"], filters);
  return (
    <section class="card" aria-labelledby="proven">
      <h2 id="proven">{t.title}</h2>
      <p class="soft proven-hint">{t.rule}</p>
      <Claimed
        label={t.self} words={words} whole={f.schoolsDue} claimed={f.schoolsSelfClaimed} proven={f.schoolsSelfProven}
        claimedHref={schools({ self: "CLAIMED" })} provenHref={schools({ self: "PROVEN" })}
      />
      <Claimed
        label={t.visited} words={words} whole={f.schoolsDue} claimed={f.schoolsVisitedClaimed} proven={f.schoolsVisitedProven}
        claimedHref={schools({ visited: "CLAIMED" })} provenHref={schools({ visited: "PROVEN" })}
      />
      <Claimed
        label={t.closed} words={words} whole={f.found - f.voided} claimed={f.closed} proven={f.closedProven}
        claimedHref={behind(["hazards"], { status: "CLOSED" })} provenHref={behind(["hazards"], { status: "CLOSED", proven: "true" })}
      />
      {dashboard.plan && (
        <Claimed
          label={t.grids} words={words} whole={dashboard.plan.coverage.gridsDue} claimed={dashboard.plan.coverage.gridsClaimed} proven={dashboard.plan.coverage.gridsProven}
          claimedHref={coverage} provenHref={coverage}
        />
      )}
      {dashboard.plan && (
        <Claimed
          label={t.cells} words={words} whole={dashboard.plan.coverage.cellsDue} claimed={dashboard.plan.coverage.cellsClaimed} proven={dashboard.plan.coverage.cellsProven}
          claimedHref={coverage} provenHref={coverage}
        />
      )}
    </section>
  );
}
