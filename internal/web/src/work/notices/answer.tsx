// What comes back from the school: its signature or that it refused, and its reply.
import { Attach, attachedIDs } from "../../ui/Attach";
import { CommandForm } from "../../ui/CommandForm";
import { TextField } from "../../ui/Form";
import { texts } from "../../ui/language";
import * as commands from "./query";
import { type OnNotice, about } from "./query";

const t = texts({
  opinion: ["学校意见", "The school's opinion"],
  refusal: ["拒签原因", "Why it was not signed"],
  witness: ["见证人", "Witness"],
  acknowledge: ["签收", "Acknowledge"],
  acknowledged: ["已签收。", "It is acknowledged."],
  signature: ["签字照片", "Photo of the signature"],
  refuse: ["记录拒签", "Record that it was not signed"],
  refused: ["拒签已记录。", "It is recorded."],
  sendReply: ["回复整改情况", "Reply"],
  replied: ["已回复。", "The reply is sent."],
  what: ["整改情况", "What was done"],
});

/** The school's signature and opinion. */
export function Acknowledge({ notice, ...on }: OnNotice) {
  const name = `acknowledge ${notice.id}`;
  return (
    <CommandForm
      name={name}
      command={commands.Acknowledge}
      actions={[{ value: "acknowledge", label: t.acknowledge, look: "primary" }]}
      files={name}
      input={({ opinion }, ids) => ({ ...about(notice, ids), opinion: opinion!, evidenceIds: attachedIDs(name) })}
      done={t.acknowledged}
      {...on}
    >
      <TextField name="opinion" label={t.opinion} rows={3} required />
      <Attach name={name} schoolId={notice.school!.id} stage="SIGNATURE" label={t.signature} />
    </CommandForm>
  );
}

/** That the school did not sign, before a witness. */
export function Refuse({ notice, ...on }: OnNotice) {
  return (
    <CommandForm
      name={`refuse ${notice.id}`}
      command={commands.Refuse}
      actions={[{ value: "refuse", label: t.refuse, look: "danger" }]}
      input={(v, ids) => ({ ...about(notice, ids), reason: v.reason!, witness: v.witness! })}
      done={t.refused}
      {...on}
    >
      <TextField name="reason" label={t.refusal} rows={2} required />
      <TextField name="witness" label={t.witness} required />
    </CommandForm>
  );
}

/** What the school has done. */
export function Reply({ notice, ...on }: OnNotice) {
  return (
    <CommandForm
      name={`reply ${notice.id}`}
      command={commands.Reply}
      actions={[{ value: "reply", label: t.sendReply, look: "primary" }]}
      input={({ reply }, ids) => ({ ...about(notice, ids), reply: reply! })}
      done={t.replied}
      {...on}
    >
      <TextField name="reply" label={t.what} rows={4} required />
    </CommandForm>
  );
}
