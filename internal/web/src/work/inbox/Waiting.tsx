// One kind of thing that waits for somebody: how many, the oldest first.
import { useEffect, useId, useState } from "preact/hooks";
import type { TypedDocumentString } from "../../api/gql/graphql";
import { QueryState } from "../../ui/State";
import { type Look, Tag } from "../../ui/Tag";
import { texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { type Count, countText, most } from "./count";

const t = texts({
  more: ["再看一些", "Show more"],
});

/** Something that waits, and where it is dealt with. */
export interface Row {
  id: string;
  href: string;
  title: string;
  place: string;
  /** Since when, or until when, in words. */
  when?: string | false | null | undefined;
  marks?: { text: string; look: Look }[];
}

/** What was read: some rows, and how many there are. */
export interface Found extends Count {
  rows: Row[];
}

interface Props<T, V> {
  name: string;
  document: TypedDocumentString<T, V>;
  /** The variables for a number of rows in full, and a number of ids to count. */
  variables: (first: number, counted: number) => V;
  read: (data: T) => Found;
  /** Called with the number once it is known. */
  counted: (name: string, count: Count) => void;
}

const steps = [10, 50, 200];

/** A list that is there only while something waits. */
export function Waiting<T, V>({ name, document, variables, read, counted }: Props<T, V>) {
  const [step, setStep] = useState(0);
  const query = useQuery(document, variables(steps[step]!, most));
  const heading = useId();
  const found = query.data && read(query.data);
  useEffect(() => {
    if (found) counted(name, { known: found.known, more: found.more });
  }, [name, found?.known, found?.more]);

  if (!found?.rows.length) return <QueryState query={query} />;
  return (
    <section class="card waiting" aria-labelledby={heading}>
      <h2 id={heading}>
        {name} <span class="count">{countText(found)}</span>
      </h2>
      <ul>
        {found.rows.map((row) => (
          <li key={row.id}>
            <a href={row.href}>{row.title}</a>
            {row.marks?.map((m) => <Tag key={m.text} look={m.look}>{m.text}</Tag>)}
            <span class="soft">{[row.place, row.when].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ul>
      {(found.more || found.known > found.rows.length) && step < steps.length - 1 && (
        <button type="button" class="quiet" onClick={() => setStep(step + 1)}>{t.more}</button>
      )}
    </section>
  );
}
