// A list that the server gives by pages: rows as a table, the next page on demand,
// never all of it.
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type RequestError, asRequestError, request } from "../api/client";
import type { TypedDocumentString } from "../api/gql/graphql";
import { Empty, QueryState } from "./State";
import { fill, language, texts } from "./language";

const t = texts({
  more: ["显示更多", "Show more"],
  loading: ["正在读取…", "Loading…"],
  shown: ["已显示 {n} 条", "{n} shown"],
  all: ["共 {n} 条", "{n} in all"],
  none: ["没有可查看的记录。", "There is nothing that you may see here."],
});

/** How many rows a page has, where nobody asks for fewer. */
export const pageSize = 50;

interface Connection<Row> {
  edges: { node: Row | null | undefined }[];
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
}

/** The rows of a connection so far. */
export interface Pages<Row> {
  /** The rows of the pages that were asked for; undefined before the first. */
  data: Row[] | undefined;
  error: RequestError | undefined;
  loading: boolean;
  /** Whether the server has more. */
  more: boolean;
  next: () => Promise<void>;
  reload: () => Promise<void>;
}

/**
 * Read a connection page by page. `variables` must hold everything but `first` and
 * `after`; when they change, the list starts again.
 */
export function usePages<T, V extends { first: number; after?: string | null | undefined }, Row>(
  document: TypedDocumentString<T, V>,
  variables: Omit<V, "first" | "after"> | null,
  pick: (data: T) => Connection<Row> | null | undefined,
  size = pageSize,
): Pages<Row> {
  const [state, setState] = useState<{ rows?: Row[]; after?: string | null; more: boolean; error?: RequestError; loading: boolean }>({ more: false, loading: true });
  const abort = useRef<AbortController | undefined>(undefined);
  const key = JSON.stringify(variables);
  const spoken = language.value;

  const read = useCallback(async (before: Row[], after: string | null) => {
    abort.current?.abort();
    if (variables === null) return;
    const mine = (abort.current = new AbortController());
    setState((s) => ({ ...s, loading: true }));
    try {
      const connection = pick(await request(document, { ...variables, first: size, after } as unknown as V, mine.signal));
      if (mine.signal.aborted) return;
      const rows = (connection?.edges ?? []).flatMap((e) => (e.node ? [e.node] : []));
      const info = connection?.pageInfo;
      setState({ rows: [...before, ...rows], after: info?.endCursor ?? null, more: info?.hasNextPage ?? false, loading: false });
    } catch (cause) {
      if (mine.signal.aborted) return;
      setState((s) => ({ ...s, error: asRequestError(cause), loading: false }));
    }
  }, [document, key, spoken]);

  const reload = useCallback(() => read([], null), [read]);
  useEffect(() => {
    setState({ more: false, loading: true });
    void reload();
    return () => abort.current?.abort();
  }, [reload]);

  return {
    data: state.rows,
    error: state.error,
    loading: state.loading,
    more: state.more,
    next: () => read(state.rows ?? [], state.after ?? null),
    reload,
  };
}

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ComponentChildren;
  /** Numbers stand to the right. */
  number?: boolean;
  /** The column that names the row. */
  names?: boolean;
}

/** The rows so far as a table, with the state of the query and the button for more. */
export function List<Row>({ caption, pages, columns, id, empty }: {
  caption: string;
  pages: Pages<Row>;
  columns: Column<Row>[];
  id: (row: Row) => string;
  empty?: ComponentChildren;
}) {
  const rows = pages.data;
  return (
    <div class="list">
      <QueryState query={pages} />
      {rows?.length === 0 && !pages.loading && <Empty>{empty ?? t.none}</Empty>}
      {rows && rows.length > 0 && <Table caption={caption} rows={rows} columns={columns} id={id} />}
      <ListEnd pages={pages} />
    </div>
  );
}

/** How many rows there are so far, and the button for more; nothing when there are no rows. */
export function ListEnd<Row>({ pages }: { pages: Pages<Row> }) {
  if (!pages.data?.length) return null;
  return (
    <p class="list-end">
      <span class="soft" role="status">{fill(pages.more ? t.shown : t.all, { n: pages.data.length })}</span>{" "}
      {pages.more && (
        <button type="button" disabled={pages.loading} onClick={() => void pages.next()}>
          {pages.loading ? t.loading : t.more}
        </button>
      )}
    </p>
  );
}

/** Rows under their headings; on a phone each row is a card that names its cells. */
export function Table<Row>({ caption, rows, columns, id }: { caption: string; rows: Row[]; columns: Column<Row>[]; id: (row: Row) => string }) {
  return (
    <table class="rows">
      <caption>{caption}</caption>
      <thead>
        <tr>
          {columns.map((c) => <th scope="col" class={c.number ? "number" : ""}>{c.title}</th>)}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={id(row)}>
            {columns.map((c) =>
              c.names ? <th scope="row">{c.cell(row)}</th> : <td data-title={c.title} class={c.number ? "number" : ""}>{c.cell(row)}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
