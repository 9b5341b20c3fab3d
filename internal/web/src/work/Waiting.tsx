// One kind of thing that waits for somebody: how many, the oldest first.
import { useEffect, useId, useState } from "preact/hooks";
import type { TypedDocumentString } from "../api/gql/graphql";
import { instant, number } from "../ui/format";
import { fill, texts } from "../ui/language";
import { useQuery } from "../ui/useQuery";
import { Failure, Mark } from "./parts";

const t = texts({
  more: ["再看一些", "Show more"],
  atLeast: ["{n}+", "{n}+"],
});

/** Something that waits, and where it is dealt with. */
export interface Row {
  id: string;
  href: string;
  title: string;
  place: string;
  since?: string | null | undefined;
  marks?: { text: string; look: "bad" | "warn" }[];
}

/** How many are known to wait, and whether there are more. */
export interface Count {
  known: number;
  more: boolean;
}

interface Props<T, V> {
  name: string;
  document: TypedDocumentString<T, V>;
  /** The variables for so many rows. */
  variables: (first: number) => V;
  read: (data: T) => { rows: Row[]; more: boolean };
  /** Told once it is known. */
  counted: (name: string, count: Count) => void;
}

const steps = [10, 50, 200];

/** A list that is there only while something waits. */
export function Waiting<T, V>({ name, document, variables, read, counted }: Props<T, V>) {
  const [step, setStep] = useState(0);
  const query = useQuery(document, variables(steps[step]!));
  const heading = useId();
  const found = query.data && read(query.data);
  const known = found?.rows.length;
  useEffect(() => {
    if (known !== undefined) counted(name, { known, more: found!.more });
  }, [name, known, found?.more]);

  if (query.error) return <Failure error={query.error} retry={() => void query.reload()} />;
  if (!found?.rows.length) return null;
  return (
    <section class="card waiting" aria-labelledby={heading}>
      <h2 id={heading}>
        {name} <span class="count">{found.more ? fill(t.atLeast, { n: number(found.rows.length) }) : number(found.rows.length)}</span>
      </h2>
      <ul>
        {found.rows.map((row) => (
          <li key={row.id}>
            <a href={row.href}>{row.title}</a>
            {row.marks?.map((m) => <Mark key={m.text} look={m.look}>{m.text}</Mark>)}
            <span class="soft">{[row.place, row.since && instant(row.since)].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ul>
      {found.more && step < steps.length - 1 && (
        <button type="button" class="quiet" onClick={() => setStep(step + 1)}>{t.more}</button>
      )}
    </section>
  );
}
