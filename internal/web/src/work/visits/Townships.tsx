// How far each township's proven visits meet the sampling rule, and its exemptions.
import { graphql } from "../../api/client";
import type { TownshipsAtWorkQuery } from "../../api/gql/graphql";
import { CommandForm } from "../../ui/CommandForm";
import { TextField } from "../../ui/Form";
import { List, usePages } from "../../ui/List";
import { Tag } from "../../ui/Tag";
import { names, number } from "../../ui/format";
import { fill, texts } from "../../ui/language";
import { word } from "../../ui/words";
import { useWorker } from "../viewer";

const t = texts({
  township: ["乡镇", "Township"],
  state: ["状态", "State"],
  proof: ["各乡镇是否达到抽查要求", "How far each township meets the rule"],
  visited: ["已证实 / 应查", "Proven / required"],
  gaps: ["还缺", "Still missing"],
  meets: ["达到", "Met"],
  notYet: ["未达到", "Not met"],
  number: ["学校 {n} 所", "{n} schools"],
  slotGap: ["{slot} {n} 所（{why}）", "{n} × {slot} ({why})"],
  exemptions: ["豁免", "Exemptions"],
  exempt: ["确认豁免", "Confirm the exemption"],
  exempted: ["豁免已确认。", "The exemption is confirmed."],
  reason: ["依据", "By which document"],
  confirmedMark: ["已确认", "Confirmed"],
});

const Proofs = graphql(`
  query TownshipsAtWork($campaign: ID!, $first: Int!, $after: String) {
    samplingProof(campaignId: $campaign, first: $first, after: $after) {
      edges { node { region { id name } requiredCount visitedCount meetsRule exemptions { slot count why confirmed { id reason } } gaps { slot count why } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const Exempt = graphql(`mutation ConfirmExemption($input: ConfirmExemptionInput!) { confirmExemption(input: $input) { exemption { id } } }`);

type Township = NonNullable<TownshipsAtWorkQuery["samplingProof"]>["edges"][number]["node"];

/** By township. */
export function Townships({ campaign }: { campaign: string }) {
  const pages = usePages(Proofs, { campaign }, (d) => d.samplingProof);
  const changed = () => void pages.reload();
  return (
    <section class="card" aria-label={t.proof}>
      <h2>{t.proof}</h2>
      <List
        caption={t.proof}
        pages={pages}
        id={(p) => p.region?.id ?? ""}
        columns={[
          { title: t.township, names: true, cell: (p) => p.region?.name },
          { title: t.visited, cell: (p) => `${number(p.visitedCount)} / ${number(p.requiredCount)}` },
          { title: t.state, cell: (p) => (p.meetsRule ? <Tag look="good">{t.meets}</Tag> : <Tag look="warn">{t.notYet}</Tag>) },
          { title: t.gaps, cell: (p) => names(p.gaps.map(gapText)) },
          { title: t.exemptions, cell: (p) => p.exemptions.length > 0 && <Exemptions township={p} changed={changed} /> },
        ]}
      />
    </section>
  );
}

const gapText = ({ slot, count, why }: Township["gaps"][number]) =>
  slot ? fill(t.slotGap, { slot: word(slot, "SamplingSlot"), n: count, why: word(why, "SamplingWhy") }) : fill(t.number, { n: count });

function Exemptions({ township, changed }: { township: Township; changed: () => void }) {
  return (
    <>
      {township.exemptions.map((x) => (
        <div key={x.slot}>
          {gapText(x)} {x.confirmed ? <Tag look="good">{t.confirmedMark}</Tag> : <ExemptForm township={township} slot={x.slot} changed={changed} />}
        </div>
      ))}
    </>
  );
}

function ExemptForm({ township, slot, changed }: { township: Township; slot: Township["exemptions"][number]["slot"]; changed: () => void }) {
  const { campaign } = useWorker();
  return (
    <details>
      <summary>{t.exempt}</summary>
      <CommandForm
        name={`exempt ${township.region?.id} ${slot}`}
        command={Exempt}
        actions={[{ value: "exempt", label: t.exempt, look: "primary" }]}
        input={({ reason }, ids) => ({ id: ids("sampling_exemption"), campaignId: campaign.id, regionId: township.region!.id, slot: slot as "MIDDLE", reason: reason! })}
        done={t.exempted}
        changed={changed}
      >
        <TextField name="reason" label={t.reason} required />
      </CommandForm>
    </details>
  );
}
