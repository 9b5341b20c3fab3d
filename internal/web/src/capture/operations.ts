// Every operation of the capture page: what it asks, and the commands it sends.
import { graphql } from "../api/gql";

export const Me = graphql(`
  query CaptureMe { viewer { user { id name } } }
`);

export const Start = graphql(`
  query CaptureStart {
    viewer {
      user { id name }
      roles
      memberships { role school { id name } }
      grids { id name kind school { id name } }
    }
    campaigns {
      id title titleEn startsOn endsOn
      phases { kind startsOn endsOn }
      checklist { items { id number text textEn gridKinds } }
      policy { timeZone maxBytes { kind bytes } }
    }
    hazardCategories { code label labelEn }
  }
`);

export const Mine = graphql(`
  query CaptureMine($campaign: ID!) {
    remainingForMe(campaignId: $campaign) { school { id name } item { id } grid { id } state claimed dueOn overdue }
  }
`);

export const SchoolWork = graphql(`
  query CaptureSchool($school: ID!, $campaign: ID!) {
    hazards(first: 50, filter: { campaignId: $campaign, schoolId: $school, open: true }) {
      edges { node { id description place grid { name } status version deadlineOn overdue allowedEvents responsible { id } } }
    }
    reports(first: 20, filter: { campaignId: $campaign, schoolId: $school }) {
      edges { node { id kind status startedAt proven inspector { id } grid { id name } findings { id item { id } grid { id } result note evidence { id } } } }
    }
  }
`);

export const Schools = graphql(`
  query CaptureSchools($campaign: ID!, $after: String) {
    schools(first: 200, after: $after, filter: { campaignId: $campaign }) { edges { node { id name } } pageInfo { hasNextPage endCursor } }
  }
`);

export const SchoolGrids = graphql(`
  query CaptureSchoolGrids($school: ID!) { school(id: $school) { grids { id name kind school { id name } } } }
`);

export const Planned = graphql(`
  query CapturePlanned($campaign: ID!) {
    plannedVisits(campaignId: $campaign, first: 200, filter: { status: [CONFIRMED], done: false }) {
      edges { node { team { members { user { id } } } school { id name grids { id name kind school { id name } } } } }
    }
  }
`);

export const Changes = graphql(`
  query CaptureChanges($since: String) {
    changes(since: $since, first: 200) { cursor hasMore resync changes { id } }
  }
`);

export const Announce = graphql(`
  mutation CaptureAnnounce($input: AnnounceEvidenceInput!) {
    announceEvidence(input: $input) { upload { evidence { id status rejection queuedMs } } }
  }
`);

export const Complete = graphql(`
  mutation CaptureComplete($input: CompleteEvidenceInput!) {
    completeEvidence(input: $input) { evidence { id status rejection queuedMs } }
  }
`);

export const Received = graphql(`
  query CaptureReceived($id: ID!) {
    evidenceUpload(id: $id) { evidence { id status rejection queuedMs } }
  }
`);

/** The commands that are queued travel together; each is answered for itself. */
export const Batch = graphql(`
  mutation CaptureBatch($commands: [BatchCommand!]!) {
    submitBatch(commands: $commands) { results { index error { code message retryable fields { path message } } } }
  }
`);
