// What is shown in the place of an answer: that it is loading, that it is empty, or the
// error.
import type { ComponentChildren } from "preact";
import type { RequestError } from "../api/client";
import { texts } from "./language";

const t = texts({
  loading: ["正在读取…", "Loading…"],
  retry: ["重试", "Try again"],
  offline: ["无法连接服务器，请检查网络后重试。", "The server can't be reached. Check the network and try again."],
  gone: ["找不到该记录，或者您无权查看。", "There is no such record, or it is not yours to see."],
  stale: ["未能更新，下面是先前的内容。", "Not refreshed: what follows is older."],
});

interface StateProps {
  data: unknown;
  error: RequestError | undefined;
  loading: boolean;
  reload: () => Promise<void>;
}

/**
 * Where a query stands, for a live region: nothing while an answer is there and
 * nothing is wrong. An error beside an older answer says that it is older.
 */
export function QueryState({ query }: { query: StateProps }) {
  const { data, error, loading, reload } = query;
  return (
    <div class="state" aria-live="polite" aria-busy={loading}>
      {error ? (
        <p class="problem">
          {error.code === "UNAVAILABLE" ? t.offline : error.message} {data ? t.stale : ""}{" "}
          <button type="button" onClick={() => void reload()}>{t.retry}</button>
        </p>
      ) : loading && !data ? (
        <p class="soft">{t.loading}</p>
      ) : null}
    </div>
  );
}

/** What an answer shows, below where the query stands. */
export function QueryResult<T>({ query, children }: { query: StateProps & { data: T | undefined }; children: (data: T) => ComponentChildren }) {
  return (
    <>
      <QueryState query={query} />
      {query.data && children(query.data)}
    </>
  );
}

/** Says that a record is not there, or not in sight. */
export function Gone() {
  return <p class="problem">{t.gone}</p>;
}

/** Says that there is nothing, and why. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty soft">{children}</p>;
}
