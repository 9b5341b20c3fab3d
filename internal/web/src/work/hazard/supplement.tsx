// Evidence for an earlier step: what is missing or was rejected.
import { graphql } from "../../api/client";
import type { EvidenceStage } from "../../api/gql/graphql";
import { Attach, attachedIDs } from "../../ui/Attach";
import { CommandForm } from "../../ui/CommandForm";
import { fill, texts } from "../../ui/language";
import { word } from "../../ui/words";
import type { HazardAtWork, OnHazard } from "./query";

const t = texts({
  title: ["补充佐证材料", "Add missing evidence"],
  of: ["{step}的材料", "For: {step}"],
  send: ["补充", "Add it"],
  none: ["请先添加文件。", "Add a file first."],
  done: ["材料已补充。", "The evidence is added."],
});

const Send = graphql(`mutation SupplementHazard($input: SupplementEvidenceInput!) { supplementEvidence(input: $input) { subject { id } } }`);

type Gap = NonNullable<HazardAtWork["missingEvidence"]>[number];

/** One form for each step with missing evidence; nothing when there is none. */
export function Supplement({ hazard, changed }: OnHazard) {
  const gaps = hazard.missingEvidence ?? [];
  if (!gaps.length) return null;
  return (
    <details class="card">
      <summary>{t.title}</summary>
      {gaps.map((gap) => <SupplementStep key={`${gap.step} ${gap.kind}`} hazard={hazard} gap={gap} changed={changed} />)}
    </details>
  );
}

// What the policy leaves open is taken on site.
const stageOf = (gap: Gap): EvidenceStage => gap.stage ?? (gap.step === "OVERSIGHT" ? "DURING" : "SITE");

function SupplementStep({ hazard, gap, changed }: { hazard: HazardAtWork; gap: Gap; changed: () => void }) {
  const name = `supplement ${hazard.id} ${gap.step} ${gap.kind}`;
  return (
    <CommandForm
      name={name}
      command={Send}
      actions={[{ value: "send", label: t.send, look: "primary" }]}
      blocked={attachedIDs(name).length ? undefined : t.none}
      files={name}
      input={(_, ids) => ({ commandId: ids("command"), subjectId: hazard.id, step: gap.step, evidenceIds: attachedIDs(name) })}
      done={t.done}
      changed={changed}
    >
      <Attach name={name} schoolId={hazard.school!.id} stage={stageOf(gap)} label={fill(t.of, { step: `${word(gap.step)} · ${word(gap.kind)}` })} />
    </CommandForm>
  );
}
