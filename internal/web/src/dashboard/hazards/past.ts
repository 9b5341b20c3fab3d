// A hazard's papers as they were at an instant: what came later is left out, and a
// decision that came later was not there yet. What is known of a file is known now.
import type { HazardRecord } from "./query";

interface Decided {
  status: string;
  decidedAt?: string | null;
}

/** The hazard with the papers and files that it had at an instant (RFC 3339). */
export function atThat(instant: string, h: HazardRecord): HazardRecord {
  const at = Date.parse(instant);
  const was = (when: string | null | undefined) => when != null && Date.parse(when) <= at;
  const undecided = <T extends Decided>(paper: T, waits: T["status"]): T => (was(paper.decidedAt) ? paper : { ...paper, status: waits, decidedAt: null });
  return {
    ...h,
    closedAt: was(h.closedAt) ? h.closedAt : null,
    notice: h.notice && was(h.notice.issuedAt) ? h.notice : null,
    evidence: h.evidence?.filter((e) => was(e.announcedAt)) ?? null,
    missingEvidence: null,
    oversightOrders: h.oversightOrders?.filter((l) => was(l.placedAt)).map((l) => (was(l.endedAt) ? l : { ...l, endedAt: null })) ?? null,
    plans: h.plans?.filter((p) => was(p.submittedAt)).map((p) => undecided(p, "SUBMITTED")) ?? null,
    extensions: h.extensions?.filter((x) => was(x.requestedAt)).map((x) => undecided(x, "PENDING")) ?? null,
    rechecks: h.rechecks?.filter((r) => was(r.checkedAt)) ?? null,
  };
}
