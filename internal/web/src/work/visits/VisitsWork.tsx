// The visits of a campaign: the draw, the schools to visit, the teams with their areas,
// and how far the rule is met. A team's members see their own visits.
import { graphql } from "../../api/client";
import { QueryResult } from "../../ui/State";
import { texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { useWorker } from "../viewer";
import { Draw, PlanRow } from "./Draw";
import { Teams } from "./Teams";
import { Townships } from "./Townships";
import { VisitList } from "./VisitList";

const t = texts({
  title: ["督查安排", "Visits"],
  plans: ["抽签记录", "The draws"],
  none: ["还没有抽签。", "Nothing has been drawn yet."],
});

const Plans = graphql(`
  query VisitPlansAtWork($campaign: ID!) {
    visitPlans(campaignId: $campaign, first: 20) {
      edges { node { id seed factsDigest status proposedAt confirmedAt version region { id name } proposedBy { id name } confirmedBy { id name } } }
    }
  }
`);

/** The screen. */
export function VisitsWork() {
  const worker = useWorker();
  const campaign = worker.campaign.id;
  const plans = useQuery(Plans, { campaign });
  // The visits and proofs are read again whenever a plan has changed.
  const round = plans.data?.visitPlans?.edges.map((e) => `${e.node.id}${e.node.version}`).join();
  const changed = () => void plans.reload();
  const plansThem = worker.is("SAFETY_SECTION", "BUREAU_LEADER");
  return (
    <>
      <h1>{t.title}</h1>
      {worker.is("SAFETY_SECTION") && <Draw changed={changed} />}
      {plansThem && (
        <QueryResult query={plans}>
          {({ visitPlans }) => (
            <section class="card" aria-label={t.plans}>
              <h2>{t.plans}</h2>
              {!visitPlans?.edges.length && <p class="soft">{t.none}</p>}
              {visitPlans?.edges.map(({ node }, i) => <PlanRow key={node.id} plan={node} newest={i === 0} changed={changed} />)}
            </section>
          )}
        </QueryResult>
      )}
      <VisitList key={`visits ${round}`} campaign={campaign} cancels={plansThem} changed={changed} />
      <Teams campaign={campaign} />
      {plansThem && <Townships key={`proof ${round}`} campaign={campaign} />}
    </>
  );
}
