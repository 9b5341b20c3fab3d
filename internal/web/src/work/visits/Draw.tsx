// Drawing the schools to visit with a seed, confirming the plan, replacing cancelled visits.
import { useState } from "preact/hooks";
import { graphql } from "../../api/client";
import type { VisitPlansAtWorkQuery } from "../../api/gql/graphql";
import { CommandForm } from "../../ui/CommandForm";
import { Dialog } from "../../ui/Dialog";
import { Facts } from "../../ui/Facts";
import { Form, TextField } from "../../ui/Form";
import { Tag } from "../../ui/Tag";
import { instant } from "../../ui/format";
import { texts } from "../../ui/language";
import { useCommand } from "../../ui/useCommand";
import { word } from "../../ui/words";
import { useWorker } from "../viewer";

const t = texts({
  draw: ["抽签", "Draw"],
  seed: ["种子", "Seed"],
  seedHint: ["与结果一起公布。最好用约定时谁也不能预知的数字，如开奖号码。", "It is published with the plan: best a number that nobody could know when it was agreed on."],
  propose: ["抽取学校", "Draw the schools"],
  proposed: ["已抽取，等待确认。", "Drawn; it waits to be confirmed."],
  repeat: ["同样的种子和事实总得到同样的结果；任何人可以重算每所学校的号码：", "The same seed and facts give the same plan; anybody can compute each school's ticket again:"],
  by: ["抽签人", "Drawn by"],
  confirmedBy: ["确认人", "Confirmed by"],
  digest: ["事实摘要", "Digest of the facts"],
  confirm: ["确认安排", "Confirm the plan"],
  confirmed: ["安排已确认，督查组可以出发。", "The plan is confirmed: the teams may go."],
  confirmAsk: ["确认后督查组即可前往，安排生效。", "Once confirmed it is binding, and the teams may go."],
  replan: ["补抽", "Replace cancelled visits"],
  replanned: ["已补抽。", "The cancelled visits are replaced."],
});

const Propose = graphql(`mutation ProposeVisits($input: ProposeVisitsInput!) { proposeVisits(input: $input) { plan { id } } }`);
const Replan = graphql(`mutation ReplanVisits($input: ReplanVisitsInput!) { replanVisits(input: $input) { plan { id } } }`);
const Confirm = graphql(`mutation ConfirmVisits($input: ConfirmVisitsInput!) { confirmVisits(input: $input) { plan { id version } } }`);

/** A plan of visits as these screens see it. */
export type Plan = NonNullable<VisitPlansAtWorkQuery["visitPlans"]>["edges"][number]["node"];

/** For the section: draw with a seed. */
export function Draw({ changed }: { changed: () => void }) {
  const { campaign } = useWorker();
  return (
    <details class="card">
      <summary>{t.draw}</summary>
      <CommandForm
        name={`draw ${campaign.id}`}
        command={Propose}
        actions={[{ value: "draw", label: t.propose, look: "primary" }]}
        input={({ seed }, ids) => ({ id: ids("visit_plan"), campaignId: campaign.id, seed: seed! })}
        done={t.proposed}
        changed={changed}
      >
        <TextField name="seed" label={t.seed} hint={t.seedHint} required maxLength={60} />
      </CommandForm>
      <p class="soft">{t.repeat} <code>printf '%s/%s' "$SEED" "$SCHOOL" | sha256sum</code></p>
    </details>
  );
}

/** A plan that was drawn, with what can be done to it. */
export function PlanRow({ plan, newest, changed }: { plan: Plan; newest: boolean; changed: () => void }) {
  const worker = useWorker();
  const [asking, setAsking] = useState(false);
  // Outside of the dialog: a command without an answer stays the same when it is opened again.
  const confirm = useCommand(Confirm, { done: t.confirmed, overtaken: changed });
  const replan = useCommand(Replan, { done: t.replanned });
  return (
    <div class="plan">
      <h3>{plan.region?.name} · {t.seed} <code>{plan.seed}</code> <Tag look={plan.status === "CONFIRMED" ? "good" : "warn"}>{word(plan.status, "VisitStatus")}</Tag></h3>
      <Facts
        rows={[
          [t.by, `${plan.proposedBy?.name ?? ""} · ${instant(plan.proposedAt)}`],
          [t.confirmedBy, plan.confirmedAt && `${plan.confirmedBy?.name ?? ""} · ${instant(plan.confirmedAt)}`],
          [t.digest, <code>{plan.factsDigest}</code>],
        ]}
      />
      <div class="buttons">
        {plan.status === "PROPOSED" && <button type="button" class="primary" onClick={() => setAsking(true)}>{t.confirm}</button>}
        {newest && worker.is("SAFETY_SECTION") && (
          <button type="button" disabled={replan.busy} onClick={async () => (await replan.run((ids) => ({ input: { id: ids("visit_plan"), planId: plan.id } }))) && changed()}>
            {t.replan}
          </button>
        )}
      </div>
      <p class="problem" role="alert">{replan.error?.message}</p>
      {asking && (
        <Dialog title={t.confirm} onClose={() => setAsking(false)}>
          <p>{t.confirmAsk}</p>
          <Form
            name={`confirm ${plan.id}`}
            actions={[{ value: "confirm", label: t.confirm, look: "primary" }]}
            busy={confirm.busy}
            error={confirm.error}
            onSubmit={async () => {
              const done = await confirm.run((ids) => ({ input: { commandId: ids("command"), planId: plan.id, expectedVersion: plan.version } }));
              if (done) setAsking(false), changed();
              return Boolean(done);
            }}
          />
        </Dialog>
      )}
    </div>
  );
}
