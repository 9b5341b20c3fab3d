// The commands that carry a hazard on: oversight order, plan, more time, rectification,
// grade, voiding and reopening.
import type { HazardGrade } from "../../api/gql/graphql";
import { Attach, attachedIDs } from "../../ui/Attach";
import { CommandForm } from "../../ui/CommandForm";
import { Choice, TextField } from "../../ui/Form";
import { fill, texts } from "../../ui/language";
import { word } from "../../ui/words";
import { useWorker } from "../viewer";
import * as commands from "./commands";
import { Duplicate, Responsible, Supervisor, fen } from "./fields";
import { type OnHazard, about } from "./query";

const t = texts({
  list: ["挂牌督办", "Place it under oversight"],
  underOversight: ["已挂牌督办。", "It is under oversight."],
  protective: ["防护措施", "Interim protective measures"],
  deadline: ["整改期限", "Deadline"],
  level: ["挂牌级别", "Level"],
  document: ["文号", "Document number"],
  photo: ["防护措施的照片", "Photos of the protective measures"],
  raise: ["提级挂牌", "List it at a higher level"],
  reason: ["原因", "Reason"],
  submitPlan: ["提交方案", "Submit the plan"],
  planSubmitted: ["整改方案已提交。", "The plan is submitted."],
  measures: ["措施：怎么整改", "Measures: what is done"],
  funds: ["资金（元）", "Funds (yuan)"],
  until: ["时限：最迟完成日", "Until: last day"],
  contingency: ["预案：整改期间恶化怎么办", "Contingency plan: what if it gets worse"],
  ask: ["申请延期", "Ask for more time"],
  asked: ["延期申请已提交。", "More time is asked for."],
  askedUntil: ["申请延至", "Until"],
  mark: ["整改完成", "It is rectified"],
  marked: ["已报整改完成，等待复查。", "It is rectified and waits for its recheck."],
  what: ["做了什么", "What was done"],
  spent: ["实际花费（元）", "Spent (yuan)"],
  after: ["整改后的照片", "Photos afterwards"],
  afterHint: ["须与整改前的照片不同。", "They must differ from those before."],
  setTo: ["评为{grade}", "Set to {grade}"],
  graded: ["等级已处理。", "The grade is dealt with."],
  gradeHint: ["降级必须写明理由，并由另一人审批。", "To lower it, give a reason; a second person decides."],
  toGrade: ["等级", "Grade"],
  requestVoid: ["申请作废", "Ask to void it"],
  voidAsked: ["作废申请已提交。", "Voiding is asked for."],
  void: ["作废", "Void it"],
  voided: ["已作废，不再计入。", "It is voided and counts no more."],
  reopen: ["重新立案", "Reopen it"],
  reopened: ["已重新立案。", "It is open again."],
  reopenPhoto: ["为何重新立案的照片", "Photos that show why"],
});

/** Put it under supervision. */
export function List({ hazard, ...on }: OnHazard) {
  const { is, today } = useWorker();
  const name = `list ${hazard.id}`;
  return (
    <CommandForm
      name={name}
      command={commands.PlaceUnderOversight}
      actions={[{ value: "list", label: t.list, look: "primary" }]}
      files={name}
      input={(v, ids) => ({
        ...about(hazard, ids),
        evidenceIds: attachedIDs(name),
        protectiveMeasures: v.protectiveMeasures!,
        deadlineOn: v.deadlineOn!,
        responsibleId: v.responsibleId!,
        level: (v.level as "COUNTY" | undefined) ?? null,
        documentNumber: v.documentNumber ?? null,
        supervisorId: v.supervisorId ?? null,
      })}
      done={t.underOversight}
      {...on}
    >
      <TextField name="protectiveMeasures" label={t.protective} rows={3} required />
      <Responsible hazard={hazard} />
      <TextField name="deadlineOn" label={t.deadline} type="date" min={today} required />
      {is("SAFETY_SECTION") && (
        <>
          <Choice name="level" label={t.level} none={word("COUNTY", "OversightLevel")} options={["SCHOOL", "CITY", "PROVINCE"].map((value) => ({ value, label: word(value, "OversightLevel") }))} />
          <TextField name="documentNumber" label={t.document} />
          <Supervisor />
        </>
      )}
      <Attach name={name} schoolId={hazard.school!.id} stage="DURING" label={t.photo} />
    </CommandForm>
  );
}

/** Raise its oversight order to a higher authority. */
export function Raise({ hazard, ...on }: OnHazard) {
  return (
    <CommandForm
      name={`raise ${hazard.id}`}
      command={commands.EscalateOversight}
      actions={[{ value: "raise", label: t.raise, look: "primary" }]}
      input={(v, ids) => ({ ...about(hazard, ids), level: v.level as "CITY", reason: v.reason!, documentNumber: v.documentNumber ?? null, supervisorId: v.supervisorId ?? null })}
      done={t.underOversight}
      {...on}
    >
      <Choice name="level" label={t.level} required options={["COUNTY", "CITY", "PROVINCE"].map((value) => ({ value, label: word(value, "OversightLevel") }))} />
      <TextField name="reason" label={t.reason} rows={2} required />
      <TextField name="documentNumber" label={t.document} />
      <Supervisor initial={hazard.oversightOrders?.find((l) => !l.endedAt)?.supervisor?.id} />
    </CommandForm>
  );
}

