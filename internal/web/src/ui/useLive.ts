// Keeps what a screen shows up to date while it is shown.
import { useEffect, useRef } from "preact/hooks";
import type { TypedDocumentString } from "../api/gql/graphql";
import { watch } from "../api/live";

/**
 * Call `changed` whenever the subscription says that something may have changed, or
 * every minute while it can't be had; `variables` null listens to nothing, as for a
 * screen that shows the past.
 */
export function useLive<T, V extends Record<string, unknown>>(subscription: TypedDocumentString<T, V>, variables: V | null, changed: () => Promise<void>): void {
  const latest = useRef(changed);
  latest.current = changed;
  const key = JSON.stringify(variables);
  useEffect(() => (variables ? watch(subscription, variables, () => void latest.current()) : undefined), [subscription, key]);
}
