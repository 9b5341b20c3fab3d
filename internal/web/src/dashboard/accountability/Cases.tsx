// `#/cases` lists what is held to account; `#/cases/<id>` is a case with its frozen facts.
import { graphql } from "../../api/client";
import { Facts } from "../../ui/Facts";
import { List, usePages } from "../../ui/List";
import { Tag } from "../../ui/Tag";
import { Timeline } from "../../ui/Timeline";
import { indented, instant } from "../../ui/format";
import { texts } from "../../ui/language";
import { route } from "../../ui/route";
import { useQuery } from "../../ui/useQuery";
import { word } from "../../ui/words";
import { Filters, choice } from "../Filters";
import { RecordPage } from "../RecordPage";
import { to } from "../place";
import { useScene } from "../scene";

const t = texts({
  title: ["追责线索", "Accountability cases"],
  kind: ["事由", "Kind"],
  school: ["学校", "School"],
  person: ["当事人", "Person"],
  schoolItself: ["学校", "the school"],
  status: ["状态", "Status"],
  raised: ["提出", "Raised"],
  hazard: ["隐患", "Hazard"],
  report: ["检查报告", "Report"],
  discrepancy: ["应发现未发现", "Discrepancy"],
  decision: ["研判", "Decision"],
  hash: ["事实摘要 SHA-256", "SHA-256 of the facts"],
  facts: ["固定的事实", "The frozen facts"],
  history: ["经过", "History"],
  open: ["打开", "Open"],
});

const Page = graphql(`
  query CaseList($first: Int!, $after: String, $filter: CaseFilter) {
    cases(first: $first, after: $after, filter: $filter) {
      edges { node { id kind status raisedAt school { id name } person { name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const One = graphql(`
  query CasePage($id: ID!) {
    case(id: $id) {
      id kind status raisedAt facts factsHash decisionReason decidedAt
      school { id name } person { name } decidedBy { name }
      hazard { id description } report { id } discrepancy { id }
      history { event at text by { name } }
    }
  }
`);

const kinds = ["LATE_REPORT", "MISSED", "FALSE_REPORT", "OVERDUE", "NOT_CARRIED_OUT", "SELF_DEALING"];

export function Cases() {
  const id = route.value.parts[1];
  return id ? <CasePage key={id} id={id} /> : <CaseList />;
}

function CaseList() {
  const { campaign, regionId, asOf } = useScene();
  const schoolId = choice("schoolId");
  const filter = { campaignId: campaign.id, regionId: schoolId ? undefined : regionId, schoolId, kind: choice<"OVERDUE">("kind"), status: choice<"OPEN">("status"), asOf };
  const pages = usePages(Page, { filter }, (d) => d.cases);
  return (
    <>
      <header class="title"><h1>{t.title}</h1></header>
      <Filters
        filters={[
          { name: "status", label: t.status, options: ["OPEN", "CONFIRMED", "DISMISSED"].map((value) => ({ value, label: word(value) })) },
          { name: "kind", label: t.kind, options: kinds.map((value) => ({ value, label: word(value) })) },
        ]}
      />
      <List
        caption={t.title}
        pages={pages}
        id={(c) => c.id}
        columns={[
          { title: t.kind, names: true, cell: (c) => <a href={to(["cases", c.id])}>{word(c.kind)}</a> },
          { title: t.school, cell: (c) => c.school && <a href={to(["schools", c.school.id])}>{c.school.name}</a> },
          { title: t.person, cell: (c) => c.person?.name ?? t.schoolItself },
          { title: t.status, cell: (c) => <Tag look={c.status === "CONFIRMED" ? "bad" : c.status === "OPEN" ? "warn" : undefined}>{word(c.status)}</Tag> },
          { title: t.raised, cell: (c) => instant(c.raisedAt) },
        ]}
      />
    </>
  );
}

function CasePage({ id }: { id: string }) {
  const query = useQuery(One, { id });
  return (
    <RecordPage back={to(["cases"])} list={t.title} query={query} record={query.data?.case}>
      {(c) => (
        <>
          <header class="title"><h1>{word(c.kind)}</h1><p><Tag>{word(c.status)}</Tag></p></header>
          <section class="card">
            <Facts
              rows={[
                [t.school, c.school && <a href={to(["schools", c.school.id])}>{c.school.name}</a>],
                [t.person, c.person?.name ?? t.schoolItself],
                [t.raised, instant(c.raisedAt)],
                [t.hazard, c.hazard && <a href={to(["hazards", c.hazard.id])}>{c.hazard.description}</a>],
                [t.report, c.report && <a href={to(["reports", c.report.id])}>{t.open}</a>],
                [t.discrepancy, c.discrepancy && <a href={to(["discrepancies", c.discrepancy.id])}>{t.open}</a>],
                [t.decision, c.decisionReason && <>{c.decisionReason} <span class="soft">{c.decidedBy?.name} {c.decidedAt && instant(c.decidedAt)}</span></>],
                [t.hash, <code>{c.factsHash}</code>],
              ]}
            />
          </section>
          {c.history && c.history.length > 0 && (
            <section class="card">
              <h2>{t.history}</h2>
              <Timeline label={t.history} steps={c.history.map((s) => ({ id: s.at, title: word(s.event), by: s.by?.name, at: s.at, body: <p>{s.text}</p> }))} />
            </section>
          )}
          <section class="card"><h2>{t.facts}</h2><pre class="facts-text" tabIndex={0}>{indented(c.facts)}</pre></section>
        </>
      )}
    </RecordPage>
  );
}
