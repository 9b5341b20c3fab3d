// What waits, by what it is about: some rows in full, and the ids of more to count them.
import { graphql } from "../../api/client";

export const WaitingHazards = graphql(`
  query WaitingHazards($first: Int!, $counted: Int!, $filter: HazardFilter!, $by: HazardOrderField!) {
    all: hazards(first: $counted, filter: $filter) { edges { node { id } } pageInfo { hasNextPage } }
    hazards(first: $first, filter: $filter, orderBy: { field: $by, direction: ASC }) {
      edges { node { id description grade overdue reportedAt deadlineOn school { id name } } }
    }
  }
`);

// The API lists cases and notices the newest first: the oldest are the last, backwards.
export const WaitingCases = graphql(`
  query WaitingCases($last: Int!, $counted: Int!, $filter: CaseFilter!) {
    all: cases(first: $counted, filter: $filter) { edges { node { id } } pageInfo { hasNextPage } }
    cases(last: $last, filter: $filter) {
      edges { node { id kind raisedAt school { id name } person { id name } } }
    }
  }
`);

export const WaitingNotices = graphql(`
  query WaitingNotices($last: Int!, $counted: Int!, $filter: NoticeFilter!) {
    all: notices(first: $counted, filter: $filter) { edges { node { id } } pageInfo { hasNextPage } }
    notices(last: $last, filter: $filter) {
      edges { node { id number status overdue issuedAt school { id name } } }
    }
  }
`);

export const WaitingGrids = graphql(`
  query WaitingGrids($first: Int!, $counted: Int!, $filter: GridFilter!) {
    all: grids(first: $counted, filter: $filter) { edges { node { id } } pageInfo { hasNextPage } }
    grids(first: $first, filter: $filter) {
      edges { node { id name school { id name } } }
    }
  }
`);

export const WaitingVisitPlans = graphql(`
  query WaitingVisitPlans($first: Int!, $campaign: ID!) {
    visitPlans(campaignId: $campaign, first: $first) {
      edges { node { id status seed proposedAt region { id name } } }
    }
  }
`);

export const WaitingExemptions = graphql(`
  query WaitingExemptions($campaign: ID!) {
    samplingProof(campaignId: $campaign, first: 200) {
      edges { node { region { id name } exemptions { slot confirmed { id } } } }
      pageInfo { hasNextPage }
    }
  }
`);

export const WaitingHandIns = graphql(`
  query WaitingHandIns($campaign: ID!) {
    handIns(campaignId: $campaign) { missingCount late team { id name members { position user { id } } } }
  }
`);

export const WaitingVisits = graphql(`
  query WaitingVisits($first: Int!, $counted: Int!, $campaign: ID!, $filter: PlannedVisitFilter!) {
    all: plannedVisits(campaignId: $campaign, first: $counted, filter: $filter) { edges { node { id } } pageInfo { hasNextPage } }
    plannedVisits(campaignId: $campaign, first: $first, filter: $filter) {
      edges { node { id school { id name region { id name } } team { id name } } }
    }
  }
`);

export const WaitingEvidence = graphql(`
  query WaitingEvidence($first: Int!, $counted: Int!, $filter: EvidenceReviewFilter!) {
    all: evidenceReviews(first: $counted, filter: $filter) { edges { node { id destructionRequestedBy { id } } } pageInfo { hasNextPage } }
    evidenceReviews(first: $first, filter: $filter) {
      edges { node { id kind stage announcedAt destructionRequestedBy { id } school { id name } } }
    }
  }
`);
