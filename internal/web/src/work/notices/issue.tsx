// What the issuer does to a notice: issuing, changing and discarding the draft, superseding.
import { useState } from "preact/hooks";
import { CommandForm } from "../../ui/CommandForm";
import { Dialog } from "../../ui/Dialog";
import { Form, TextField } from "../../ui/Form";
import { texts } from "../../ui/language";
import { go } from "../../ui/route";
import { useCommand } from "../../ui/useCommand";
import { to } from "../to";
import { useWorker } from "../viewer";
import { NoticeContent } from "./NoticeContent";
import { Items, itemsOf } from "./Items";
import * as commands from "./query";
import { type OnNotice, about } from "./query";

const t = texts({
  deadline: ["整改期限", "Deadline"],
  requirements: ["整改要求", "Requirements"],
  issue: ["下发", "Issue it"],
  preview: ["下发前核对", "Look at it before it is issued"],
  frozen: ["下发后编号，内容固定，不能修改，只能以新通知书取代。", "It gets its number, and what it says is frozen: it can only be superseded."],
  issueDone: ["已下发。", "It is issued."],
  revise: ["修改草稿", "Change the draft"],
  revised: ["草稿已修改。", "The draft is changed."],
  discard: ["放弃草稿", "Discard the draft"],
  discarded: ["草稿已放弃。", "The draft is discarded."],
  supersede: ["以新通知书取代", "Supersede it"],
  superseded: ["已起草取代它的通知书，下发后生效。", "A draft that supersedes it is made; it counts once issued."],
});

/** Look at it once more, and issue it. */
export function Issue({ notice, changed, overtaken }: OnNotice) {
  // Outside of the dialog: a command without an answer stays the same when it is opened again.
  const command = useCommand(commands.Issue, { done: t.issueDone, overtaken });
  const [looking, setLooking] = useState(false);
  return (
    <>
      <button type="button" class="primary" onClick={() => setLooking(true)}>{t.preview}</button>
      {looking && (
        <Dialog title={t.preview} onClose={() => setLooking(false)}>
          <NoticeContent notice={notice} />
          <p class="soft">{t.frozen}</p>
          <Form
            name={`issue ${notice.id}`}
            actions={[{ value: "issue", label: t.issue, look: "primary" }]}
            busy={command.busy}
            error={command.error}
            onSubmit={async () => {
              const done = await command.run((ids) => ({ input: about(notice, ids) }));
              if (done) changed();
              return Boolean(done);
            }}
          />
        </Dialog>
      )}
    </>
  );
}

/** Change what it says while it is a draft. */
export function Revise({ notice, ...on }: OnNotice) {
  const { today } = useWorker();
  return (
    <CommandForm
      name={`revise ${notice.id}`}
      command={commands.Revise}
      actions={[{ value: "revise", label: t.revise, look: "primary" }]}
      input={(v, ids) => ({ ...about(notice, ids), deadlineOn: v.deadlineOn!, requirements: v.requirements!, items: itemsOf(v) })}
      done={t.revised}
      {...on}
    >
      <TextField name="deadlineOn" label={t.deadline} type="date" min={today} required initial={notice.deadlineOn} />
      <TextField name="requirements" label={t.requirements} rows={5} required initial={notice.requirements} />
      <Items notice={notice} />
    </CommandForm>
  );
}

/** Discard the draft. */
export function Discard({ notice, ...on }: OnNotice) {
  return (
    <CommandForm
      name={`discard ${notice.id}`}
      command={commands.Discard}
      actions={[{ value: "discard", label: t.discard, look: "danger" }]}
      input={(_, ids) => about(notice, ids)}
      done={t.discarded}
      {...on}
    />
  );
}

/** Draft the notice that takes its place. */
export function Supersede({ notice, overtaken }: OnNotice) {
  const { today } = useWorker();
  return (
    <CommandForm
      name={`supersede ${notice.id}`}
      command={commands.Supersede}
      actions={[{ value: "supersede", label: t.supersede, look: "primary" }]}
      input={(v, ids) => ({ id: ids("notice"), noticeId: notice.id, expectedVersion: notice.version, deadlineOn: v.deadlineOn!, requirements: v.requirements! })}
      done={t.superseded}
      changed={({ supersedeNotice: { notice: draft } }) => draft && go(to(["notice", draft.id]))}
      overtaken={overtaken}
    >
      <TextField name="deadlineOn" label={t.deadline} type="date" min={today} required initial={notice.deadlineOn} />
      <TextField name="requirements" label={t.requirements} rows={5} required initial={notice.requirements} />
    </CommandForm>
  );
}