/** Hand in a version of the plan; the last one is what it starts from. */
export function Plan({ hazard, ...on }: OnHazard) {
  const { today } = useWorker();
  const last = hazard.plans?.[0];
  return (
    <CommandForm
      name={`plan ${hazard.id}`}
      command={commands.SubmitPlan}
      actions={[{ value: "submit", label: t.submitPlan, look: "primary" }]}
      input={(v, ids) => ({
        ...about(hazard, ids),
        planId: ids("rectification_plan"),
        responsibleId: v.responsibleId!,
        measures: v.measures!,
        fundsFen: fen(v.fundsFen),
        completeBy: v.completeBy!,
        contingencyPlan: v.contingencyPlan!,
      })}
      done={t.planSubmitted}
      {...on}
    >
      <Responsible hazard={hazard} />
      <TextField name="measures" label={t.measures} rows={4} required initial={last?.measures} />
      <TextField name="fundsFen" label={t.funds} type="number" min="0" step="0.01" required initial={last ? String(last.fundsFen / 100) : undefined} />
      <TextField name="completeBy" label={t.until} type="date" min={today} required initial={last?.completeBy ?? hazard.deadlineOn ?? undefined} />
      <TextField name="contingencyPlan" label={t.contingency} rows={3} required initial={last?.contingencyPlan} />
    </CommandForm>
  );
}

/** Ask for a later deadline. */
export function AskForMoreTime({ hazard, ...on }: OnHazard) {
  return (
    <CommandForm
      name={`extension ${hazard.id}`}
      command={commands.RequestExtension}
      actions={[{ value: "ask", label: t.ask, look: "primary" }]}
      input={(v, ids) => ({ ...about(hazard, ids), extensionId: ids("extension"), untilOn: v.untilOn!, reason: v.reason! })}
      done={t.asked}
      {...on}
    >
      <TextField name="untilOn" label={t.askedUntil} type="date" min={hazard.deadlineOn ?? ""} required />
      <TextField name="reason" label={t.reason} rows={3} required />
    </CommandForm>
  );
}

/** Report it as rectified. */
export function Mark({ hazard, ...on }: OnHazard) {
  const name = `rectified ${hazard.id}`;
  return (
    <CommandForm
      name={name}
      command={commands.MarkRectified}
      actions={[{ value: "mark", label: t.mark, look: "primary" }]}
      files={name}
      input={(v, ids) => ({
        ...about(hazard, ids),
        evidenceIds: attachedIDs(name),
        measuresTaken: v.measuresTaken!,
        fundsSpentFen: v.fundsSpentFen === undefined ? null : fen(v.fundsSpentFen),
      })}
      done={t.marked}
      {...on}
    >
      <TextField name="measuresTaken" label={t.what} rows={3} required />
      <TextField name="fundsSpentFen" label={t.spent} type="number" min="0" step="0.01" />
      <Attach name={name} schoolId={hazard.school!.id} stage="AFTER" label={t.after} hint={t.afterHint} />
    </CommandForm>
  );
}

/** Set the grade, or ask for a lower one. */
export function Grade({ hazard, ...on }: OnHazard) {
  const grade: HazardGrade = hazard.grade === "MAJOR" ? "GENERAL" : "MAJOR";
  return (
    <CommandForm
      name={`grade ${hazard.id}`}
      command={commands.GradeHazard}
      actions={[{ value: "grade", label: fill(t.setTo, { grade: word(grade) }), look: "primary" }]}
      input={({ reason }, ids) => ({ ...about(hazard, ids), grade, reason: reason ?? null })}
      done={t.graded}
      {...on}
    >
      <TextField name="reason" label={t.reason} hint={t.gradeHint} rows={2} required={grade === "GENERAL"} />
    </CommandForm>
  );
}

/** Ask the section to void it. */
export function AskToVoid({ hazard, ...on }: OnHazard) {
  return (
    <CommandForm
      name={`request-void ${hazard.id}`}
      command={commands.RequestVoid}
      actions={[{ value: "void", label: t.requestVoid, look: "primary" }]}
      input={({ reason }, ids) => ({ ...about(hazard, ids), reason: reason! })}
      done={t.voidAsked}
      {...on}
    >
      <TextField name="reason" label={t.reason} rows={2} required />
    </CommandForm>
  );
}

/** Take it out of the figures. */
export function Void({ hazard, ...on }: OnHazard) {
  return (
    <CommandForm
      name={`void ${hazard.id}`}
      command={commands.VoidHazard}
      actions={[{ value: "void", label: t.void, look: "danger" }]}
      input={({ reason, duplicateOfId }, ids) => ({ ...about(hazard, ids), reason: reason!, duplicateOfId: duplicateOfId ?? null })}
      done={t.voided}
      {...on}
    >
      <TextField name="reason" label={t.reason} rows={2} required />
      <Duplicate hazard={hazard} />
    </CommandForm>
  );
}

/** Open it again after it was closed. */
export function Reopen({ hazard, ...on }: OnHazard) {
  const { today } = useWorker();
  const name = `reopen ${hazard.id}`;
  return (
    <CommandForm
      name={name}
      command={commands.ReopenHazard}
      actions={[{ value: "reopen", label: t.reopen, look: "danger" }]}
      files={name}
      input={(v, ids) => ({ ...about(hazard, ids), evidenceIds: attachedIDs(name), reason: v.reason!, newDeadlineOn: v.newDeadlineOn! })}
      done={t.reopened}
      {...on}
    >
      <TextField name="reason" label={t.reason} rows={2} required />
      <TextField name="newDeadlineOn" label={t.deadline} type="date" min={today} required />
      <Attach name={name} schoolId={hazard.school!.id} stage="SITE" label={t.reopenPhoto} />
    </CommandForm>
  );
}
