// What teams found where the schools had said that all was well (应发现未发现): a list
// at `#/discrepancies`, one of them at `#/discrepancies/<id>`.
import { graphql } from "../../api/client";
import { Facts } from "../../ui/Facts";
import { List, usePages } from "../../ui/List";
import { Tag } from "../../ui/Tag";
import { instant } from "../../ui/format";
import { texts } from "../../ui/language";
import { route } from "../../ui/route";
import { useQuery } from "../../ui/useQuery";
import { itemName, word } from "../../ui/words";
import { Filters, choice, flag, yesNo } from "../Filters";
import { RecordPage } from "../RecordPage";
import { to } from "../place";
import { useScene } from "../scene";

const t = texts({
  title: ["应发现未发现", "Discrepancies"],
  item: ["排查内容", "Item"],
  school: ["学校", "School"],
  grid: ["网格", "Grid"],
  whole: ["全校", "Whole school"],
  major: ["重大", "Major"],
  raised: ["提出", "Raised"],
  found: ["督查组的结果", "What the team found"],
  claimed: ["学校此前的结果", "What the school had said"],
  report: ["检查报告", "Report"],
  hash: ["事实摘要 SHA-256", "SHA-256 of the facts"],
});

const Page = graphql(`
  query DiscrepancyList($first: Int!, $after: String, $filter: DiscrepancyFilter) {
    discrepancies(first: $first, after: $after, filter: $filter) {
      edges { node { id major raisedAt item { number text textEn } school { id name } grid { name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const One = graphql(`
  query DiscrepancyPage($id: ID!) {
    discrepancy(id: $id) {
      id major raisedAt factsHash item { number text textEn } school { id name } grid { name }
      found { ...SidesFinding } claimed { ...SidesFinding }
    }
  }
`);

export const SidesFinding = graphql(`
  fragment SidesFinding on Finding { id result note recordedAt report { id inspector { name } } }
`);

export function Discrepancies() {
  const id = route.value.parts[1];
  return id ? <DiscrepancyPage key={id} id={id} /> : <DiscrepancyList />;
}

function DiscrepancyList() {
  const { campaign, regionId, asOf } = useScene();
  const schoolId = choice("schoolId");
  const pages = usePages(Page, { filter: { campaignId: campaign.id, regionId: schoolId ? undefined : regionId, schoolId, major: flag("major"), asOf } }, (d) => d.discrepancies);
  return (
    <>
      <header class="title"><h1>{t.title}</h1></header>
      <Filters filters={[{ name: "major", label: t.major, options: yesNo() }]} />
      <List
        caption={t.title}
        pages={pages}
        id={(d) => d.id}
        columns={[
          { title: t.item, names: true, cell: (d) => <a href={to(["discrepancies", d.id])}>{d.item ? itemName(d.item) : "—"}</a> },
          { title: t.school, cell: (d) => d.school && <a href={to(["schools", d.school.id])}>{d.school.name}</a> },
          { title: t.grid, cell: (d) => d.grid?.name ?? t.whole },
          { title: t.major, cell: (d) => (d.major ? <Tag look="bad">{t.major}</Tag> : "—") },
          { title: t.raised, cell: (d) => instant(d.raisedAt) },
        ]}
      />
    </>
  );
}

function DiscrepancyPage({ id }: { id: string }) {
  const query = useQuery(One, { id });
  return (
    <RecordPage back={to(["discrepancies"])} list={t.title} query={query} record={query.data?.discrepancy}>
      {(d) => (
        <>
          <header class="title"><h1>{d.item ? itemName(d.item) : "—"}</h1>{d.major && <p><Tag look="bad">{t.major}</Tag></p>}</header>
          <section class="card">
            <Facts
              rows={[
                [t.school, d.school && <a href={to(["schools", d.school.id])}>{d.school.name}</a>],
                [t.grid, d.grid?.name ?? t.whole],
                [t.raised, instant(d.raisedAt)],
                [t.hash, <code>{d.factsHash}</code>],
              ]}
            />
          </section>
          <div class="columns">
            {([[t.found, d.found], [t.claimed, d.claimed]] as const).map(([title, f]) => f && (
              <section class="card">
                <h2>{title}</h2>
                <p><Tag look={f.result === "NON_COMPLIANT" ? "bad" : "good"}>{word(f.result)}</Tag> {f.note}</p>
                <p class="soft">{instant(f.recordedAt)} {f.report?.inspector?.name}</p>
                {f.report && <p><a href={to(["reports", f.report.id])}>{t.report}</a></p>}
              </section>
            ))}
          </div>
        </>
      )}
    </RecordPage>
  );
}
