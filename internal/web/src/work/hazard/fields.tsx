// Fields that several forms about a hazard share.
import { Choice } from "../../ui/Form";
import { texts } from "../../ui/language";
import { word } from "../../ui/words";
import type { HazardAtWork } from "./query";

const t = texts({ responsible: ["责任人", "Responsible person"] });

/** Who is to rectify: a person of the school. */
export function Responsible({ hazard }: { hazard: HazardAtWork }) {
  const people = new Map<string, string>();
  for (const m of hazard.school?.members ?? []) if (m.user) people.set(m.user.id, `${m.user.name}（${word(m.role)}）`);
  if (hazard.responsible && !people.has(hazard.responsible.id)) people.set(hazard.responsible.id, hazard.responsible.name);
  return (
    <Choice
      name="responsibleId"
      label={t.responsible}
      required
      initial={hazard.responsible?.id}
      options={[...people].map(([value, label]) => ({ value, label }))}
    />
  );
}

/** Yuan as somebody types them, in fen. */
export const fen = (yuan: string | undefined): number => Math.round(Number(yuan ?? 0) * 100);
