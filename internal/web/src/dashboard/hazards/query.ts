// A hazard with everything that its page tells.
import { graphql } from "../../api/client";
import type { HazardRecordQuery } from "../../api/gql/graphql";

export const HazardRecordDocument = graphql(`
  query HazardRecord($id: ID!, $at: DateTime!, $past: Boolean!) {
    hazard(id: $id) {
      id description category place source grade status signs
      discoveredAt reportedAt rectifiedAt closedAt oversightDueBy needsOversight
      deadlineOn firstDeadlineOn overdue underOversight proven planStatus extensionPending downgradePending
      stateAt(at: $at) @include(if: $past) { status grade underOversight proven deadlineOn validFrom }
      campaign { id title titleEn }
      school { id name position { latitude longitude } boundaryMeters boundary { latitude longitude } region { id name } }
      grid { id name }
      report { id kind submittedAt checkIn { latitude longitude } }
      finding { id result note item { number text textEn } }
      reporter { name } responsible { name } rectifier { name }
      gradingRule { number text textEn article ruleSet { title titleEn source } }
      failedControl { text riskPoint { name } }
      duplicateOf { id description }
      notice { id number status deadlineOn issuedAt }
      evidence { ...EvidenceParts }
      missingEvidence { ...EvidenceGapParts }
      events { id sequence kind happenedAt receivedAt actor { name } details { name value } evidence { id } }
      oversightOrders { id level documentNumber measures placedAt endedAt placedBy { name } supervisor { name } }
      plans { id number status measures fundsFen completeBy contingencyPlan submittedAt decidedAt decisionNote responsible { name } submittedBy { name } decidedBy { name } }
      extensions { id fromOn untilOn reason status requestedAt decidedAt decisionNote requestedBy { name } decidedBy { name } }
      rechecks { id result note newDeadlineOn checkedAt checker { name } }
    }
  }
`);

export type HazardRecord = NonNullable<HazardRecordQuery["hazard"]>;

/** What says that a hazard may have changed (graph/schema/live.graphqls). */
export const hazardChanged = graphql(`
  subscription HazardChanged($id: ID!) {
    hazardChanged(id: $id) { id }
  }
`);
