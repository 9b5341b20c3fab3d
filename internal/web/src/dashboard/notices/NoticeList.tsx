// The rectification notices behind a figure.
import { graphql } from "../../api/client";
import type { NoticeFigure, NoticeFilter, NoticeStatus } from "../../api/gql/graphql";
import { List, usePages } from "../../ui/List";
import { Tag } from "../../ui/Tag";
import { day, instant } from "../../ui/format";
import { texts } from "../../ui/language";
import { word } from "../../ui/words";
import { Filters, choice, choices, flag, yesNo } from "../Filters";
import { to } from "../place";
import { useScene } from "../scene";

const t = texts({
  title: ["整改通知书", "Rectification notices"],
  number: ["文号", "Number"],
  draft: ["（草稿）", "(draft)"],
  school: ["学校", "School"],
  team: ["督查组", "Team"],
  section: ["安全科", "Section"],
  status: ["状态", "Status"],
  issued: ["下发", "Issued"],
  deadline: ["整改期限", "Deadline"],
  handedIn: ["已报送", "Handed in"],
  overdue: ["逾期", "Overdue"],
  figure: ["看板统计", "Figure of the dashboard"],
});

const Query = graphql(`
  query NoticeList($first: Int!, $after: String, $filter: NoticeFilter) {
    notices(first: $first, after: $after, filter: $filter) {
      edges { node { id number status issuedAt deadlineOn overdue handedInAt school { id name } team { name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const statuses = ["DRAFT", "ISSUED", "ACKNOWLEDGED", "REFUSED", "REPLIED", "CLOSED", "SUPERSEDED", "DROPPED"];
const figures = ["ISSUED", "ACKNOWLEDGED", "REFUSED", "REPLIED", "CLOSED", "OVERDUE"];

export function NoticeList() {
  const { campaign, regionId, asOf } = useScene();
  const schoolId = choice("schoolId");
  const filter: NoticeFilter = {
    campaignId: campaign.id,
    regionId: schoolId ? undefined : regionId,
    schoolId,
    teamId: choice("teamId"),
    status: choices<NoticeStatus>("status"),
    figure: choice<NoticeFigure>("figure"),
    handedIn: flag("handedIn"),
    overdue: flag("overdue"),
    asOf,
  };
  const pages = usePages(Query, { filter }, (d) => d.notices);
  return (
    <>
      <header class="title"><h1>{t.title}</h1></header>
      <Filters
        filters={[
          { name: "figure", label: t.figure, options: figures.map((value) => ({ value, label: word(value, "NoticeStatus") })) },
          { name: "status", label: t.status, options: statuses.map((value) => ({ value, label: word(value, "NoticeStatus") })) },
          { name: "handedIn", label: t.handedIn, options: yesNo() },
          { name: "overdue", label: t.overdue, options: yesNo() },
        ]}
      />
      <List
        caption={t.title}
        pages={pages}
        id={(n) => n.id}
        columns={[
          { title: t.number, names: true, cell: (n) => <a href={to(["notices", n.id])}>{n.number ?? t.draft}</a> },
          { title: t.school, cell: (n) => n.school && <a href={to(["schools", n.school.id])}>{n.school.name}</a> },
          { title: t.team, cell: (n) => n.team?.name ?? t.section },
          { title: t.status, cell: (n) => <><Tag>{word(n.status, "NoticeStatus")}</Tag>{n.overdue && <Tag look="bad">{t.overdue}</Tag>}{n.handedInAt && <Tag look="good">{t.handedIn}</Tag>}</> },
          { title: t.issued, cell: (n) => (n.issuedAt ? instant(n.issuedAt) : "—") },
          { title: t.deadline, cell: (n) => day(n.deadlineOn) },
        ]}
      />
    </>
  );
}
