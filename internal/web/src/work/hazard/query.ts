// What a decision about a hazard needs to see.
import { graphql } from "../../api/client";
import type { HazardAtWorkQuery } from "../../api/gql/graphql";

/** A hazard with everything that its commands are decided by. */
export const HazardAtWorkDocument = graphql(`
  query HazardAtWork($id: ID!) {
    hazard(id: $id) {
      id version status grade source category description place
      grid { id name }
      school { id name members { id role user { id name } } }
      reporter { id name } responsible { id name } rectifier { id name }
      discoveredAt reportedAt rectifiedAt closedAt
      deadlineOn firstDeadlineOn overdue listed listBy needsListing proven
      planStatus extensionPending downgradePending allowedEvents
      gradingRule { id }
      notice { id number deadlineOn }
      evidence { id kind stage fileName thumbnail: url(rendition: THUMBNAIL) preview: url(rendition: PREVIEW) }
      missingEvidence { step kind stage count }
      events { id sequence kind actor { id name } happenedAt details { name value } }
      listings { id level documentNumber measures listedAt delistedAt }
      plans { id number status responsible { id name } measures fundsFen completeBy contingencyPlan submittedBy { id name } submittedAt decidedBy { id name } decidedAt decisionNote }
      extensions { id fromOn untilOn reason status requestedBy { id name } requestedAt decidedBy { id name } decisionNote }
      rechecks { id result note newDeadlineOn checker { id name } checkedAt }
    }
    hazardCategories { code label labelEn }
  }
`);

/** The hazard of that query. */
export type HazardAtWork = NonNullable<HazardAtWorkQuery["hazard"]>;

/** What every form about a hazard is given. */
export interface OnHazard {
  hazard: HazardAtWork;
  /** It was done: show what is now true. */
  changed: () => void;
  /** Somebody else was faster. */
  overtaken: (error: { message: string }) => void;
}

/** What every command on a hazard says. */
export const about = (hazard: HazardAtWork, ids: (noun: string) => string) => ({
  commandId: ids("command"),
  hazardId: hazard.id,
  expectedVersion: hazard.version,
});
