// Fields that several forms about a hazard share.
import { useState } from "preact/hooks";
import { graphql } from "../../api/client";
import { Choice } from "../../ui/Form";
import { SearchField, offered } from "../../ui/SearchField";
import { instant } from "../../ui/format";
import { texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { word } from "../../ui/words";
import { peopleOf, useBureau } from "../people";
import { useWorker } from "../viewer";
import type { HazardAtWork } from "./query";

const t = texts({
  responsible: ["责任人", "Responsible person"],
  supervisor: ["督办人", "Supervisor"],
  duplicate: ["与哪条隐患重复（如有）", "Which hazard it repeats, if any"],
  no: ["不是重复", "None"],
  hazard: ["隐患", "Hazards"],
});

const Others = graphql(`
  query HazardsOfSchool($first: Int!, $campaign: ID!, $school: ID!, $words: String) {
    hazards(first: $first, filter: { campaignId: $campaign, schoolId: $school, search: $words }) {
      edges { node { id description status reportedAt } }
      pageInfo { hasNextPage }
    }
  }
`);

/** Who is to rectify: a person of the school. */
export function Responsible({ hazard }: { hazard: HazardAtWork }) {
  const people = peopleOf(hazard.school?.members);
  const known = hazard.responsible;
  if (known && !people.some((p) => p.value === known.id)) people.push({ value: known.id, label: known.name, roles: [] });
  return <Choice name="responsibleId" label={t.responsible} required initial={known?.id} options={people} />;
}

/** Who watches over the rectification: a person of the bureau, chosen by the section. */
export function Supervisor({ initial }: { initial?: string | undefined }) {
  const people = useBureau().filter((p) => p.roles.includes("BUREAU_LEADER") || p.roles.includes("SAFETY_SECTION") || p.roles.includes("INSPECTOR"));
  return <Choice name="supervisorId" label={t.supervisor} initial={initial} options={people} />;
}

/** Which hazard of the same school it repeats, if any. */
export function Duplicate({ hazard }: { hazard: HazardAtWork }) {
  const { campaign } = useWorker();
  const [words, find] = useState<string>();
  const { data, error } = useQuery(Others, { first: offered, campaign: campaign.id, school: hazard.school!.id, words: words ?? null });
  const others = (data?.hazards?.edges ?? []).map((e) => e.node).filter((h) => h.id !== hazard.id);
  return (
    <Choice
      name="duplicateOfId"
      label={t.duplicate}
      none={t.no}
      search={<SearchField what={t.hazard} found={data?.hazards} error={error} find={find} />}
      options={others.map((h) => ({ value: h.id, label: `${h.description} · ${word(h.status)} · ${instant(h.reportedAt)}` }))}
    />
  );
}

/** Yuan as somebody types them, in fen. */
export const fen = (yuan: string | undefined): number => Math.round(Number(yuan ?? 0) * 100);
