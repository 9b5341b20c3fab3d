// What may be done about keeping a file, by its rules (rule.CheckHold,
// rule.CheckDestruction): each a form that asks why, or why it can't be done now.
import type { ComponentChildren } from "preact";
import type { TypedDocumentString } from "../../api/gql/graphql";
import { CommandForm } from "../../ui/CommandForm";
import { TextField } from "../../ui/Form";
import { instant } from "../../ui/format";
import { fill, texts } from "../../ui/language";
import type { Worker } from "../viewer";
import type { OnEvidence } from "./ReviewForm";
import * as query from "./query";

const t = texts({
  reason: ["理由", "Reason"],
  hold: ["依法保全", "Put under legal hold"],
  holdHint: ["保全期间不能销毁，直到解除。", "While it is held it can't be destroyed."],
  held: ["该文件已保全。", "The file is under legal hold."],
  release: ["解除保全", "Release it from legal hold"],
  released: ["已解除保全。", "It is released from legal hold."],
  request: ["申请销毁", "Ask for its destruction"],
  requestHint: ["保管期已满。须由另一人批准后才会销毁。", "Its retention has ended. It is destroyed once somebody else approves."],
  requested: ["销毁申请已提交，等待另一人批准。", "Destruction is asked for and waits for somebody else's approval."],
  withdraw: ["撤回销毁申请", "Withdraw the request for destruction"],
  withdrawn: ["销毁申请已撤回。", "The request is withdrawn."],
  approve: ["批准销毁", "Approve its destruction"],
  approveHint: ["原件和各种预览将被永久删除，不能恢复；登记、SHA-256 和经过保留。", "The bytes are removed for good and can't be had back; the record, its SHA-256 and its history stay."],
  approved: ["已批准销毁。", "Its destruction is approved."],
  own: ["销毁由您申请，须由另一人（法规安全科或局领导）批准。", "You asked for the destruction: somebody else of the section, or a leader, approves it."],
  whileHeld: ["该文件已依法保全，解除前不能销毁。", "The file is under legal hold and can't be destroyed before it is released."],
  retained: ["保管期至 {at}，此前不能申请销毁。", "It is kept until {at}; before that nobody can ask for its destruction."],
  going: ["已批准销毁，正在删除。", "Its destruction is approved; its bytes are being removed."],
  gone: ["文件已销毁，只保留登记和经过。", "The file is destroyed; its record and history stay."],
  unverified: ["只有已核验的文件才有保管和销毁。", "Only a verified file is kept, held and destroyed."],
});

type Command = "hold" | "release" | "request" | "withdraw" | "approve";

const commands: Record<Command, { document: TypedDocumentString<unknown, { input: { commandId: string; evidenceId: string; note: string } }>; done: "held" | "released" | "requested" | "withdrawn" | "approved"; hint?: "holdHint" | "requestHint" | "approveHint"; look?: "danger" }> = {
  hold: { document: query.Hold, done: "held", hint: "holdHint" },
  release: { document: query.Release, done: "released" },
  request: { document: query.RequestDestruction, done: "requested", hint: "requestHint", look: "danger" },
  withdraw: { document: query.WithdrawDestruction, done: "withdrawn" },
  approve: { document: query.ApproveDestruction, done: "approved", hint: "approveHint", look: "danger" },
};

/** What can be done now by somebody, and why the rest can't. */
export function custodyOf(file: query.KeptEvidence, worker: Worker): { can: Command[]; notes: string[] } {
  const section = worker.is("SAFETY_SECTION");
  if (!section && !worker.is("BUREAU_LEADER")) return { can: [], notes: [] };
  if (file.destroyedAt) return { can: [], notes: [t.gone] };
  if (file.destructionApprovedAt) return { can: [], notes: [t.going] };
  if (file.status !== "VERIFIED" || !file.retainUntil) return { can: [], notes: [t.unverified] };
  const own = file.destructionRequested && file.destructionRequestedBy?.id === worker.id;
  const due = Date.parse(file.retainUntil) <= Date.now();
  const can: (Command | false)[] = [
    file.destructionRequested && !own && !file.held && "approve",
    file.destructionRequested && section && "withdraw",
    section && (file.held ? "release" : "hold"),
    section && due && !file.held && !file.destructionRequested && "request",
  ];
  const notes = [own && t.own, file.held ? t.whileHeld : !due && fill(t.retained, { at: instant(file.retainUntil) })];
  return { can: can.filter((c) => c !== false), notes: notes.filter((n) => n !== false) };
}

/** What a command is called. */
export const commandName = (command: Command): string => t[command];

/** The form of a command. */
export function CustodyForm({ command: name, file, ...on }: OnEvidence<query.KeptEvidence> & { command: Command }): ComponentChildren {
  const { document, done, hint, look = "primary" } = commands[name];
  return (
    <CommandForm
      name={`${name} ${file.id}`}
      command={document}
      actions={[{ value: name, label: t[name], look }]}
      input={({ note }, ids) => ({ commandId: ids("command"), evidenceId: file.id, note: note! })}
      done={t[done]}
      {...on}
    >
      <TextField name="note" label={t.reason} hint={hint && t[hint]} rows={2} required />
    </CommandForm>
  );
}
