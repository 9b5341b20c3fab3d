// What teams found where the schools had said that all was well (应发现未发现): a list
// at `#/discrepancies`, one of them at `#/discrepancies/<id>`.
import { graphql } from "../../api/client";
import { List, usePages } from "../../ui/List";
import { QueryState } from "../../ui/State";
import { instant } from "../../ui/format";
import { texts } from "../../ui/language";
import { route } from "../../ui/route";
import { useQuery } from "../../ui/useQuery";
import { itemName, word } from "../../ui/words";
import { Filters, choice, flag, yesNo } from "../Filters";
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
          { title: t.major, cell: (d) => (d.major ? <span class="tag bad">{t.major}</span> : "—") },
          { title: t.raised, cell: (d) => instant(d.raisedAt) },
        ]}
      />
    </>
  );
}

function DiscrepancyPage({ id }: { id: string }) {
  const query = useQuery(One, { id });
  const d = query.data?.discrepancy;
  return (
    <>
      <nav class="back"><a href={to(["discrepancies"])}>← {t.title}</a></nav>
      <QueryState query={query} />
      {d && (
        <article class="record">
          <header class="title"><h1>{d.item ? itemName(d.item) : "—"}</h1>{d.major && <p><span class="tag bad">{t.major}</span></p>}</header>
          <section class="card">
            <dl class="facts">
              <dt>{t.school}</dt>
              <dd>{d.school && <a href={to(["schools", d.school.id])}>{d.school.name}</a>}</dd>
              <dt>{t.grid}</dt>
              <dd>{d.grid?.name ?? t.whole}</dd>
              <dt>{t.raised}</dt>
              <dd>{instant(d.raisedAt)}</dd>
              <dt>{t.hash}</dt>
              <dd><code>{d.factsHash}</code></dd>
            </dl>
          </section>
          <div class="columns">
            {([[t.found, d.found], [t.claimed, d.claimed]] as const).map(([title, f]) => f && (
              <section class="card">
                <h2>{title}</h2>
                <p><span class={`tag ${f.result === "NON_COMPLIANT" ? "bad" : "good"}`}>{word(f.result)}</span> {f.note}</p>
                <p class="soft">{instant(f.recordedAt)} {f.report?.inspector?.name}</p>
                {f.report && <p><a href={to(["reports", f.report.id])}>{t.report}</a></p>}
              </section>
            ))}
          </div>
        </article>
      )}
    </>
  );
}
