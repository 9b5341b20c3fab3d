// Who works here, as what, and in which campaign.
import { type ComponentChildren, createContext } from "preact";
import { useContext } from "preact/hooks";
import { graphql } from "../api/client";
import type { Role } from "../api/gql/graphql";
import { QueryResult } from "../ui/State";
import { setZone } from "../ui/format";
import { keepFor } from "../ui/kept";
import { route } from "../ui/route";
import { useQuery } from "../ui/useQuery";

const Who = graphql(`
  query WhoWorks {
    viewer { user { id name } roles memberships { role validFrom validUntil school { id name } } }
    campaigns { id title startsOn endsOn policy { timeZone } }
  }
`);

/** Who works, and on what. */
export interface Worker {
  id: string;
  name: string;
  /** The schools that the person belongs to. */
  schools: { id: string; name: string }[];
  campaign: { id: string; title: string; startsOn: string; endsOn: string };
  /** Whether the person has one of these roles today. */
  is: (...roles: Role[]) => boolean;
  /** Today in the campaign's zone. */
  today: string;
}

const Context = createContext<Worker | null>(null);

/** Who works here. */
export function useWorker(): Worker {
  return useContext(Context)!;
}

/** Its children know who works; of the campaign in the address, else of the newest. */
export function WithWorker({ children }: { children: ComponentChildren }) {
  const who = useQuery(Who, {});
  return (
    <QueryResult query={who}>
      {({ viewer, campaigns }) => {
        const campaign = campaigns?.find((c) => c.id === route.value.query.get("campaign")) ?? campaigns?.[0];
        if (!viewer?.user || !campaign) return null;
        setZone(campaign.policy.timeZone);
        keepFor(viewer.user.id);
        const roles: readonly string[] = viewer.roles;
        const today = new Date().toLocaleDateString("sv-SE", { timeZone: campaign.policy.timeZone });
        const schools = new Map(
          (viewer.memberships ?? []).flatMap((m) => (m.school && m.validFrom <= today && (!m.validUntil || m.validUntil >= today) ? [[m.school.id, m.school]] : [])),
        );
        const worker: Worker = {
          ...viewer.user,
          schools: [...schools.values()],
          campaign,
          is: (...asked) => asked.some((r) => roles.includes(r)),
          today,
        };
        return <Context.Provider value={worker}>{children}</Context.Provider>;
      }}
    </QueryResult>
  );
}
