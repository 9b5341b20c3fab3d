// A person's decision about the doubts that a file raises.
import { CommandForm } from "../../ui/CommandForm";
import { TextField } from "../../ui/Form";
import { texts } from "../../ui/language";
import type { Outcome } from "../Overtaken";
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

/** What every form about a file is given. */
export interface OnEvidence<File = EvidenceAtWork> extends Outcome {
  file: File;
}

/** The form; to somebody who belongs to the school it says why it is not theirs. */
export function ReviewForm({ file, ...on }: OnEvidence) {
  const { schools } = useWorker();
  if (schools.some((s) => s.id === file.school?.id)) return <p class="soft">{t.ofSchool}</p>;
  return (
    <CommandForm
      name={`review ${file.id}`}
      command={Review}
      actions={[{ value: "clear", label: t.clear, look: "primary" }, { value: "uphold", label: t.uphold, look: "danger" }]}
      input={({ note }, ids, action) => ({ commandId: ids("command"), evidenceId: file.id, uphold: action === "uphold", note: note!, expectedReview: file.review as "OPEN" })}
      done={t.reviewed}
      {...on}
    >
      <TextField name="note" label={t.reason} hint={t.hint} rows={2} required />
    </CommandForm>
  );
}
