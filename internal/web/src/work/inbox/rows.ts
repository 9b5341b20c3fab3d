// Rows of the inbox from what the API answers.
import type {
  WaitingCasesQuery, WaitingEvidenceQuery, WaitingExemptionsQuery, WaitingGridsQuery, WaitingHandInsQuery, WaitingHazardsQuery, WaitingNoticesQuery, WaitingVisitPlansQuery, WaitingVisitsQuery,
} from "../../api/gql/graphql";
import { nameOf } from "../../ui/Evidence";
import { day, instant } from "../../ui/format";
import { fill, texts } from "../../ui/language";
import { word } from "../../ui/words";
import { to } from "../to";
import type { Found, Row } from "./Waiting";

const t = texts({
  overdue: ["逾期", "Overdue"],
  until: ["期限 {day}", "Due {day}"],
  missing: ["{n} 份未报送", "{n} to hand in"],
});

const overdue = () => ({ text: t.overdue, look: "bad" as const });

interface Ids {
  edges: unknown[];
  pageInfo: { hasNextPage: boolean };
}

/** The rows, and how many ids there are for them. */
const found = (rows: Row[], all: Ids | null | undefined): Found => ({ rows, known: Math.max(rows.length, all?.edges.length ?? 0), more: all?.pageInfo.hasNextPage ?? false });

/** Rows that are all there are. */
const complete = (rows: Row[], more = false): Found => ({ rows, known: rows.length, more });

const marks = ({ grade, overdue: late }: { grade?: string; overdue: boolean }) => [
  ...(grade === "MAJOR" ? [{ text: word("MAJOR"), look: "bad" as const }] : []),
  ...(late ? [overdue()] : []),
];

type HazardRow = NonNullable<WaitingHazardsQuery["hazards"]>["edges"][number]["node"];

const hazardRows = ({ hazards, all }: WaitingHazardsQuery, when: (hazard: HazardRow) => string | null | undefined) =>
  found((hazards?.edges ?? []).map(({ node }) => ({
    id: node.id, href: to(["hazard", node.id]), title: node.description, place: node.school?.name ?? "", when: when(node), marks: marks(node),
  })), all);

/** By when each was reported. */
export const hazardsSince = (data: WaitingHazardsQuery) => hazardRows(data, (h) => instant(h.reportedAt));

/** By until when each must be rectified. */
export const hazardsUntil = (data: WaitingHazardsQuery) => hazardRows(data, (h) => h.deadlineOn && fill(t.until, { day: day(h.deadlineOn) }));

export const cases = ({ cases: list, all }: WaitingCasesQuery) =>
  found((list?.edges ?? []).toReversed().map(({ node }) => ({
    id: node.id, href: to(["case", node.id]), title: word(node.kind, "CaseKind"),
    place: [node.school?.name, node.person?.name].filter(Boolean).join(" · "), when: instant(node.raisedAt),
  })), all);

export const notices = ({ notices: list, all }: WaitingNoticesQuery) =>
  found((list?.edges ?? []).toReversed().map(({ node }) => ({
    id: node.id, href: to(["notice", node.id]), title: node.number ?? word(node.status, "NoticeStatus"), place: node.school?.name ?? "",
    when: node.issuedAt && instant(node.issuedAt), marks: marks(node),
  })), all);

export const grids = ({ grids: list, all }: WaitingGridsQuery) =>
  found((list?.edges ?? []).map(({ node }) => ({
    id: node.id, href: to(["grids", node.school!.id], { grid: node.id }), title: node.name, place: node.school?.name ?? "",
  })), all);

type EvidenceEdge = NonNullable<WaitingEvidenceQuery["evidenceReviews"]>["edges"][number];

const evidenceRows = ({ evidenceReviews, all }: WaitingEvidenceQuery, mine: (edge: EvidenceEdge) => boolean = () => true) =>
  found((evidenceReviews?.edges ?? []).filter(mine).flatMap(({ node }) => (node ? [{
    id: node.id, href: to(["evidence", node.id]), title: nameOf(node), place: node.school?.name ?? "", when: instant(node.announcedAt),
  }] : [])), all && { ...all, edges: all.edges.filter((edge) => mine(edge as EvidenceEdge)) });

/** Files that raise doubts. */
export const reviews = (data: WaitingEvidenceQuery) => evidenceRows(data);

/** Files whose destruction this person may approve: nobody approves what they asked for. */
export const destructions = (data: WaitingEvidenceQuery, person: string) => evidenceRows(data, ({ node }) => node?.destructionRequestedBy?.id !== person);

export const visits = ({ plannedVisits, all }: WaitingVisitsQuery) =>
  found((plannedVisits?.edges ?? []).map(({ node }) => ({
    id: node.id, href: to(["visits"]), title: node.school?.name ?? "", place: [node.school?.region?.name, node.team?.name].filter(Boolean).join(" · "),
  })), all);

export const visitPlans = ({ visitPlans: list }: WaitingVisitPlansQuery) =>
  complete((list?.edges ?? []).filter((e) => e.node.status === "PROPOSED").map(({ node }) => ({
    id: node.id, href: to(["visits"]), title: node.region?.name ?? "", place: node.seed, when: instant(node.proposedAt),
  })));

export const exemptions = ({ samplingProof }: WaitingExemptionsQuery) =>
  complete((samplingProof?.edges ?? []).flatMap(({ node }) => node.exemptions.filter((x) => !x.confirmed).map((x) => ({
    id: `${node.region?.id} ${x.slot}`, href: to(["visits"]), title: `${node.region?.name ?? ""} · ${word(x.slot, "SamplingSlot")}`, place: "",
  }))), samplingProof?.pageInfo.hasNextPage);

/** The teams whose notices this person hands in. */
export const handIns = ({ handIns: teams }: WaitingHandInsQuery, person: string) =>
  complete((teams ?? []).filter((h) => h.missingCount > 0 && h.team?.members?.some((m) => m.position < 2 && m.user?.id === person)).map((h) => ({
    id: h.team!.id, href: to(["notices"], { team: h.team!.id }), title: h.team!.name, place: fill(t.missing, { n: h.missingCount }), marks: h.late ? [overdue()] : [],
  })));
