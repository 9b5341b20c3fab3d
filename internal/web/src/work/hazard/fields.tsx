// Fields that several forms about a hazard share.
import { Choice } from "../../ui/Form";
import { texts } from "../../ui/language";
import { peopleOf, useBureau } from "../people";
import type { HazardAtWork } from "./query";

const t = texts({
  responsible: ["责任人", "Responsible person"],
  supervisor: ["督办人", "Supervisor"],
});

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

/** Yuan as somebody types them, in fen. */
export const fen = (yuan: string | undefined): number => Math.round(Number(yuan ?? 0) * 100);
