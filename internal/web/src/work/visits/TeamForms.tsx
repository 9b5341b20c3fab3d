// Forming a team, and giving it other members or areas.
import { graphql } from "../../api/client";
import type { TeamAreaInput } from "../../api/gql/graphql";
import { CommandForm } from "../../ui/CommandForm";
import { TextField } from "../../ui/Form";
import { Ordered, chosenOf } from "../../ui/Ordered";
import { texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { useBureau } from "../people";
import { useSchools } from "../schools";
import { useWorker } from "../viewer";
import type { Team } from "./query";

const t = texts({
  form: ["成立督查组", "Form the team"],
  formed: ["督查组已成立。", "The team is formed."],
  name: ["名称", "Name"],
  members: ["成员", "Members"],
  membersHint: ["第一位是组长，第二位是联系人。", "The first leads it, the second is its contact."],
  leader: ["组长", "Leader"],
  contact: ["联系人", "Contact"],
  changeMembers: ["保存成员", "Keep these members"],
  membersChanged: ["成员已调整。", "The members are changed."],
  areas: ["分包单位", "Areas"],
  areasHint: ["乡镇，或单独的学校。单独的学校优先于所在乡镇。", "Townships, or single schools. A single school goes before its township."],
  changeAreas: ["保存分包单位", "Keep these areas"],
  areasChanged: ["分包单位已调整。", "The areas are changed."],
});

const Townships = graphql(`
  query TownshipsToChoose($campaign: ID!) {
    campaign(id: $campaign) { id region { id children { id name } } }
  }
`);
const Send = graphql(`mutation FormTeam($input: FormTeamInput!) { formTeam(input: $input) { team { id } } }`);
const SendMembers = graphql(`mutation ChangeTeamMembers($input: ChangeTeamMembersInput!) { changeTeamMembers(input: $input) { team { id } } }`);
const SendAreas = graphql(`mutation ChangeTeamAreas($input: ChangeTeamAreasInput!) { changeTeamAreas(input: $input) { team { id } } }`);

function Members({ team }: { team?: Team }) {
  const people = useBureau().filter((p) => p.roles.includes("INSPECTOR") || p.roles.includes("BUREAU_LEADER"));
  return (
    <Ordered
      name="memberIds"
      label={t.members}
      hint={t.membersHint}
      required
      options={people}
      initial={team?.members?.flatMap(({ user }) => (user ? [{ value: user.id, label: user.name }] : []))}
      meaning={(position) => [t.leader, t.contact][position] ?? ""}
    />
  );
}

function AreaField({ team }: { team?: Team }) {
  const { campaign } = useWorker();
  const { data } = useQuery(Townships, { campaign: campaign.id });
  const { schools, words, search } = useSchools();
  const present = (team?.areas ?? []).map((a) => ({ value: a.region?.id ?? a.school?.id ?? "", label: a.region?.name ?? a.school?.name ?? "" }));
  const townships = (data?.campaign?.region?.children ?? []).filter((r) => !words || r.name.includes(words));
  return (
    <Ordered
      name="areas"
      label={t.areas}
      hint={t.areasHint}
      required
      search={search}
      options={[
        ...townships.map((r) => ({ value: r.id, label: r.name })),
        ...schools.map((s) => ({ value: s.id, label: `${s.name} · ${s.region?.name ?? ""}` })),
      ]}
      initial={present}
    />
  );
}

const areasOf = (value: string | undefined): TeamAreaInput[] => chosenOf(value).map((id) => (id.startsWith("region_") ? { regionId: id } : { schoolId: id }));

/** For the section. */
export function FormTeam({ changed }: { changed: () => void }) {
  const { campaign } = useWorker();
  return (
    <CommandForm
      name={`team ${campaign.id}`}
      command={Send}
      actions={[{ value: "form", label: t.form, look: "primary" }]}
      input={(v, ids) => ({ id: ids("inspection_team"), campaignId: campaign.id, name: v.name!, memberIds: chosenOf(v.memberIds), areas: areasOf(v.areas) })}
      done={t.formed}
      changed={changed}
    >
      <TextField name="name" label={t.name} required />
      <Members />
      <AreaField />
    </CommandForm>
  );
}

/** Other members, all of them in their order. */
export function ChangeMembers({ team, changed }: { team: Team; changed: () => void }) {
  return (
    <CommandForm
      name={`members ${team.id}`}
      command={SendMembers}
      actions={[{ value: "change", label: t.changeMembers, look: "primary" }]}
      input={({ memberIds }, ids) => ({ commandId: ids("command"), teamId: team.id, memberIds: chosenOf(memberIds) })}
      done={t.membersChanged}
      changed={changed}
    >
      <Members team={team} />
    </CommandForm>
  );
}

/** Other areas, all of them. */
export function ChangeAreas({ team, changed }: { team: Team; changed: () => void }) {
  return (
    <CommandForm
      name={`areas ${team.id}`}
      command={SendAreas}
      actions={[{ value: "change", label: t.changeAreas, look: "primary" }]}
      input={({ areas }, ids) => ({ commandId: ids("command"), teamId: team.id, areas: areasOf(areas) })}
      done={t.areasChanged}
      changed={changed}
    >
      <AreaField team={team} />
    </CommandForm>
  );
}
