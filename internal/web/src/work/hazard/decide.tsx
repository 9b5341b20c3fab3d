// What others asked for and somebody decides: plans, later deadlines, lower grades, rechecks.
import { Attach, attachedIDs } from "../../ui/Attach";
import { CommandForm } from "../../ui/CommandForm";
import { Facts } from "../../ui/Facts";
import { Form, TextField } from "../../ui/Form";
import { day, instant, yuan } from "../../ui/format";
import { fill, texts } from "../../ui/language";
import { useCommand } from "../../ui/useCommand";
import { word } from "../../ui/words";
import { useWorker } from "../viewer";
import { AcceptRectification, ApprovePlan, DecideDowngrade, DecideExtension, RejectRectification, ReturnPlan } from "./commands";
import { type HazardAtWork, type OnHazard, about } from "./query";

const t = texts({
  plan: ["整改方案（五落实）", "Rectification plan (five elements)"],
  version: ["第 {n} 版", "Version {n}"],
  person: ["责任", "Person"],
  measures: ["措施", "Measures"],
  funds: ["资金", "Funds"],
  until: ["时限", "Until"],
  contingency: ["预案", "Contingency plan"],
  submitted: ["提交", "Submitted"],
  state: ["状态", "State"],
  note: ["审批意见", "Note"],
  noteHint: ["退回时必须写明原因。", "Required to return it."],
  approve: ["批准", "Approve"],
  sendBack: ["退回", "Return"],
  planDone: ["整改方案已审批。", "The plan is decided."],
  grant: ["同意", "Grant"],
  refuse: ["不同意", "Refuse"],
  from: ["现期限", "Present deadline"],
  first: ["最初期限", "First deadline"],
  asked: ["申请延至", "Requested until"],
  why: ["理由", "Reason"],
  by: ["申请人", "Requested by"],
  extensionDone: ["延期申请已审批。", "The extension is decided."],
  downgradeDone: ["降级申请已审批。", "The lower grade is decided."],
  accept: ["复查通过，销号", "Accept and close"],
  reject: ["复查不通过", "Reject"],
  done: ["整改人", "Rectified by"],
  what: ["整改情况", "What was done"],
  spent: ["花费", "Spent"],
  photo: ["复查人拍摄的照片", "Photos taken by the checker"],
  seen: ["复查情况", "What was seen"],
  rejectReason: ["不通过的原因", "Why it is rejected"],
  newDeadline: ["新期限", "New deadline"],
  recheckDone: ["复查结果已记录。", "The recheck is recorded."],
});

