// The hazards behind a figure.
import { graphql } from "../../api/client";
import type { HazardFilter, HazardListQuery, HazardStatus } from "../../api/gql/graphql";
import { List, usePages } from "../../ui/List";
import { HazardStatusTag, Tag } from "../../ui/Tag";
import { day, instant } from "../../ui/format";
import { texts } from "../../ui/language";
import { word } from "../../ui/words";
import { useQuery } from "../../ui/useQuery";
import { Filters, choice, choices, flag, yesNo } from "../Filters";
import { to } from "../place";
import { useScene } from "../scene";

const t = texts({
  title: ["隐患清单", "Hazards"],
  description: ["隐患", "Hazard"],
  school: ["学校", "School"],
  category: ["类别", "Category"],
  status: ["状态", "Status"],
  grade: ["等级", "Grade"],
  source: ["来源", "Source"],
  deadline: ["整改期限", "Deadline"],
  reported: ["上报", "Reported"],
  open: ["未销号", "Open"],
  overdue: ["逾期", "Overdue"],
  underOversight: ["挂牌督办中", "Under oversight"],
  needsOversight: ["应挂牌未挂牌", "Needs oversight"],
  proven: ["已证实", "Proven"],
  unproven: ["未证实", "unproven"],
  ofSchool: ["学校：", "School: "],
  none: ["没有符合条件、您可以查看的隐患。数字可能包含您只能看到计数的隐患。", "No hazard that fits is in your sight. Figures may count hazards of which you see only the number."],
});

const Query = graphql(`
  query HazardList($first: Int!, $after: String, $filter: HazardFilter, $at: DateTime!, $past: Boolean!) {
    hazards(first: $first, after: $after, filter: $filter) {
      edges {
        node {
          id description category source status grade underOversight overdue proven deadlineOn reportedAt
          school { id name }
          stateAt(at: $at) @include(if: $past) { status grade underOversight proven deadlineOn }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const SchoolName = graphql(`
  query SchoolName($id: ID!) { school(id: $id) { id name } }
`);

type Row = NonNullable<HazardListQuery["hazards"]>["edges"][number]["node"];

// What was true at the chosen instant, or is true now.
const of = (h: Row) => h.stateAt ?? h;

export function HazardList() {
  const { campaign, regionId, asOf, category, categories } = useScene();
  const schoolId = choice("schoolId");
  const filter: HazardFilter = {
    campaignId: campaign.id,
    regionId: schoolId ? undefined : regionId,
    schoolId,
    status: choices<HazardStatus>("status"),
    grade: choice("grade"),
    category: choice("category"),
    source: choice("source"),
    open: flag("open"),
    overdue: flag("overdue"),
    underOversight: flag("underOversight"),
    needsOversight: flag("needsOversight"),
    proven: flag("proven"),
    search: choice("search"),
    asOf,
  };
  const pages = usePages(Query, { filter, at: asOf ?? campaign.startsOn + "T00:00:00Z", past: Boolean(asOf) }, (d) => d.hazards);
  const school = useQuery(SchoolName, schoolId ? { id: schoolId } : null);
  return (
    <>
      <header class="title">
        <h1>{t.title}</h1>
        {school.data?.school && <p>{t.ofSchool}<a href={to(["schools", school.data.school.id])}>{school.data.school.name}</a></p>}
      </header>
      <Filters
        search
        filters={[
          { name: "open", label: t.open, options: yesNo() },
          { name: "status", label: t.status, options: ["REPORTED", "RECTIFYING", "RECTIFIED", "CLOSED", "VOIDED"].map((value) => ({ value, label: word(value) })) },
          { name: "grade", label: t.grade, options: ["GENERAL", "MAJOR"].map((value) => ({ value, label: word(value) })) },
          { name: "category", label: t.category, options: categories.map((c) => ({ value: c.code, label: c.name })) },
          { name: "source", label: t.source, options: ["SELF_INSPECTION", "SUPERVISION"].map((value) => ({ value, label: word(value) })) },
          { name: "overdue", label: t.overdue, options: yesNo() },
          { name: "underOversight", label: t.underOversight, options: yesNo() },
          { name: "needsOversight", label: t.needsOversight, options: yesNo() },
          { name: "proven", label: t.proven, options: yesNo() },
        ]}
      />
      <List
        caption={t.title}
        pages={pages}
        id={(h) => h.id}
        empty={t.none}
        columns={[
          { title: t.description, names: true, cell: (h) => <a href={to(["hazards", h.id])}>{h.description}</a> },
          { title: t.school, cell: (h) => h.school && <a href={to(["schools", h.school.id])}>{h.school.name}</a> },
          { title: t.category, cell: (h) => category(h.category) },
          {
            title: t.status,
            cell: (h) => (
              <>
                <HazardStatusTag status={of(h).status} />
                {of(h).underOversight && <Tag>{word("PLACED_UNDER_OVERSIGHT")}</Tag>}
                {!asOf && h.overdue && <Tag look="bad">{t.overdue}</Tag>}
                {!of(h).proven && <Tag look="warn">{t.unproven}</Tag>}
              </>
            ),
          },
          { title: t.grade, cell: (h) => of(h).grade === "MAJOR" ? <Tag look="bad">{word("MAJOR")}</Tag> : word(of(h).grade) },
          { title: t.source, cell: (h) => word(h.source) },
          { title: t.deadline, cell: (h) => { const on = of(h).deadlineOn; return on ? day(on) : "—"; } },
          { title: t.reported, cell: (h) => instant(h.reportedAt) },
        ]}
      />
    </>
  );
}
