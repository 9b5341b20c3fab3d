// One team: its people, its areas, and the visits that stand.
import { graphql } from "../../api/client";
import { Facts } from "../../ui/Facts";
import { Table } from "../../ui/List";
import { names } from "../../ui/format";
import { texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { word } from "../../ui/words";
import { RecordPage } from "../RecordPage";
import { to } from "../place";

const t = texts({
  list: ["督查抽样", "Sampling"],
  leader: ["组长", "Leader"],
  members: ["成员", "Members"],
  contact: ["联系人", "Contact"],
  areas: ["分包单位", "Areas"],
  visits: ["督查安排", "Visits"],
  school: ["学校", "School"],
  slot: ["代表类别", "Stands for"],
  status: ["安排", "Plan"],
  PROPOSED: ["待确认", "Proposed"],
  CONFIRMED: ["已确认", "Confirmed"],
  done: ["完成", "Done"],
  notDone: ["未完成", "Not done"],
});

const Query = graphql(`
  query TeamPage($id: ID!) {
    team(id: $id) {
      id name
      members { position user { name } }
      contact { name }
      areas { region { id name } school { id name } }
      visits { id status slot done report { id } school { id name region { name } } }
    }
  }
`);

export function TeamPage({ id }: { id: string }) {
  const query = useQuery(Query, { id });
  return (
    <RecordPage back={to(["sampling"])} list={t.list} query={query} record={query.data?.team}>
      {(team) => (
        <>
          <header class="title"><h1>{team.name}</h1></header>
          <section class="card">
            <Facts
              rows={[
                [t.leader, team.members?.[0]?.user?.name ?? "—"],
                [t.members, names(team.members?.slice(1).map((m) => m.user?.name) ?? []) || "—"],
                [t.contact, team.contact?.name ?? "—"],
                [t.areas, names(team.areas?.map((a) => a.region?.name ?? a.school?.name) ?? []) || "—"],
              ]}
            />
          </section>
          <section class="card">
            <h2>{t.visits}</h2>
            <Table
              caption={t.visits}
              rows={team.visits ?? []}
              id={(v) => v.id}
              columns={[
                { title: t.school, names: true, cell: (v) => v.school && <><a href={to(["schools", v.school.id])}>{v.school.name}</a> <span class="soft">{v.school.region?.name}</span></> },
                { title: t.slot, cell: (v) => (v.slot ? word(v.slot, "SamplingSlot") : "—") },
                { title: t.status, cell: (v) => (v.status === "PROPOSED" || v.status === "CONFIRMED" ? t[v.status] : word(v.status)) },
                { title: t.done, cell: (v) => (v.report ? <a href={to(["reports", v.report.id])}>{t.done}</a> : v.done ? t.done : t.notDone) },
              ]}
            />
          </section>
        </>
      )}
    </RecordPage>
  );
}
