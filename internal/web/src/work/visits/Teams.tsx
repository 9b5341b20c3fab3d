// The teams with their members and areas; the section forms and changes them.
import { useState } from "preact/hooks";
import { Dialog } from "../../ui/Dialog";
import { Table } from "../../ui/List";
import { QueryResult } from "../../ui/State";
import { names, number } from "../../ui/format";
import { fill, texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { useWorker } from "../viewer";
import { ChangeAreas, ChangeMembers, FormTeam } from "./TeamForms";
import { type Team, TeamsAtWork } from "./query";

const t = texts({
  teams: ["督查组与分包单位", "Teams and their areas"],
  none: ["还没有督查组。", "There is no team yet."],
  team: ["督查组", "Team"],
  members: ["成员（组长、联系人在前）", "Members, the leader and the contact first"],
  areas: ["分包单位", "Areas"],
  load: ["任务 / 完成", "Planned / done"],
  change: ["办理", "Change"],
  changeOne: ["调整{team}", "Change {team}"],
  form: ["成立督查组", "Form a team"],
});

/** All teams in sight. */
export function Teams({ campaign }: { campaign: string }) {
  const section = useWorker().is("SAFETY_SECTION");
  const query = useQuery(TeamsAtWork, { campaign });
  const [changing, setChanging] = useState<Team>();
  const done = () => (setChanging(undefined), void query.reload());
  return (
    <QueryResult query={query}>
      {({ teams }) => (
        <section class="card" aria-label={t.teams}>
          <h2>{t.teams}</h2>
          {!teams?.edges.length && <p class="soft">{t.none}</p>}
          <Table
            caption={t.teams}
            rows={(teams?.edges ?? []).map((e) => e.node)}
            id={(team) => team.id}
            columns={[
              { title: t.team, names: true, cell: (team) => team.name },
              { title: t.members, cell: (team) => names(team.members?.map((m) => m.user?.name) ?? []) },
              { title: t.areas, cell: (team) => names(team.areas?.map((a) => a.region?.name ?? a.school?.name) ?? []) },
              { title: t.load, cell: (team) => team.load && `${number(team.load.plannedCount)} / ${number(team.load.doneCount)}` },
              ...(section ? [{ title: t.change, cell: (team: Team) => <button type="button" class="quiet" onClick={() => setChanging(team)}>{fill(t.changeOne, { team: team.name })}</button> }] : []),
            ]}
          />
          {section && (
            <details>
              <summary>{t.form}</summary>
              <FormTeam changed={done} />
            </details>
          )}
          {changing && (
            <Dialog title={fill(t.changeOne, { team: changing.name })} onClose={() => setChanging(undefined)}>
              <ChangeMembers team={changing} changed={done} />
              <ChangeAreas team={changing} changed={done} />
            </Dialog>
          )}
        </section>
      )}
    </QueryResult>
  );
}
