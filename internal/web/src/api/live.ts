// Being told when something changes: by a socket while there is one, by asking now
// and then while there is not. The socket's library is loaded with the first use.
//
// A message says only that something may have changed; what is shown is asked again
// by the page's own queries, so nothing here knows what a viewer may see.
import type { Client } from "graphql-ws";
import type { TypedDocumentString } from "./gql/graphql";
import { accessToken, signedIn } from "./session";

/** How often to ask while there is no socket, in ms. */
const pause = 60_000;

/** How long a socket may take to say its first word before asking begins, in ms. */
const patience = 10_000;

/** The longest wait between two tries to get the socket back, in ms. */
const longest = 60_000;

let client: Promise<Client> | undefined;

/** The socket of this page, for whoever is signed in; it opens with the first use. */
export function connect(): Promise<Client> {
  client ??= import("graphql-ws").then(({ createClient }) =>
    createClient({
      url: `${location.origin.replace(/^http/, "ws")}/graphql`,
      lazy: true,
      retryAttempts: Infinity,
      shouldRetry: () => signedIn.peek(),
      retryWait: (tries) => new Promise((done) => setTimeout(done, Math.min(longest, 1000 * 2 ** tries) * (0.5 + Math.random() / 2))),
      connectionParams: async () => ({ authorization: `Bearer ${(await accessToken()) ?? ""}` }),
    }),
  );
  return client;
}

// Whoever signs out hears nothing more.
signedIn.subscribe((there) => {
  if (there || !client) return;
  void client.then((c) => c.dispose());
  client = undefined;
});

/**
 * Call `changed` whenever a subscription says so, and every minute while it can't be
 * had. The first message, which comes at once, tells nothing new. Returns how to stop.
 */
export function watch<T, V extends Record<string, unknown>>(subscription: TypedDocumentString<T, V>, variables: V, changed: () => void): () => void {
  let stopped = false;
  let stop = () => {};
  let first = true;
  let polling: ReturnType<typeof setInterval> | undefined;
  const poll = () => {
    if (!stopped) polling ??= setInterval(() => document.visibilityState === "visible" && changed(), pause);
  };
  const waiting = setTimeout(poll, patience);

  void connect().then((c) => {
    if (stopped) return;
    stop = c.subscribe(
      { query: subscription.toString(), variables },
      {
        next: () => {
          clearTimeout(waiting);
          // After a gap the first message may well be news.
          if (!first || polling) changed();
          clearInterval(polling);
          polling = undefined;
          first = false;
        },
        error: poll,
        complete: poll,
      },
    );
  }, poll);

  return () => {
    stopped = true;
    clearTimeout(waiting);
    clearInterval(polling);
    stop();
  };
}
