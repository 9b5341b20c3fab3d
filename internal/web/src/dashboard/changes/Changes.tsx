// Two instants side by side: how the figures differ, and which hazards made the
// difference. The later one is the instant of the whole page, or now.
import { graphql } from "../../api/client";
import type { CompareQuery } from "../../api/gql/graphql";
import { List, Table, usePages } from "../../ui/List";
import { Empty, QueryState } from "../../ui/State";
import { day, instant, instantOf, localOf, number, percent } from "../../ui/format";
import { texts } from "../../ui/language";
import { go, route } from "../../ui/route";
import { useQuery } from "../../ui/useQuery";
import { word } from "../../ui/words";
import { filtered, to } from "../place";
import { useScene } from "../scene";

const t = texts({
  title: ["两日对比", "Compare two instants"],
  since: ["从", "From"],
  until: ["到", "to"],
  now: ["现在", "now"],
  show: ["对比", "Compare"],
  usual: ["常用起点", "Usual instants"],
  dayBefore: ["一天前", "A day before"],
  weekBefore: ["七天前", "Seven days before"],
  beginning: ["活动开始", "Start of the campaign"],
  choose: ["请选择较早的时刻；较晚的时刻是页面上方的“截至时刻”，不选即为现在。", "Choose the earlier instant; the later one is “as of” above, or now."],
  figures: ["数字变化", "How the figures changed"],
  figure: ["指标", "Figure"],
  before: ["之前", "Before"],
  after: ["之后", "After"],
  difference: ["变化", "Difference"],
  found: ["累计发现", "Found"],
  closed: ["已销号", "Closed"],
  closedProven: ["已销号且证实", "Closed, proven"],
  open: ["未销号", "Open"],
  overdue: ["逾期", "Overdue"],
  underOversight: ["挂牌督办中", "Under oversight"],
  majorOpen: ["重大未销号", "Major, open"],
  voided: ["已作废", "Voided"],
  rate: ["整改率", "Clear rate"],
  hazards: ["造成变化的隐患", "The hazards that made the difference"],
  hazard: ["隐患", "Hazard"],
  school: ["学校", "School"],
  outOfSight: ["（不在您的查看范围内）", "(out of your sight)"],
  notFound: ["尚未发现", "not found yet"],
  same: ["两个时刻之间没有变化。", "Nothing changed between the two."],
});

const Compare = graphql(`
  query Compare($campaign: ID!, $region: ID, $since: DateTime!, $asOf: DateTime) {
    before: dashboard(campaignId: $campaign, regionId: $region, asOf: $since) { total { ...FigureParts } }
    after: dashboard(campaignId: $campaign, regionId: $region, asOf: $asOf) { at total { ...FigureParts } }
  }
`);

