// One doubtful file among others: what it shows beside what it is like, why it is
// doubted, and the decision. Once decided it stays where it is, and says so.
import { useId, useState } from "preact/hooks";
import { nameOf } from "../../ui/Evidence";
import { Tag } from "../../ui/Tag";
import { instant, names } from "../../ui/format";
import { fill, texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { word } from "../../ui/words";
import { Overtaken } from "../Overtaken";
import { to } from "../to";
import { useWorker } from "../viewer";
import { Compared, Doubts } from "./Doubts";
import { ReviewForm } from "./ReviewForm";
import { type EvidenceAtWork, ReviewNow } from "./query";

const t = texts({
  decide: ["复核", "Review it"],
  decided: ["复核结论", "The decision"],
  custody: ["保管与经过", "Custody and history"],
  more: ["另有 {n} 份相似的文件，见“保管与经过”。", "{n} more files are like it: see custody and history."],
});

// How many earlier files stand beside it here; its own page shows all of them.
const most = 2;

/** A file of the list. */
export function ReviewCard({ file: listed }: { file: EvidenceAtWork }) {
  const { is } = useWorker();
  const heading = useId();
  const [decided, setDecided] = useState(false);
  const [overtaken, setOvertaken] = useState<string>();
  const now = useQuery(ReviewNow, decided ? { id: listed.id } : null);
  const file = { ...listed, ...now.data?.evidence };
  const last = now.data?.evidenceEvents?.edges.find((e) => e.node?.kind === file.review)?.node;
  const who = last ? names([last.actor?.name, instant(last.happenedAt)]) : "";
  const more = (file.matches?.length ?? 0) - most;
  return (
    <article class="card review" aria-labelledby={heading}>
      <header>
        <h2 id={heading}>{file.school?.name} · {nameOf(file)}</h2>
        <Tag look={{ OPEN: "warn", CLEARED: "good", UPHELD: "bad" }[file.review as string] as "warn"}>{word(file.review, "EvidenceReviewStatus")}</Tag>
        <a href={to(["evidence", file.id])}>{t.custody}</a>
      </header>
      <Doubts file={file} />
      <Compared file={file} most={most} />
      {more > 0 && <p class="soft">{fill(t.more, { n: more })}</p>}
      <Overtaken message={overtaken} by={names([word(file.review, "EvidenceReviewStatus"), who])} />
      {file.reviewNote && <p><strong>{t.decided}</strong> {file.reviewNote} <span class="soft">{who}</span></p>}
      {!decided && file.review === "OPEN" && is("SAFETY_SECTION") && (
        <details>
          <summary>{t.decide}</summary>
          <ReviewForm file={file} changed={() => setDecided(true)} overtaken={({ message }) => (setOvertaken(message), setDecided(true))} />
        </details>
      )}
    </article>
  );
}
