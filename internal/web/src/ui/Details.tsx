// The details of one event in the history of a hazard or a notice, with their names.
import { day, instant, yuan } from "./format";
import { texts } from "./language";
import { word } from "./words";

const t = texts({
  category: ["类别", "Category"],
  description: ["描述", "Description"],
  grade: ["等级", "Grade"],
  level: ["挂牌级别", "Level"],
  deadlineOn: ["期限", "Deadline"],
  newDeadlineOn: ["新期限", "New deadline"],
  untilOn: ["申请延至", "Requested until"],
  documentNumber: ["文号", "Document"],
  protectiveMeasures: ["防护措施", "Protective measures"],
  measuresTaken: ["采取的措施", "Measures taken"],
  fundsSpentFen: ["使用资金", "Funds spent"],
  reason: ["理由", "Reason"],
  note: ["说明", "Note"],
  number: ["版本", "Version"],
  approve: ["同意", "Approved"],
  grant: ["同意", "Granted"],
  opinion: ["学校意见", "School's opinion"],
  reply: ["回复", "Reply"],
  requirements: ["整改要求", "Requirements"],
  witness: ["见证人", "Witness"],
  late: ["迟报送", "Late"],
  queuedAt: ["手机上提交（之后等网络的时间不计入考核）", "Handed in on the phone (what it then waited for a network is held against nobody)"],
  from: ["原为", "From"],
  yes: ["是", "yes"],
  no: ["否", "no"],
});

/** The details, without ids and what only machines read. */
export function Details({ details, category }: { details: { name: string; value: string }[]; category: (code: string) => string }) {
  const shownDetails = details.filter((d) => d.value !== "" && !/Ids?$|Hash$|^(signs|step|round|supersedes)$/.test(d.name));
  if (shownDetails.length === 0) return null;
  return (
    <dl class="facts">
      {shownDetails.map((d) => (
        <>
          <dt>{(t as Record<string, string>)[d.name]}</dt>
          <dd>{shown(d.name, d.value, category)}</dd>
        </>
      ))}
    </dl>
  );
}

function shown(name: string, value: string, category: (code: string) => string): string {
  if (name === "category") return category(value);
  if (name === "level") return word(value, "OversightLevel");
  if (name === "fundsSpentFen") return yuan(Number(value));
  if (/On$/.test(name) && /^\d{4}-\d\d-\d\d$/.test(value)) return day(value);
  if (/At$/.test(name)) return instant(value);
  if (value === "true" || value === "false") return value === "true" ? t.yes : t.no;
  return name === "grade" || name === "from" ? word(value) : value;
}
