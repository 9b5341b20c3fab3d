// All that the overview and the wall show of a region, in one request.
import { graphql } from "../../api/client";
import type { OverviewQuery } from "../../api/gql/graphql";

export const Overview = graphql(`
  query Overview($campaign: ID!, $region: ID, $asOf: DateTime) {
    dashboard(campaignId: $campaign, regionId: $region, asOf: $asOf) {
      at
      region { id name level }
      total { ...FigureParts schoolsSelfClaimed schoolsSelfProven schoolsVisitedClaimed closeHoursMedian closeHoursP90 clearRateProven }
      children { region { id name } figures { ...FigureParts } }
      breakdown(by: CATEGORY) { key found open }
      breakdownByRegion(by: CATEGORY) { region { id } rows { key found open } }
      days { day found closed open majorOpen }
      plan {
        coverage { gridsDue gridsClaimed gridsProven cellsDue cellsClaimed cellsProven }
        notices { issued acknowledged refused replied closed overdue }
        handIns { teams complete }
        accountability { discrepancies casesOpen casesConfirmed }
        bureauGroupMissing schoolGroupsMissing needsOversight
      }
      supervision {
        townships townshipsMeeting exemptionsConfirmed exemptionsUnconfirmed
        teams { team { id number name } proposed confirmed done }
      }
    }
  }
`);

export const FigureParts = graphql(`
  fragment FigureParts on Figures {
    schoolsDue schoolsVisitedProven found voided closed closedProven open overdue underOversight majorOpen clearRate
  }
`);

export type Dashboard = NonNullable<OverviewQuery["dashboard"]>;

/** What says that the figures may have changed (graph/schema/live.graphqls). */
export const dashboardChanged = graphql(`
  subscription BoardChanged($campaign: ID!, $region: ID) {
    dashboardChanged(campaignId: $campaign, regionId: $region) { at }
  }
`);
