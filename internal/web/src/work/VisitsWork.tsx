// The visits of a campaign: the teams and their areas, the draw with its seed, and how
// far each township's proven visits satisfy the sampling rule.
import { useState } from "preact/hooks";
import { graphql } from "../api/client";
import type { TownshipsAtWorkQuery, VisitPlansAtWorkQuery } from "../api/gql/graphql";
import { Dialog } from "../ui/Dialog";
import { Facts } from "../ui/Facts";
import { Form, TextField } from "../ui/Form";
import { Asked, QueryState } from "../ui/State";
import { Tag } from "../ui/Tag";
import { instant, number } from "../ui/format";
import { fill, texts } from "../ui/language";
import { useCommand } from "../ui/useCommand";
import { useQuery } from "../ui/useQuery";
import { word } from "../ui/words";
import { useWorker } from "./viewer";

const t = texts({
  title: ["督查安排", "Visits"],
  draw: ["抽签", "Draw"],
  seed: ["种子", "Seed"],
  seedHint: ["与结果一起公布。最好用约定时谁也不能预知的数字，如开奖号码。", "It is published with the plan: best a number that nobody could know when it was agreed on."],
  propose: ["抽取学校", "Draw the schools"],
  proposed: ["已抽取，等待确认。", "Drawn; it waits to be confirmed."],
  repeat: ["同样的种子和事实总得到同样的结果；任何人可以重算每所学校的号码：", "The same seed and facts give the same plan; anybody can compute each school's ticket again:"],
  plans: ["抽签记录", "The draws"],
  none: ["还没有抽签。", "Nothing has been drawn yet."],
  by: ["抽签人", "Drawn by"],
  confirmedBy: ["确认人", "Confirmed by"],
  digest: ["事实摘要", "Digest of the facts"],
  confirm: ["确认安排", "Confirm the plan"],
  confirmed: ["安排已确认，督查组可以出发。", "The plan is confirmed: the teams may go."],
  confirmAsk: ["确认后督查组即可前往，安排生效。", "Once confirmed it is binding, and the teams may go."],
  replan: ["补抽", "Replace what fell out"],
  replanned: ["已补抽。", "What fell out is replaced."],
  visits: ["督查学校", "Schools to visit"],
  school: ["学校", "School"],
  township: ["乡镇", "Township"],
  team: ["督查组", "Team"],
  state: ["状态", "State"],
  why: ["为何入选", "Why it is in"],
  ticket: ["号码", "Ticket"],
  done: ["已督查", "Done"],
  more: ["再看一些", "Show more"],
  teams: ["督查组与分包单位", "Teams and their areas"],
  members: ["成员（组长在前）", "Members, the leader first"],
  areas: ["分包单位", "Areas"],
  load: ["任务 / 完成", "Planned / done"],
  proof: ["各乡镇是否达到抽查要求", "How far each township meets the rule"],
  visited: ["已证实 / 应查", "Proven / required"],
  lacks: ["还缺", "Still lacking"],
  meets: ["达到", "Met"],
  notYet: ["未达到", "Not met"],
  number: ["学校 {n} 所", "{n} schools"],
  slotLack: ["{slot} {n} 所（{why}）", "{n} × {slot} ({why})"],
  exemptions: ["豁免", "Exemptions"],
  exempt: ["确认豁免", "Confirm the exemption"],
  exempted: ["豁免已确认。", "The exemption is confirmed."],
  reason: ["依据", "By which document"],
  confirmedMark: ["已确认", "Confirmed"],
});

const Plans = graphql(`
  query VisitPlansAtWork($campaign: ID!) {
    visitPlans(campaignId: $campaign, first: 20) {
      edges { node { id seed factsDigest status proposedAt confirmedAt version region { id name } proposedBy { id name } confirmedBy { id name } } }
    }
  }
`);
const Visits = graphql(`
  query VisitsAtWork($campaign: ID!, $first: Int!) {
    plannedVisits(campaignId: $campaign, first: $first, filter: { status: [PROPOSED, CONFIRMED] }) {
      edges { node { id status done ticket slot reasons { code detail } team { id name } school { id name region { id name } } } }
      pageInfo { hasNextPage }
    }
  }
`);
const Teams = graphql(`
  query TeamsAtWork($campaign: ID!) {
    teams(campaignId: $campaign, first: 100) {
      edges { node { id number name members { position user { id name } } areas { region { id name } school { id name } } load { planned done } } }
    }
  }
`);
const Townships = graphql(`
  query TownshipsAtWork($campaign: ID!, $first: Int!) {
    samplingProof(campaignId: $campaign, first: $first) {
      edges { node { region { id name } required visited meetsRule exemptions { slot count why confirmed { id reason } } lacks { slot count why } } }
      pageInfo { hasNextPage }
    }
  }
`);
const Propose = graphql(`mutation ProposeVisits($input: ProposeVisitsInput!) { proposeVisits(input: $input) { plan { id } } }`);
const Replan = graphql(`mutation ReplanVisits($input: ReplanVisitsInput!) { replanVisits(input: $input) { plan { id } } }`);
const Confirm = graphql(`mutation ConfirmVisits($input: ConfirmVisitsInput!) { confirmVisits(input: $input) { plan { id version } } }`);
const Exempt = graphql(`mutation ConfirmExemption($input: ConfirmExemptionInput!) { confirmExemption(input: $input) { exemption { id } } }`);

