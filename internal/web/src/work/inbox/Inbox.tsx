// What waits for the signed-in person, by kind, the oldest first.
import { useState } from "preact/hooks";
import type { CaseFilter, EvidenceReviewFilter, HazardFilter, NoticeFilter, PlannedVisitFilter, WaitingEvidenceQuery } from "../../api/gql/graphql";
import { fill, texts } from "../../ui/language";
import { useWorker } from "../viewer";
import { type Found, Waiting } from "./Waiting";
import { type Count, countText } from "./count";
import * as queries from "./queries";
import * as rows from "./rows";

const t = texts({
  title: ["待办", "What waits for you"],
  some: ["共 {n} 件等您办理。", "{n} things wait for you."],
  none: ["没有等您办理的事。", "Nothing waits for you."],
  rectify: ["由我负责整改的隐患", "Hazards for me to rectify"],
  plans: ["待审批的整改方案", "Plans to decide"],
  extensions: ["待审批的延期", "Requests for more time"],
  downgrades: ["待审批的降级", "Requests for a lower grade"],
  rechecks: ["待复查", "To be rechecked"],
  needsOversight: ["应挂牌未挂牌", "Hazards that need oversight"],
  returned: ["被退回的方案", "Plans that were returned"],
  cases: ["待研判的追责线索", "Cases to decide"],
  mine: ["关于我的追责线索", "Cases about me"],
  drafts: ["待下发的通知书", "Notices to issue"],
  acknowledge: ["待签收的通知书", "Notices to acknowledge"],
  reply: ["待回复的通知书", "Notices to reply to"],
  handIn: ["待报送的通知书", "Notices to hand in"],
  reviews: ["待复核的佐证材料", "Evidence to review"],
  destructions: ["待批准销毁的佐证材料", "Evidence whose destruction waits for approval"],
  visits: ["待确认的督查安排", "Visits to confirm"],
  toVisit: ["待督查的学校", "Schools to visit"],
  exemptions: ["待确认的豁免", "Exemptions to confirm"],
  grids: ["无人负责的网格", "Grids without anybody"],
});

const standing: PlannedVisitFilter = { status: ["CONFIRMED"], done: false };

/** The screen. */
export function Inbox() {
  const worker = useWorker();
  const [counts, setCounts] = useState<Record<string, Count>>({});
  const counted = (name: string, count: Count) => setCounts((all) => ({ ...all, [name]: count }));
  const campaignId = worker.campaign.id;
  const section = worker.is("SAFETY_SECTION");
  const team = worker.is("INSPECTOR");
  const bureau = section || team;
  const deciders = worker.is("SAFETY_SECTION", "BUREAU_LEADER");
  const school = worker.is("SCHOOL_LEADER", "SCHOOL_SAFETY_OFFICER");

  const hazards = (name: string, filter: HazardFilter, by: "REPORTED_AT" | "DEADLINE" = "REPORTED_AT") => (
    <Waiting
      key={name}
      name={name}
      document={queries.WaitingHazards}
      variables={(first, most) => ({ first, counted: most, by, filter: { campaignId, ...filter } })}
      read={by === "DEADLINE" ? rows.hazardsUntil : rows.hazardsSince}
      counted={counted}
    />
  );
  const notices = (name: string, filter: NoticeFilter) => (
    <Waiting key={name} name={name} document={queries.WaitingNotices} variables={(last, most) => ({ last, counted: most, filter: { campaignId, ...filter } })} read={rows.notices} counted={counted} />
  );
  const cases = (name: string, filter: CaseFilter) => (
    <Waiting key={name} name={name} document={queries.WaitingCases} variables={(last, most) => ({ last, counted: most, filter: { campaignId, ...filter } })} read={rows.cases} counted={counted} />
  );
  const evidence = (name: string, filter: EvidenceReviewFilter, read: (data: WaitingEvidenceQuery) => Found) => (
    <Waiting key={name} name={name} document={queries.WaitingEvidence} variables={(first, most) => ({ first, counted: most, filter })} read={read} counted={counted} />
  );

  const all = Object.values(counts);
  const total: Count = { known: all.reduce((sum, c) => sum + c.known, 0), more: all.some((c) => c.more) };
  return (
    <>
      <header>
        <h1>{t.title}</h1>
        <p class="soft" role="status">{total.known ? fill(t.some, { n: countText(total) }) : all.length ? t.none : ""}</p>
      </header>
      <div class="inbox">
        {worker.schools.length > 0 && hazards(t.rectify, { responsibleId: worker.id, status: ["REPORTED", "RECTIFYING"] }, "DEADLINE")}
        {bureau && hazards(t.plans, { planStatus: "SUBMITTED", status: ["RECTIFYING"] })}
        {section && hazards(t.extensions, { extensionPending: true })}
        {(bureau || school) && hazards(t.downgrades, { downgradePending: true, open: true })}
        {(bureau || school) && hazards(t.rechecks, { status: ["RECTIFIED"] })}
        {worker.is("SCHOOL_LEADER") && notices(t.acknowledge, { status: ["ISSUED"] })}
        {school && notices(t.reply, { status: ["ACKNOWLEDGED", "REFUSED"] })}
        {school && hazards(t.returned, { planStatus: "RETURNED", status: ["RECTIFYING"] })}
        {(section || school) && hazards(t.needsOversight, { needsOversight: true })}
        {deciders && cases(t.cases, { status: "OPEN" })}
        {!deciders && cases(t.mine, { status: "OPEN", mine: true })}
        {section && evidence(t.reviews, { status: "OPEN" }, rows.reviews)}
        {deciders && evidence(t.destructions, { destructionRequested: true }, (data) => rows.destructions(data, worker.id))}
        {bureau && notices(t.drafts, { status: ["DRAFT"] })}
        {team && (
          <Waiting
            name={t.toVisit}
            document={queries.WaitingVisits}
            variables={(first, most) => ({ first, counted: most, campaign: campaignId, filter: standing })}
            read={rows.visits}
            counted={counted}
          />
        )}
        {deciders && (
          <>
            <Waiting name={t.visits} document={queries.WaitingVisitPlans} variables={(first) => ({ first, campaign: campaignId })} read={rows.visitPlans} counted={counted} />
            <Waiting name={t.exemptions} document={queries.WaitingExemptions} variables={() => ({ campaign: campaignId })} read={rows.exemptions} counted={counted} />
          </>
        )}
        {worker.is("BUREAU_LEADER", "INSPECTOR") && (
          <Waiting name={t.handIn} document={queries.WaitingHandIns} variables={() => ({ campaign: campaignId })} read={(data) => rows.handIns(data, worker.id)} counted={counted} />
        )}
        {school && (
          <Waiting name={t.grids} document={queries.WaitingGrids} variables={(first, most) => ({ first, counted: most, filter: { unassigned: true } })} read={rows.grids} counted={counted} />
        )}
      </div>
    </>
  );
}
