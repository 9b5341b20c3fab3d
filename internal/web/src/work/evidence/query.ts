// What is read of a file where somebody decides about it, and the commands.
import { graphql } from "../../api/client";
import type { EvidenceAtWorkFragment, EvidenceInCustodyQuery, EvidenceUsePartsFragment } from "../../api/gql/graphql";

/** A file as it is reviewed. */
export type EvidenceAtWork = EvidenceAtWorkFragment;
/** One step for which it stands. */
export type EvidenceUse = EvidenceUsePartsFragment;
/** A file with how it is kept. */
export type KeptEvidence = NonNullable<EvidenceInCustodyQuery["evidence"]>;

export const EvidenceUseParts = graphql(`
  fragment EvidenceUseParts on EvidenceUse {
    step
    hazard { id description }
    report { id kind startedAt }
    finding { id item { text textEn } report { id kind startedAt } }
    notice { id number }
  }
`);

export const EvidenceAtWorkParts = graphql(`
  fragment EvidenceAtWork on Evidence {
    ...EvidenceParts
    school { id name }
    uses { ...EvidenceUseParts }
    matches { id kind distance earlier { ...EvidenceParts school { id name } uses { ...EvidenceUseParts } } }
  }
`);

export const EvidenceReviews = graphql(`
  query EvidenceReviewsAtWork($first: Int!, $after: String, $filter: EvidenceReviewFilter!) {
    evidenceReviews(first: $first, after: $after, filter: $filter) {
      edges { node { ...EvidenceAtWork } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

// What has become of a file's review, and who decided: among the latest of its events.
export const ReviewNow = graphql(`
  query EvidenceReviewNow($id: ID!) {
    evidence(id: $id) { id review reviewNote }
    evidenceEvents(id: $id, first: 20) { edges { node { kind happenedAt actor { id name } } } }
  }
`);

export const EvidenceInCustody = graphql(`
  query EvidenceInCustody($id: ID!) {
    evidence(id: $id) {
      ...EvidenceAtWork
      sha256 foundMediaType receivedAt verifiedAt clockOffsetMs queuedMs cameraMake cameraModel codec
      retainUntil sealedAt held destructionRequested destructionRequestedBy { id name } destructionApprovedAt destroyedAt
    }
  }
`);

export const EvidenceEvents = graphql(`
  query EvidenceEventsAtWork($id: ID!, $first: Int!, $after: String) {
    evidenceEvents(id: $id, first: $first, after: $after) {
      edges { node { id kind happenedAt note actor { id name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const Review = graphql(`mutation ReviewEvidence($input: ReviewEvidenceInput!) { reviewEvidence(input: $input) { evidence { id } } }`);
export const Hold = graphql(`mutation HoldEvidence($input: EvidenceCommandInput!) { holdEvidence(input: $input) { evidence { id } } }`);
export const Release = graphql(`mutation ReleaseEvidence($input: EvidenceCommandInput!) { releaseEvidence(input: $input) { evidence { id } } }`);
export const RequestDestruction = graphql(`mutation RequestDestruction($input: EvidenceCommandInput!) { requestEvidenceDestruction(input: $input) { evidence { id } } }`);
export const WithdrawDestruction = graphql(`mutation WithdrawDestruction($input: EvidenceCommandInput!) { withdrawEvidenceDestruction(input: $input) { evidence { id } } }`);
export const ApproveDestruction = graphql(`mutation ApproveDestruction($input: EvidenceCommandInput!) { approveEvidenceDestruction(input: $input) { evidence { id } } }`);
