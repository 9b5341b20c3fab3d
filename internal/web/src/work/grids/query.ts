// A school and its grids, as the forms about them need it.
import { graphql } from "../../api/client";
import type { GridsOfSchoolQuery } from "../../api/gql/graphql";

export const Grids = graphql(`
  query GridsOfSchool($school: ID!, $on: Date!) {
    school(id: $school) {
      id name
      members { id role user { id name } }
      grids { id code name kind parent { id } assignments(on: $on) { id role validFrom validUntil user { id name } standsInFor { id user { id name } } } }
    }
    gridKinds { code label labelEn }
  }
`);

/** A school as this screen sees it. */
export type SchoolAtWork = NonNullable<GridsOfSchoolQuery["school"]>;
/** One of its grids. */
export type GridAtWork = NonNullable<SchoolAtWork["grids"]>[number];
