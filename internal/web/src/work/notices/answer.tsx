// What comes back from the school: its signature or that it refused, and its reply.
import { Attach, attachedIDs, clearFiles, waitsForFiles } from "../../ui/Attach";
import { Form, TextField } from "../../ui/Form";
import { texts } from "../../ui/language";
import { useCommand } from "../../ui/useCommand";
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
export function Acknowledge({ notice, changed, overtaken }: OnNotice) {
  const command = useCommand(commands.Acknowledge, { done: t.acknowledged, overtaken });
  const name = `acknowledge ${notice.id}`;
  return (
    <Form
      name={name}
      actions={[{ value: "acknowledge", label: t.acknowledge, look: "primary" }]}
      busy={command.busy}
      error={command.error}
      blocked={waitsForFiles(name)}
      onSubmit={async ({ opinion }) => {
        const done = await command.run((ids) => ({ input: { ...about(notice, ids), opinion: opinion!, evidenceIds: attachedIDs(name) } }));
        if (done) clearFiles(name), changed();
        return Boolean(done);
      }}
    >
      <TextField name="opinion" label={t.opinion} rows={3} required />
      <Attach name={name} schoolId={notice.school!.id} stage="SIGNATURE" label={t.signature} />
    </Form>
  );
}

/** That the school did not sign, before a witness. */
export function Refuse({ notice, changed, overtaken }: OnNotice) {
  const command = useCommand(commands.Refuse, { done: t.refused, overtaken });
  return (
    <Form
      name={`refuse ${notice.id}`}
      actions={[{ value: "refuse", label: t.refuse, look: "danger" }]}
      busy={command.busy}
      error={command.error}
      onSubmit={async (v) => {
        const done = await command.run((ids) => ({ input: { ...about(notice, ids), reason: v.reason!, witness: v.witness! } }));
        if (done) changed();
        return Boolean(done);
      }}
    >
      <TextField name="reason" label={t.refusal} rows={2} required />
      <TextField name="witness" label={t.witness} required />
    </Form>
  );
}

/** What the school has done. */
export function Reply({ notice, changed, overtaken }: OnNotice) {
  const command = useCommand(commands.Reply, { done: t.replied, overtaken });
  return (
    <Form
      name={`reply ${notice.id}`}
      actions={[{ value: "reply", label: t.sendReply, look: "primary" }]}
      busy={command.busy}
      error={command.error}
      onSubmit={async ({ reply }) => {
        const done = await command.run((ids) => ({ input: { ...about(notice, ids), reply: reply! } }));
        if (done) changed();
        return Boolean(done);
      }}
    >
      <TextField name="reply" label={t.what} rows={4} required />
    </Form>
  );
}
