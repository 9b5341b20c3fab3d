// The inspection reports of a school, or of all in sight.
import { graphql } from "../../api/client";
import { List, usePages } from "../../ui/List";
import { Tag } from "../../ui/Tag";
import { instant } from "../../ui/format";
import { texts } from "../../ui/language";
import { word } from "../../ui/words";
import { Filters, choice, flag, yesNo } from "../Filters";
import { to } from "../place";
import { useScene } from "../scene";

const t = texts({
  title: ["检查报告", "Inspection reports"],
  started: ["开始", "Began"],
  school: ["学校", "School"],
  kind: ["类型", "Kind"],
  inspector: ["检查人", "Inspector"],
  status: ["状态", "Status"],
  proven: ["已证实", "Proven"],
  unproven: ["未证实", "Not proven"],
});

const Query = graphql(`
  query ReportList($first: Int!, $after: String, $filter: ReportFilter) {
    reports(first: $first, after: $after, filter: $filter) {
      edges { node { id kind status proven startedAt school { id name } inspector { name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export function ReportList() {
  const { campaign } = useScene();
  const filter = { campaignId: campaign.id, schoolId: choice("schoolId"), kind: choice<"SUPERVISION">("kind"), proven: flag("proven") };
  const pages = usePages(Query, { filter }, (d) => d.reports);
  return (
    <>
      <header class="title"><h1>{t.title}</h1></header>
      <Filters
        filters={[
          { name: "kind", label: t.kind, options: ["SELF_INSPECTION", "SUPERVISION"].map((value) => ({ value, label: word(value) })) },
          { name: "proven", label: t.proven, options: yesNo() },
        ]}
      />
      <List
        caption={t.title}
        pages={pages}
        id={(r) => r.id}
        columns={[
          { title: t.started, names: true, cell: (r) => <a href={to(["reports", r.id])}>{instant(r.startedAt)}</a> },
          { title: t.school, cell: (r) => r.school && <a href={to(["schools", r.school.id])}>{r.school.name}</a> },
          { title: t.kind, cell: (r) => word(r.kind) },
          { title: t.inspector, cell: (r) => r.inspector?.name },
          { title: t.status, cell: (r) => <>{word(r.status, "ReportStatus")} <Tag look={r.proven ? "good" : "warn"}>{r.proven ? t.proven : t.unproven}</Tag></> },
        ]}
      />
    </>
  );
}