type Plan = NonNullable<VisitPlansAtWorkQuery["visitPlans"]>["edges"][number]["node"];
type Township = NonNullable<TownshipsAtWorkQuery["samplingProof"]>["edges"][number]["node"];

/** The screen. */
export function VisitsWork() {
  const worker = useWorker();
  const campaign = worker.campaign.id;
  const plans = useQuery(Plans, { campaign });
  // The visits and proofs are read anew whenever a plan has changed.
  const round = plans.data?.visitPlans?.edges.map((e) => `${e.node.id}${e.node.version}`).join();
  const changed = () => void plans.reload();
  return (
    <>
      <h1>{t.title}</h1>
      {worker.is("SAFETY_SECTION") && <Draw changed={changed} />}
      <Asked query={plans}>
        {({ visitPlans }) => (
          <section class="card" aria-label={t.plans}>
            <h2>{t.plans}</h2>
            {!visitPlans?.edges.length && <p class="soft">{t.none}</p>}
            {visitPlans?.edges.map(({ node }, i) => <PlanRow key={node.id} plan={node} newest={i === 0} changed={changed} />)}
          </section>
        )}
      </Asked>
      <VisitList key={`visits ${round}`} campaign={campaign} />
      <TeamList campaign={campaign} />
      <Proof key={`proof ${round}`} campaign={campaign} />
    </>
  );
}

function Draw({ changed }: { changed: () => void }) {
  const { campaign } = useWorker();
  const command = useCommand(Propose, { done: t.proposed });
  return (
    <details class="card">
      <summary>{t.draw}</summary>
      <Form
        name={`draw ${campaign.id}`}
        actions={[{ value: "draw", label: t.propose, look: "primary" }]}
        busy={command.busy}
        error={command.error}
        onSubmit={async ({ seed }) => {
          const done = await command.run((ids) => ({ input: { id: ids("visitplan"), campaignId: campaign.id, seed: seed! } }));
          if (done) changed();
          return Boolean(done);
        }}
      >
        <TextField name="seed" label={t.seed} hint={t.seedHint} required maxLength={60} />
      </Form>
      <p class="soft">{t.repeat} <code>printf '%s/%s' "$SEED" "$SCHOOL" | sha256sum</code></p>
    </details>
  );
}

