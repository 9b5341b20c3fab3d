// Whom somebody can be chosen from.
import { graphql } from "../api/client";
import { useQuery } from "../ui/useQuery";
import { names } from "../ui/format";
import { word } from "../ui/words";
import { useWorker } from "./viewer";

const Bureau = graphql(`
  query PeopleOfBureau($campaign: ID!) {
    campaign(id: $campaign) { id region { id members { id role user { id name } } } }
  }
`);

/** A person in a list to choose from. */
export interface Person {
  value: string;
  label: string;
  roles: string[];
}

interface Member {
  role: string;
  user?: { id: string; name: string } | null;
}

/** Each person once, with the roles. */
export function peopleOf(members: readonly Member[] | null | undefined): Person[] {
  const people = new Map<string, { name: string; roles: string[] }>();
  for (const { role, user } of members ?? []) {
    if (!user) continue;
    const known = people.get(user.id) ?? { name: user.name, roles: [] };
    people.set(user.id, { ...known, roles: [...known.roles, role] });
  }
  return [...people].map(([value, { name, roles }]) => ({ value, label: `${name} · ${names(roles.map((r) => word(r)))}`, roles }));
}

/** The people of the campaign's bureau, as far as this person manages them; nobody before `asked`. */
export function useBureau(asked = true): Person[] {
  const { campaign } = useWorker();
  const query = useQuery(Bureau, asked ? { campaign: campaign.id } : null);
  return peopleOf(query.data?.campaign?.region?.members);
}
