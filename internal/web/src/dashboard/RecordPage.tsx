// The screen of one record.
import type { ComponentChildren, ComponentProps } from "preact";
import { Gone, QueryState } from "../ui/State";

/** The way back to the record's list, where the query stands, and the record as soon as it is there. */
export function RecordPage<T extends object>({ back, list, query, record, children }: {
  /** The list's address. */
  back: string;
  /** What the list is called. */
  list: string;
  query: ComponentProps<typeof QueryState>["query"];
  record: T | null | undefined;
  children: (record: T) => ComponentChildren;
}) {
  return (
    <>
      <nav class="back"><a href={back}>← {list}</a></nav>
      <QueryState query={query} />
      {record ? <article class="record">{children(record)}</article> : query.data && !query.loading ? <Gone /> : null}
    </>
  );
}
