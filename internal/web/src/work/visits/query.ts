// The teams, as the screens about them need it.
import { graphql } from "../../api/client";
import type { TeamsAtWorkQuery } from "../../api/gql/graphql";

export const TeamsAtWork = graphql(`
  query TeamsAtWork($campaign: ID!) {
    teams(campaignId: $campaign, first: 100) {
      edges { node { id number name members { position user { id name } } areas { region { id name } school { id name } } load { plannedCount doneCount } } }
    }
  }
`);

/** A team as these screens see it. */
export type Team = NonNullable<TeamsAtWorkQuery["teams"]>["edges"][number]["node"];
