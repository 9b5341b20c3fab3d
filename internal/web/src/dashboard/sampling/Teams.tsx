// The teams, how much of their work is done, and whether they have handed in.
import { graphql } from "../../api/client";
import { List, Table, usePages } from "../../ui/List";
import { QueryState } from "../../ui/State";
import { Tag } from "../../ui/Tag";
import { number } from "../../ui/format";
import { texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { to } from "../place";
import { useScene } from "../scene";

const t = texts({
  teams: ["督查组", "Teams"],
  team: ["督查组", "Team"],
  contact: ["联系人", "Contact"],
  planned: ["安排", "Planned"],
  done: ["完成", "Done"],
  handIns: ["整改通知书报送", "Notices handed in"],
  issued: ["下发", "Issued"],
  handedIn: ["已报送", "Handed in"],
  missing: ["未报送", "Missing"],
  late: ["迟报送", "Late"],
  state: ["结论", "Verdict"],
  inTime: ["按期", "in time"],
});

const TeamList = graphql(`
  query TeamList($first: Int!, $after: String, $campaign: ID!) {
    teams(campaignId: $campaign, first: $first, after: $after) {
      edges { node { id number name contact { name } load { plannedCount doneCount } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const HandIns = graphql(`
  query HandIns($campaign: ID!, $asOf: DateTime) {
    handIns(campaignId: $campaign, asOf: $asOf) { team { id name } issuedCount handedInCount missingCount lateCount late }
  }
`);

export function Teams() {
  const { campaign, asOf } = useScene();
  const pages = usePages(TeamList, { campaign: campaign.id }, (d) => d.teams);
  const handIns = useQuery(HandIns, { campaign: campaign.id, asOf });
  const rows = handIns.data?.handIns ?? [];
  return (
    <>
      <section class="card">
        <h2>{t.teams}</h2>
        <List
          caption={t.teams}
          pages={pages}
          id={(x) => x.id}
          columns={[
            { title: t.team, names: true, cell: (x) => <a href={to(["sampling", x.id])}>{x.name}</a> },
            { title: t.contact, cell: (x) => x.contact?.name },
            { title: t.planned, number: true, cell: (x) => number(x.load?.plannedCount ?? 0) },
            { title: t.done, number: true, cell: (x) => number(x.load?.doneCount ?? 0) },
          ]}
        />
      </section>
      <section class="card">
        <h2>{t.handIns}</h2>
        {handIns.error?.code !== "FORBIDDEN" && <QueryState query={handIns} />}
        {rows.length > 0 && (
          <Table
            caption={t.handIns}
            rows={rows}
            id={(h) => h.team?.id ?? ""}
            columns={[
              { title: t.team, names: true, cell: (h) => h.team?.name },
              { title: t.issued, number: true, cell: (h) => <a href={to(["notices"], { teamId: h.team?.id, status: "ISSUED,ACKNOWLEDGED,REFUSED,REPLIED,CLOSED" })} aria-label={`${h.team?.name} ${t.issued} ${h.issuedCount}`}>{number(h.issuedCount)}</a> },
              { title: t.handedIn, number: true, cell: (h) => <a href={to(["notices"], { teamId: h.team?.id, handedIn: "true" })} aria-label={`${h.team?.name} ${t.handedIn} ${h.handedInCount}`}>{number(h.handedInCount)}</a> },
              { title: t.missing, number: true, cell: (h) => <a href={to(["notices"], { teamId: h.team?.id, handedIn: "false", status: "ISSUED,ACKNOWLEDGED,REFUSED,REPLIED,CLOSED" })} aria-label={`${h.team?.name} ${t.missing} ${h.missingCount}`}>{number(h.missingCount)}</a> },
              { title: t.late, number: true, cell: (h) => number(h.lateCount) },
              { title: t.state, cell: (h) => <Tag look={h.late ? "bad" : "good"}>{h.late ? t.late : t.inTime}</Tag> },
            ]}
          />
        )}
      </section>
    </>
  );
}