const HazardChanges = graphql(`
  query HazardChanges($campaign: ID!, $region: ID, $since: DateTime!, $asOf: DateTime, $first: Int!, $after: String) {
    hazardChanges(campaignId: $campaign, regionId: $region, since: $since, asOf: $asOf, first: $first, after: $after) {
      edges { node { hazard { id description school { id name } } before { ...StateParts } after { ...StateParts } becameOverdue } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const StateParts = graphql(`
  fragment StateParts on HazardState { status grade underOversight proven deadlineOn validFrom }
`);

const dayLong = 86_400_000;

type Total = NonNullable<CompareQuery["before"]>["total"];

export function Changes() {
  const { asOf, campaign } = useScene();
  const since = route.value.query.get("since");
  const known = since && !Number.isNaN(Date.parse(since)) ? since : undefined;
  const until = Date.parse(asOf ?? new Date().toISOString());
  const usual: [string, string | null][] = [
    [t.dayBefore, new Date(until - dayLong).toISOString()],
    [t.weekBefore, new Date(until - 7 * dayLong).toISOString()],
    [t.beginning, instantOf(`${campaign.startsOn}T00:00`)],
  ];
  return (
    <>
      <header class="title"><h1>{t.title}</h1></header>
      <form
        class="filters"
        onSubmit={(e) => {
          e.preventDefault();
          const at = instantOf(String(new FormData(e.currentTarget).get("since")));
          if (at) go(filtered({ since: at }));
        }}
      >
        <label>
          {t.since}
          <input type="datetime-local" name="since" required key={known ?? ""} defaultValue={known ? localOf(known) : ""} max={localOf(asOf ?? new Date().toISOString())} />
        </label>
        <p class="until">{t.until} {asOf ? instant(asOf) : t.now}</p>
        <button class="primary">{t.show}</button>
      </form>
      <nav aria-label={t.usual}>
        <ul class="ways">
          {usual.map(([label, at]) => at && Date.parse(at) < until && <li><a href={filtered({ since: at })}>{label}</a></li>)}
        </ul>
      </nav>
      {known ? <Difference since={known} /> : <Empty>{t.choose}</Empty>}
    </>
  );
}

function Difference({ since }: { since: string }) {
  const { campaign, regionId, asOf } = useScene();
  const variables = { campaign: campaign.id, region: regionId, since, asOf };
  const query = useQuery(Compare, variables);
  const pages = usePages(HazardChanges, variables, (d) => d.hazardChanges);
  const before = query.data?.before?.total, after = query.data?.after?.total;
  return (
    <>
      <QueryState query={query} />
      {before && after && <section class="card"><h2>{t.figures}</h2><Sides before={before} after={after} /></section>}
      <section class="card">
        <h2>{t.hazards}</h2>
        <List
          caption={t.hazards}
          pages={pages}
          empty={t.same}
          id={(c) => `${c.hazard?.id}${c.after.validFrom}`}
          columns={[
            { title: t.hazard, names: true, cell: (c) => (c.hazard ? <a href={to(["hazards", c.hazard.id])}>{c.hazard.description}</a> : t.outOfSight) },
            { title: t.school, cell: (c) => c.hazard?.school?.name },
            { title: t.before, cell: (c) => (c.before ? <State state={c.before} other={c.after} /> : <span class="soft">{t.notFound}</span>) },
            { title: t.after, cell: (c) => <><State state={c.after} other={c.before} />{c.becameOverdue && <> · <strong>{t.overdue}</strong></>}</> },
          ]}
        />
      </section>
    </>
  );
}

function Sides({ before, after }: { before: Total; after: Total }) {
  const names = ["found", "closed", "closedProven", "open", "overdue", "underOversight", "majorOpen", "voided"] as const;
  const signed = (n: number) => (n > 0 ? `+${number(n)}` : number(n));
  const rows = [
    ...names.map((name) => ({ label: t[name], before: number(before[name]), after: number(after[name]), difference: signed(after[name] - before[name]) })),
    { label: t.rate, before: percent(before.clearRate), after: percent(after.clearRate), difference: percentDifference(before.clearRate, after.clearRate) },
  ];
  return (
    <Table
      caption={t.figures}
      rows={rows}
      id={(r) => r.label}
      columns={[
        { title: t.figure, names: true, cell: (r) => r.label },
        { title: t.before, number: true, cell: (r) => r.before },
        { title: t.after, number: true, cell: (r) => r.after },
        { title: t.difference, number: true, cell: (r) => <strong>{r.difference}</strong> },
      ]}
    />
  );
}

interface StateShown {
  status: string;
  grade: string;
  underOversight: boolean;
  proven: boolean;
  deadlineOn?: string | null;
}

// What differs from the other side stands out.
function State({ state: s, other: o }: { state: StateShown; other: StateShown | null | undefined }) {
  const parts: [text: string, differs: boolean][] = [
    [word(s.status), s.status !== o?.status],
    [word(s.grade), s.grade !== o?.grade],
    [s.underOversight ? word("PLACED_UNDER_OVERSIGHT") : "", s.underOversight !== o?.underOversight],
    [s.proven ? word("PROVEN") : "", s.proven !== o?.proven],
    [s.deadlineOn ? day(s.deadlineOn) : "", s.deadlineOn !== o?.deadlineOn],
  ];
  return <>{parts.filter(([text]) => text).map(([text, differs], i) => <>{i > 0 && " · "}{differs ? <strong>{text}</strong> : <span class="soft">{text}</span>}</>)}</>;
}

// What there is no rate of has no difference either.
function percentDifference(before: number | null | undefined, after: number | null | undefined): string {
  if (before == null || after == null) return percent(null);
  return (after > before ? "+" : "") + percent(after - before);
}
