// What waits for whoever is signed in, by kind, the oldest first.
import { useState } from "preact/hooks";
import { graphql } from "../api/client";
import type { CaseFilter, HazardFilter, NoticeFilter, WaitingCasesQuery, WaitingHazardsQuery, WaitingNoticesQuery } from "../api/gql/graphql";
import { number } from "../ui/format";
import { fill, texts } from "../ui/language";
import { word } from "../ui/words";
import { useWorker } from "./viewer";
import { type Count, type Row, Waiting } from "./Waiting";
import { caseKindName, noticeStatusName, slotName } from "./words";
import { to } from "./to";

const t = texts({
  title: ["待办", "What waits for you"],
  some: ["共 {n} 件等您办理。", "{n} things wait for you."],
  none: ["没有等您办理的事。", "Nothing waits for you."],
  plans: ["待审批的整改方案", "Plans to decide"],
  extensions: ["待审批的延期", "Requests for more time"],
  downgrades: ["待审批的降级", "Requests for a lower grade"],
  rechecks: ["待复查", "To be rechecked"],
  listing: ["应挂牌未挂牌", "Hazards to be listed"],
  returned: ["被退回的方案", "Plans that were returned"],
  cases: ["待研判的追责线索", "Cases to decide"],
  mine: ["关于我的追责线索", "Cases about me"],
  drafts: ["待下发的通知书", "Notices to issue"],
  acknowledge: ["待签收的通知书", "Notices to acknowledge"],
  reply: ["待回复的通知书", "Notices to reply to"],
  handIn: ["待报送的通知书", "Notices to hand in"],
  missing: ["{n} 份未报送", "{n} to hand in"],
  visits: ["待确认的督查安排", "Visits to confirm"],
  exemptions: ["待确认的豁免", "Exemptions to confirm"],
  grids: ["无人负责的网格", "Grids without anybody"],
  overdue: ["逾期", "Overdue"],
});

const Hazards = graphql(`
  query WaitingHazards($first: Int!, $filter: HazardFilter!) {
    hazards(first: $first, filter: $filter, orderBy: { field: REPORTED_AT, direction: ASC }) {
      edges { node { id description grade overdue reportedAt school { id name } } }
      pageInfo { hasNextPage }
    }
  }
`);

const Cases = graphql(`
  query WaitingCases($last: Int!, $filter: CaseFilter!) {
    cases(last: $last, filter: $filter) {
      edges { node { id kind raisedAt school { id name } person { id name } } }
      pageInfo { hasPreviousPage }
    }
  }
`);

const Notices = graphql(`
  query WaitingNotices($last: Int!, $filter: NoticeFilter!) {
    notices(last: $last, filter: $filter) {
      edges { node { id number status overdue issuedAt school { id name } } }
      pageInfo { hasPreviousPage }
    }
  }
`);

const Grids = graphql(`
  query WaitingGrids($first: Int!, $filter: GridFilter!) {
    grids(first: $first, filter: $filter) {
      edges { node { id name school { id name } } }
      pageInfo { hasNextPage }
    }
  }
`);

const VisitPlans = graphql(`
  query WaitingVisitPlans($first: Int!, $campaign: ID!) {
    visitPlans(campaignId: $campaign, first: $first) {
      edges { node { id status seed proposedAt region { id name } } }
      pageInfo { hasNextPage }
    }
  }
`);

const Exemptions = graphql(`
  query WaitingExemptions($first: Int!, $campaign: ID!) {
    samplingProof(campaignId: $campaign, first: $first) {
      edges { node { region { id name } exemptions { slot confirmed { id } } } }
      pageInfo { hasNextPage }
    }
  }
`);

const HandIns = graphql(`
  query WaitingHandIns($campaign: ID!) {
    handIns(campaignId: $campaign) { missing late team { id name members { position user { id } } } }
  }
`);

