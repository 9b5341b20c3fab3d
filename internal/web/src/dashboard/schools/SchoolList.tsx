// The schools behind a figure.
import { graphql } from "../../api/client";
import type { SchoolFilter } from "../../api/gql/graphql";
import { List, usePages } from "../../ui/List";
import { names, number } from "../../ui/format";
import { texts } from "../../ui/language";
import { word } from "../../ui/words";
import { Filters, choice, flag, yesNo } from "../Filters";
import { to } from "../place";
import { useScene } from "../scene";

const t = texts({
  title: ["学校名单", "Schools"],
  name: ["学校", "School"],
  region: ["乡镇", "Township"],
  stages: ["学段", "Stages"],
  ownership: ["办学性质", "Run by"],
  students: ["学生数", "Pupils"],
  self: ["自查", "Self-inspection"],
  visited: ["督查", "Supervision"],
  group: ["未成立领导小组", "No leading group"],
  CLAIMED: ["已上报", "Claimed"],
  NOT_CLAIMED: ["未上报", "Not claimed"],
  PROVEN: ["已证实", "Proven"],
  NOT_PROVEN: ["未证实", "Not proven"],
  COVERED: ["全覆盖", "Covered"],
  NOT_COVERED: ["未全覆盖", "Not covered"],
  SUBMITTED: ["已报完成", "Said to be done"],
  NOT_SUBMITTED: ["未报完成", "Not said to be done"],
});

const Query = graphql(`
  query SchoolList($first: Int!, $after: String, $filter: SchoolFilter) {
    schools(first: $first, after: $after, filter: $filter) {
      edges { node { id name stages ownership studentCount region { id name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export function SchoolList() {
  const { campaign, regionId, asOf } = useScene();
  const reports = ["CLAIMED", "NOT_CLAIMED", "PROVEN", "NOT_PROVEN"] as const;
  const cells = ["COVERED", "NOT_COVERED", "SUBMITTED", "NOT_SUBMITTED"] as const;
  const filter: SchoolFilter = {
    campaignId: campaign.id,
    regionId,
    selfInspection: choice("self"),
    visited: choice("visited"),
    ownership: choice("ownership"),
    withoutLeadingGroup: flag("withoutGroup") ? campaign.id : undefined,
    search: choice("search"),
    asOf,
  };
  const pages = usePages(Query, { filter }, (d) => d.schools);
  const options = (values: readonly (typeof reports | typeof cells)[number][]) => values.map((value) => ({ value, label: t[value] }));
  return (
    <>
      <header class="title"><h1>{t.title}</h1></header>
      <Filters
        search
        filters={[
          { name: "self", label: t.self, options: options([...reports, ...cells]) },
          { name: "visited", label: t.visited, options: options(reports) },
          { name: "ownership", label: t.ownership, options: ["PUBLIC", "PRIVATE"].map((value) => ({ value, label: word(value) })) },
          { name: "withoutGroup", label: t.group, options: yesNo().slice(0, 1) },
        ]}
      />
      <List
        caption={t.title}
        pages={pages}
        id={(s) => s.id}
        columns={[
          { title: t.name, names: true, cell: (s) => <a href={to(["schools", s.id])}>{s.name}</a> },
          { title: t.region, cell: (s) => s.region?.name },
          { title: t.stages, cell: (s) => names(s.stages.map((x) => word(x))) },
          { title: t.ownership, cell: (s) => word(s.ownership) },
          { title: t.students, number: true, cell: (s) => number(s.studentCount) },
        ]}
      />
    </>
  );
}