function PlanRow({ plan, newest, changed }: { plan: Plan; newest: boolean; changed: () => void }) {
  const worker = useWorker();
  const [asking, setAsking] = useState(false);
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
          <button type="button" disabled={replan.busy} onClick={async () => (await replan.run((ids) => ({ input: { id: ids("visitplan"), planId: plan.id } }))) && changed()}>
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

function VisitList({ campaign }: { campaign: string }) {
  const [first, setFirst] = useState(50);
  const query = useQuery(Visits, { campaign, first });
  const rows = query.data?.plannedVisits?.edges ?? [];
  if (!rows.length) return <QueryState query={query} />;
  return (
    <section class="card">
      <div class="scroll" tabIndex={0} role="group" aria-label={t.visits}>
        <table>
          <caption>{t.visits}</caption>
          <thead>
            <tr>{[t.school, t.township, t.team, t.state, t.why, t.ticket].map((name) => <th key={name} scope="col">{name}</th>)}</tr>
          </thead>
          <tbody>
            {rows.map(({ node }) => (
              <tr key={node.id}>
                <th scope="row">{node.school?.name}</th>
                <td>{node.school?.region?.name}</td>
                <td>{node.team?.name}</td>
                <td>{node.done ? <Tag look="good">{t.done}</Tag> : word(node.status, "VisitStatus")}</td>
                <td>{node.reasons.map((r) => word(r.code, "VisitReasonCode")).join("，")}</td>
                <td><code title={node.ticket}>{node.ticket.slice(0, 8)}</code></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {query.data?.plannedVisits?.pageInfo.hasNextPage && first < 200 && <button type="button" class="quiet" onClick={() => setFirst(200)}>{t.more}</button>}
    </section>
  );
}

function TeamList({ campaign }: { campaign: string }) {
  const query = useQuery(Teams, { campaign });
  return (
    <Asked query={query}>
      {({ teams }) => (
        <section class="card">
          <div class="scroll" tabIndex={0} role="group" aria-label={t.teams}>
            <table>
              <caption>{t.teams}</caption>
              <thead>
                <tr>{[t.team, t.members, t.areas, t.load].map((name) => <th key={name} scope="col">{name}</th>)}</tr>
              </thead>
              <tbody>
                {teams?.edges.map(({ node }) => (
                  <tr key={node.id}>
                    <th scope="row">{node.name}</th>
                    <td>{node.members?.map((m) => m.user?.name ?? "").join("，")}</td>
                    <td>{node.areas?.map((a) => a.region?.name ?? a.school?.name ?? "").join("，")}</td>
                    <td>{node.load && `${number(node.load.planned)} / ${number(node.load.done)}`}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
    </Asked>
  );
}

function Proof({ campaign }: { campaign: string }) {
  const [first, setFirst] = useState(50);
  const query = useQuery(Townships, { campaign, first });
  const changed = () => void query.reload();
  return (
    <Asked query={query}>
      {({ samplingProof }) => (
        <section class="card">
          <div class="scroll" tabIndex={0} role="group" aria-label={t.proof}>
            <table>
              <caption>{t.proof}</caption>
              <thead>
                <tr>{[t.township, t.visited, t.state, t.lacks, t.exemptions].map((name) => <th key={name} scope="col">{name}</th>)}</tr>
              </thead>
              <tbody>
                {samplingProof?.edges.map(({ node }) => <TownshipRow key={node.region?.id} township={node} changed={changed} />)}
              </tbody>
            </table>
          </div>
          {samplingProof?.pageInfo.hasNextPage && first < 200 && <button type="button" class="quiet" onClick={() => setFirst(200)}>{t.more}</button>}
        </section>
      )}
    </Asked>
  );
}

function TownshipRow({ township, changed }: { township: Township; changed: () => void }) {
  const lack = ({ slot, count, why }: Township["lacks"][number]) => (slot ? fill(t.slotLack, { slot: word(slot, "SamplingSlot"), n: count, why: word(why, "SamplingWhy") }) : fill(t.number, { n: count }));
  return (
    <tr>
      <th scope="row">{township.region?.name}</th>
      <td>{number(township.visited)} / {number(township.required)}</td>
      <td>{township.meetsRule ? <Tag look="good">{t.meets}</Tag> : <Tag look="warn">{t.notYet}</Tag>}</td>
      <td>{township.lacks.map(lack).join("；")}</td>
      <td>
        {township.exemptions.map((x) => (
          <div key={x.slot}>
            {fill(t.slotLack, { slot: word(x.slot, "SamplingSlot"), n: x.count, why: word(x.why, "SamplingWhy") })}{" "}
            {x.confirmed ? <Tag look="good">{t.confirmedMark}</Tag> : <ExemptForm township={township} slot={x.slot} changed={changed} />}
          </div>
        ))}
      </td>
    </tr>
  );
}

function ExemptForm({ township, slot, changed }: { township: Township; slot: Township["exemptions"][number]["slot"]; changed: () => void }) {
  const { campaign } = useWorker();
  const command = useCommand(Exempt, { done: t.exempted });
  return (
    <details>
      <summary>{t.exempt}</summary>
      <Form
        name={`exempt ${township.region?.id} ${slot}`}
        actions={[{ value: "exempt", label: t.exempt, look: "primary" }]}
        busy={command.busy}
        error={command.error}
        onSubmit={async ({ reason }) => {
          const done = await command.run((ids) => ({
            input: { id: ids("exemption"), campaignId: campaign.id, regionId: township.region!.id, slot: slot as "MIDDLE", reason: reason! },
          }));
          if (done) changed();
          return Boolean(done);
        }}
      >
        <TextField name="reason" label={t.reason} required />
      </Form>
    </details>
  );
}
