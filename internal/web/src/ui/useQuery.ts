// A query that belongs to what is shown: asked when it appears or its variables
// change, asked again on demand, forgotten when it leaves.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type RequestError, asRequestError, request } from "../api/client";
import type { TypedDocumentString } from "../api/gql/graphql";
import { language } from "./language";

export interface Query<T> {
  /** The last answer; it stays while a newer one is on its way. */
  data: T | undefined;
  error: RequestError | undefined;
  loading: boolean;
  reload: () => Promise<void>;
}

/** Ask as the viewer; `variables` null asks nothing yet. */
export function useQuery<T, V>(document: TypedDocumentString<T, V>, variables: V | null): Query<T> {
  const [state, setState] = useState<{ data?: T; error?: RequestError; loading: boolean }>({ loading: variables !== null });
  const abort = useRef<AbortController | undefined>(undefined);
  const key = JSON.stringify(variables);
  const spoken = language.value;

  const reload = useCallback(async () => {
    abort.current?.abort();
    if (variables === null) return;
    const mine = (abort.current = new AbortController());
    setState((s) => ({ ...s, loading: true }));
    try {
      const data = await request(document, variables, mine.signal);
      if (!mine.signal.aborted) setState({ data, loading: false });
    } catch (cause) {
      if (mine.signal.aborted) return;
      setState((s) => ({ ...s, error: asRequestError(cause), loading: false }));
    }
  }, [document, key, spoken]);

  useEffect(() => {
    void reload();
    return () => abort.current?.abort();
  }, [reload]);

  return { data: state.data, error: state.error, loading: state.loading, reload };
}