/** The screen. */
export function Inbox() {
  const worker = useWorker();
  const [counts, setCounts] = useState<Record<string, Count>>({});
  const counted = (name: string, count: Count) => setCounts((all) => ({ ...all, [name]: count }));
  const campaignId = worker.campaign.id;
  const section = worker.is("SAFETY_SECTION");
  const bureau = worker.is("SAFETY_SECTION", "INSPECTOR");
  const deciders = worker.is("SAFETY_SECTION", "BUREAU_LEADER");
  const school = worker.is("SCHOOL_LEADER", "SCHOOL_SAFETY_OFFICER");

  const hazards = (name: string, filter: HazardFilter) => (
    <Waiting key={name} name={name} document={Hazards} variables={(first) => ({ first, filter: { campaignId, ...filter } })} read={hazardRows} counted={counted} />
  );
  const notices = (name: string, filter: NoticeFilter) => (
    <Waiting key={name} name={name} document={Notices} variables={(last) => ({ last, filter: { campaignId, ...filter } })} read={noticeRows} counted={counted} />
  );
  const cases = (name: string, filter: CaseFilter) => (
    <Waiting key={name} name={name} document={Cases} variables={(last) => ({ last, filter: { campaignId, ...filter } })} read={caseRows} counted={counted} />
  );

  const all = Object.values(counts);
  const total = all.reduce((sum, c) => sum + c.known, 0);
  return (
    <>
      <header>
        <h1>{t.title}</h1>
        <p class="soft" role="status">{total ? fill(t.some, { n: number(total) + (all.some((c) => c.more) ? "+" : "") }) : all.length ? t.none : ""}</p>
      </header>
      <div class="inbox">
        {bureau && hazards(t.plans, { planStatus: "SUBMITTED", status: ["RECTIFYING"] })}
        {section && hazards(t.extensions, { extensionPending: true })}
        {(bureau || school) && hazards(t.downgrades, { downgradePending: true, open: true })}
        {(bureau || school) && hazards(t.rechecks, { status: ["RECTIFIED"] })}
        {worker.is("SCHOOL_LEADER") && notices(t.acknowledge, { status: ["ISSUED"] })}
        {school && notices(t.reply, { status: ["ACKNOWLEDGED", "REFUSED"] })}
        {school && hazards(t.returned, { planStatus: "RETURNED", status: ["RECTIFYING"] })}
        {(section || school) && hazards(t.listing, { needsListing: true })}
        {deciders && cases(t.cases, { status: "OPEN" })}
        {!deciders && cases(t.mine, { status: "OPEN", mine: true })}
        {bureau && notices(t.drafts, { status: ["DRAFT"] })}
        {deciders && (
          <>
            <Waiting name={t.visits} document={VisitPlans} variables={(first) => ({ first, campaign: campaignId })} counted={counted} read={({ visitPlans }) => ({
              rows: (visitPlans?.edges ?? []).filter((e) => e.node.status === "PROPOSED").map(({ node }) => ({
                id: node.id, href: to(["visits"]), title: node.region?.name ?? "", place: node.seed, since: node.proposedAt,
              })),
              more: false,
            })} />
            <Waiting name={t.exemptions} document={Exemptions} variables={(first) => ({ first: Math.max(first, 200), campaign: campaignId })} counted={counted} read={({ samplingProof }) => ({
              rows: (samplingProof?.edges ?? []).flatMap(({ node }) => node.exemptions.filter((x) => !x.confirmed).map((x) => ({
                id: `${node.region?.id} ${x.slot}`, href: to(["visits"]), title: `${node.region?.name ?? ""} · ${slotName(x.slot)}`, place: "",
              }))),
              more: samplingProof?.pageInfo.hasNextPage ?? false,
            })} />
          </>
        )}
        {worker.is("BUREAU_LEADER", "INSPECTOR") && (
          <Waiting name={t.handIn} document={HandIns} variables={() => ({ campaign: campaignId })} counted={counted} read={({ handIns }) => ({
            rows: (handIns ?? []).filter((h) => h.missing > 0 && h.team?.members?.some((m) => m.position < 2 && m.user?.id === worker.id)).map((h) => ({
              id: h.team!.id, href: to(["notices"], { team: h.team!.id }), title: h.team!.name, place: fill(t.missing, { n: h.missing }),
              marks: h.late ? [{ text: t.overdue, look: "bad" as const }] : [],
            })),
            more: false,
          })} />
        )}
        {school && (
          <Waiting name={t.grids} document={Grids} variables={(first) => ({ first, filter: { unassigned: true } })} counted={counted} read={({ grids }) => ({
            rows: (grids?.edges ?? []).map(({ node }) => ({ id: node.id, href: to(["grids", node.school!.id], { grid: node.id }), title: node.name, place: node.school?.name ?? "" })),
            more: grids?.pageInfo.hasNextPage ?? false,
          })} />
        )}
      </div>
    </>
  );
}

function hazardRows({ hazards }: WaitingHazardsQuery) {
  const rows: Row[] = (hazards?.edges ?? []).map(({ node }) => ({
    id: node.id,
    href: to(["hazard", node.id]),
    title: node.description,
    place: node.school?.name ?? "",
    since: node.reportedAt,
    marks: [...(node.grade === "MAJOR" ? [{ text: word("MAJOR"), look: "bad" as const }] : []), ...(node.overdue ? [{ text: t.overdue, look: "bad" as const }] : [])],
  }));
  return { rows, more: hazards?.pageInfo.hasNextPage ?? false };
}

// The API lists the newest first: the oldest are its last rows, backwards.
function caseRows({ cases }: WaitingCasesQuery) {
  const rows: Row[] = (cases?.edges ?? []).toReversed().map(({ node }) => ({
    id: node.id,
    href: to(["case", node.id]),
    title: caseKindName(node.kind),
    place: [node.school?.name, node.person?.name].filter(Boolean).join(" · "),
    since: node.raisedAt,
  }));
  return { rows, more: cases?.pageInfo.hasPreviousPage ?? false };
}

function noticeRows({ notices }: WaitingNoticesQuery) {
  const rows: Row[] = (notices?.edges ?? []).toReversed().map(({ node }) => ({
    id: node.id,
    href: to(["notice", node.id]),
    title: node.number ?? noticeStatusName(node.status),
    place: node.school?.name ?? "",
    since: node.issuedAt,
    marks: node.overdue ? [{ text: t.overdue, look: "bad" as const }] : [],
  }));
  return { rows, more: notices?.pageInfo.hasPreviousPage ?? false };
}
