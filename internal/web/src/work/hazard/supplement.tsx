// Files for a step that was taken before: what is lacking or was refused.
import { graphql } from "../../api/client";
import type { EvidenceStage } from "../../api/gql/graphql";
import { Attach, attachedIDs, clearFiles, waitsForFiles } from "../../ui/Attach";
import { Form } from "../../ui/Form";
import { fill, texts } from "../../ui/language";
import { useCommand } from "../../ui/useCommand";
import { word } from "../../ui/words";
import type { HazardAtWork, OnHazard } from "./query";

const t = texts({
  title: ["补充佐证材料", "Add evidence that is lacking"],
  of: ["{step}的材料", "For: {step}"],
  send: ["补充", "Add it"],
  none: ["请先添加文件。", "Add a file first."],
  done: ["材料已补充。", "The evidence is added."],
});

const Send = graphql(`mutation SupplementHazard($input: SupplementEvidenceInput!) { supplementEvidence(input: $input) { subject { id } } }`);

type Gap = NonNullable<HazardAtWork["missingEvidence"]>[number];

/** One form for each step that lacks something; nothing when none does. */
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
const stageOf = (gap: Gap): EvidenceStage => gap.stage ?? (gap.step === "LISTING" ? "DURING" : "SITE");

function SupplementStep({ hazard, gap, changed }: { hazard: HazardAtWork; gap: Gap; changed: () => void }) {
  const command = useCommand(Send, { done: t.done });
  const name = `supplement ${hazard.id} ${gap.step} ${gap.kind}`;
  return (
    <Form
      name={name}
      actions={[{ value: "send", label: t.send, look: "primary" }]}
      busy={command.busy}
      error={command.error}
      blocked={attachedIDs(name).length ? waitsForFiles(name) : t.none}
      onSubmit={async () => {
        const done = await command.run((ids) => ({ input: { commandId: ids("command"), subjectId: hazard.id, step: gap.step, evidenceIds: attachedIDs(name) } }));
        if (done) clearFiles(name), changed();
        return Boolean(done);
      }}
    >
      <Attach name={name} schoolId={hazard.school!.id} stage={stageOf(gap)} label={fill(t.of, { step: `${word(gap.step)} · ${word(gap.kind)}` })} />
    </Form>
  );
}