/** The versions of the plan, the newest first, side by side. */
export function Plans({ plans }: { plans: HazardAtWork["plans"] }) {
  if (!plans?.length) return null;
  const rows: [string, (plan: NonNullable<HazardAtWork["plans"]>[number]) => string][] = [
    [t.state, (p) => word(p.status, "RectificationPlanStatus")],
    [t.person, (p) => p.responsible?.name ?? ""],
    [t.measures, (p) => p.measures],
    [t.funds, (p) => yuan(p.fundsFen)],
    [t.until, (p) => day(p.completeBy)],
    [t.contingency, (p) => p.contingencyPlan],
    [t.submitted, (p) => `${p.submittedBy?.name ?? ""} ${instant(p.submittedAt)}`],
    [t.note, (p) => [p.decidedBy?.name, p.decisionNote].filter(Boolean).join(" · ")],
  ];
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t.plan}>
      <table class="versions">
        <caption>{t.plan}</caption>
        <thead>
          <tr>
            <td />
            {plans.map((p) => <th key={p.id} scope="col">{fill(t.version, { n: p.number })}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {plans.map((p) => <td key={p.id}>{value(p)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Approve or return the plan that waits. */
export function DecidePlan({ hazard, changed, overtaken }: OnHazard) {
  const approve = useCommand(ApprovePlan, { done: t.planDone, overtaken });
  const sendBack = useCommand(ReturnPlan, { done: t.planDone, overtaken });
  return (
    <Form
      name={`decide-plan ${hazard.id}`}
      actions={[{ value: "approve", label: t.approve, look: "primary" }, { value: "return", label: t.sendBack }]}
      busy={approve.busy || sendBack.busy}
      error={sendBack.error ?? approve.error}
      onSubmit={async ({ note }, action) => {
        const command = action === "return" ? sendBack : approve;
        const done = await command.run((ids) => ({ input: { ...about(hazard, ids), note: note ?? null } }));
        if (done) changed();
        return Boolean(done);
      }}
    >
      <TextField name="note" label={t.note} hint={t.noteHint} rows={3} />
    </Form>
  );
}

/** Grant or refuse more time. */
export function DecideMoreTime({ hazard, ...on }: OnHazard) {
  const asked = hazard.extensions?.find((e) => e.status === "PENDING");
  return (
    <>
      {asked && (
        <Facts
          rows={[
            [t.from, day(asked.fromOn)],
            [t.asked, <strong>{day(asked.untilOn)}</strong>],
            [t.first, hazard.firstDeadlineOn && day(hazard.firstDeadlineOn)],
            [t.why, asked.reason],
            [t.by, asked.requestedBy?.name],
          ]}
        />
      )}
      <CommandForm
        name={`decide-extension ${hazard.id}`}
        command={DecideExtension}
        actions={[{ value: "grant", label: t.grant, look: "primary" }, { value: "refuse", label: t.refuse }]}
        input={({ note }, ids, action) => ({ ...about(hazard, ids), grant: action === "grant", note: note ?? null })}
        done={t.extensionDone}
        {...on}
      >
        <TextField name="note" label={t.note} rows={3} />
      </CommandForm>
    </>
  );
}

/** Lower the grade, or not. */
export function DecideLowerGrade({ hazard, ...on }: OnHazard) {
  const asked = hazard.events?.findLast((e) => e.kind === "DOWNGRADE_REQUESTED");
  return (
    <>
      <Facts rows={[[t.by, asked?.actor?.name], [t.why, asked?.details.find((d) => d.name === "reason")?.value]]} />
      <CommandForm
        name={`decide-downgrade ${hazard.id}`}
        command={DecideDowngrade}
        actions={[{ value: "approve", label: t.grant, look: "primary" }, { value: "refuse", label: t.refuse }]}
        input={({ note }, ids, action) => ({ ...about(hazard, ids), approve: action === "approve", note: note ?? null })}
        done={t.downgradeDone}
        {...on}
      >
        <TextField name="note" label={t.note} rows={3} />
      </CommandForm>
    </>
  );
}

/** What the responsible person says was done. */
function Claimed({ hazard }: { hazard: HazardAtWork }) {
  const done = hazard.events?.findLast((e) => e.kind === "RECTIFIED" || e.kind === "RECTIFIED_AT_ONCE");
  const detail = (key: string) => done?.details.find((d) => d.name === key)?.value;
  const spent = detail("fundsSpentFen");
  return (
    <Facts
      rows={[
        [t.done, hazard.rectifier?.name],
        [t.what, detail("measuresTaken")],
        [t.spent, spent && yuan(Number(spent))],
      ]}
    />
  );
}

// One set of photos, whatever comes of the recheck.
const photosOf = (hazard: HazardAtWork) => `recheck ${hazard.id}`;

/** Accept a rectification: the hazard is closed. */
export function AcceptRecheck({ hazard, ...on }: OnHazard) {
  const photos = photosOf(hazard);
  return (
    <>
      <Claimed hazard={hazard} />
      <CommandForm
        name={`accept ${hazard.id}`}
        command={AcceptRectification}
        actions={[{ value: "accept", label: t.accept, look: "primary" }]}
        files={photos}
        input={({ note }, ids) => ({ ...about(hazard, ids), recheckId: ids("recheck"), evidenceIds: attachedIDs(photos), note: note ?? null })}
        done={t.recheckDone}
        {...on}
      >
        <Attach name={photos} schoolId={hazard.school!.id} stage="SITE" label={t.photo} />
        <TextField name="note" label={t.seen} rows={3} />
      </CommandForm>
    </>
  );
}

/** Send a rectification back, with a reason and a new deadline. */
export function RejectRecheck({ hazard, ...on }: OnHazard) {
  const { today } = useWorker();
  const photos = photosOf(hazard);
  return (
    <CommandForm
      name={`reject ${hazard.id}`}
      command={RejectRectification}
      actions={[{ value: "reject", label: t.reject, look: "danger" }]}
      files={photos}
      input={({ reason, newDeadlineOn }, ids) => ({ ...about(hazard, ids), recheckId: ids("recheck"), evidenceIds: attachedIDs(photos), reason: reason!, newDeadlineOn: newDeadlineOn! })}
      done={t.recheckDone}
      {...on}
    >
      <Attach name={photos} schoolId={hazard.school!.id} stage="SITE" label={t.photo} />
      <TextField name="reason" label={t.rejectReason} rows={3} required />
      <TextField name="newDeadlineOn" label={t.newDeadline} type="date" min={today} required />
    </CommandForm>
  );
}
