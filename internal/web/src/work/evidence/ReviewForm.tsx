// A person's decision about the doubts that a file raises.
import type { RequestError } from "../../api/client";
import { Form, TextField } from "../../ui/Form";
import { texts } from "../../ui/language";
import { useCommand } from "../../ui/useCommand";
import { useWorker } from "../viewer";
import { type EvidenceAtWork, Review } from "./query";

const t = texts({
  reason: ["理由", "Reason"],
  hint: ["写明看了什么、为什么这样认定；会留在该文件的经过里。", "Say what you looked at and why you decide so; it stays in the file's history."],
  clear: ["没有问题，澄清", "It is in order"],
  uphold: ["疑点成立", "Uphold the doubt"],
  reviewed: ["复核结果已记录。", "The review is recorded."],
  ofSchool: ["您属于该校，须由科里其他人复核。", "You belong to this school: somebody else of the section reviews the file."],
});

/** What a decision about a file is told. */
export interface OnEvidence<File = EvidenceAtWork> {
  file: File;
  changed: () => void;
  overtaken: (error: RequestError) => void;
}

/** The form; to somebody who belongs to the school it says why it is not theirs. */
export function ReviewForm({ file, changed, overtaken }: OnEvidence) {
  const { schools } = useWorker();
  const command = useCommand(Review, { done: t.reviewed, overtaken });
  if (schools.some((s) => s.id === file.school?.id)) return <p class="soft">{t.ofSchool}</p>;
  return (
    <Form
      name={`review ${file.id}`}
      actions={[{ value: "clear", label: t.clear, look: "primary" }, { value: "uphold", label: t.uphold, look: "danger" }]}
      busy={command.busy}
      error={command.error}
      onSubmit={async ({ note }, action) => {
        const done = await command.run((ids) => ({
          input: { commandId: ids("command"), evidenceId: file.id, uphold: action === "uphold", note: note!, expectedReview: file.review as "OPEN" },
        }));
        if (done) changed();
        return Boolean(done);
      }}
    >
      <TextField name="note" label={t.reason} hint={t.hint} rows={2} required />
    </Form>
  );
}
