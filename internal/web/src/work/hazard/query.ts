// What a decision about a hazard needs to see.
import { graphql } from "../../api/client";
import type { HazardAtWorkQuery } from "../../api/gql/graphql";
import type { Outcome } from "../Overtaken";

/** A hazard with everything that its commands are decided by. */
export const HazardAtWorkDocument = graphql(`
  query HazardAtWork($id: ID!) {
    hazard(id: $id) {
      id version status grade source category description place
      grid { id name }
      school { id name members { id role user { id name } } }
      reporter { id name } responsible { id name } rectifier { id name }
      reportedAt
      deadlineOn firstDeadlineOn overdue needsOversight proven
      allowedEvents
      notice { id number }
      evidence { ...EvidenceParts }
      missingEvidence { ...EvidenceGapParts }
      events { id kind actor { id name } happenedAt receivedAt details { name value } }
      oversightOrders { id level documentNumber measures endedAt supervisor { id name } }
      plans { id number status responsible { id name } measures fundsFen completeBy contingencyPlan submittedBy { id name } submittedAt decidedBy { id name } decidedAt decisionNote }
      extensions { id fromOn untilOn reason status requestedBy { id name } }
    }
    hazardCategories { code label labelEn }
  }
`);

/** The hazard of that query. */
export type HazardAtWork = NonNullable<HazardAtWorkQuery["hazard"]>;

/** What every form about a hazard is given. */
export interface OnHazard extends Outcome {
  hazard: HazardAtWork;
}

/** What every command on a hazard says. */
export const about = (hazard: HazardAtWork, ids: (noun: string) => string) => ({
  commandId: ids("command"),
  hazardId: hazard.id,
  expectedVersion: hazard.version,
});
