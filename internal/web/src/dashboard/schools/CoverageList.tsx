// The schools behind the figures of coverage: of how many grids and cells each owes an
// inspection, and how many are claimed and proven. A school's page names its gaps.
import { graphql } from "../../api/client";
import { List, usePages } from "../../ui/List";
import { fill, texts } from "../../ui/language";
import { Filters, choice } from "../Filters";
import { to } from "../place";
import { useScene } from "../scene";

const t = texts({
  title: ["各校自查覆盖", "Coverage by school"],
  school: ["学校", "School"],
  region: ["乡镇", "Township"],
  covered: ["全覆盖", "Covered"],
  COVERED: ["是", "Yes"],
  NOT_COVERED: ["否", "No"],
  gridsClaimed: ["上报网格", "Grids claimed"],
  gridsProven: ["证实网格", "Grids proven"],
  cellsClaimed: ["上报内容", "Cells claimed"],
  cellsProven: ["证实内容", "Cells proven"],
  of: ["{n}/{all}", "{n} of {all}"],
});

const Query = graphql(`
  query CoverageList($first: Int!, $after: String, $filter: SchoolFilter, $campaign: ID!, $asOf: DateTime) {
    schools(first: $first, after: $after, filter: $filter) {
      edges { node {
        id name region { id name }
        coverage(campaignId: $campaign, asOf: $asOf) { gridsDueCount gridsClaimedCount gridsProvenCount dueCount claimedCount provenCount }
      } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export function CoverageList() {
  const { campaign, regionId, asOf } = useScene();
  const filter = { campaignId: campaign.id, regionId, selfInspection: choice<"COVERED" | "NOT_COVERED">("covered"), search: choice("search"), asOf };
  const pages = usePages(Query, { filter, campaign: campaign.id, asOf }, (d) => d.schools);
  const share = (n: number | undefined, all: number | undefined) => (n === undefined || all === undefined ? "—" : fill(t.of, { n, all }));
  return (
    <>
      <header class="title"><h1>{t.title}</h1></header>
      <Filters search filters={[{ name: "covered", label: t.covered, options: (["COVERED", "NOT_COVERED"] as const).map((value) => ({ value, label: t[value] })) }]} />
      <List
        caption={t.title}
        pages={pages}
        id={(s) => s.id}
        columns={[
          { title: t.school, names: true, cell: (s) => <a href={to(["schools", s.id])}>{s.name}</a> },
          { title: t.region, cell: (s) => s.region?.name },
          { title: t.gridsClaimed, number: true, cell: ({ coverage: c }) => share(c?.gridsClaimedCount, c?.gridsDueCount) },
          { title: t.gridsProven, number: true, cell: ({ coverage: c }) => share(c?.gridsProvenCount, c?.gridsDueCount) },
          { title: t.cellsClaimed, number: true, cell: ({ coverage: c }) => share(c?.claimedCount, c?.dueCount) },
          { title: t.cellsProven, number: true, cell: ({ coverage: c }) => share(c?.provenCount, c?.dueCount) },
        ]}
      />
    </>
  );
}
