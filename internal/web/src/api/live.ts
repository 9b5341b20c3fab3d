// Notifications of changes: over a socket while there is one, by polling while there
// is none. The socket's library is loaded with the first use.
//
// A message says only that something may have changed; what is shown is asked again
// by the page's own queries, so nothing here knows what a viewer may see.
import type { Client } from "graphql-ws";
import type { TypedDocumentString } from "./gql/graphql";
import { accessToken, signedIn } from "./session";

/** How often to poll while there is no socket, in ms. */
const pause = 60_000;

/** How long a socket may take until its first message before polling begins, in ms. */
const patience = 10_000;

/** The longest wait between two tries to get the socket back, in ms. */
const longest = 60_000;

/** How often to ping the socket, and how long its answer may take, in ms. */
const pulse = { every: 20_000, patience: 10_000 };

let client: Promise<Client> | undefined;

/** The socket of this page, as the signed-in person; it opens with the first use. */
export function connect(): Promise<Client> {
  client ??= import("graphql-ws").then(({ createClient }) => {
    let unanswered: ReturnType<typeof setTimeout> | undefined;
    const made = createClient({
      url: `${location.origin.replace(/^http/, "ws")}/graphql`,
      lazy: true,
      retryAttempts: Infinity,
      shouldRetry: () => signedIn.peek(),
      retryWait: (tries) => new Promise((done) => setTimeout(done, Math.min(longest, 1000 * 2 ** tries) * (0.5 + Math.random() / 2))),
      connectionParams: async () => ({ authorization: `Bearer ${(await accessToken()) ?? ""}` }),
      keepAlive: pulse.every,
      on: {
        // A lost network closes no socket: one that does not answer a ping is closed here.
        ping: (received) => {
          if (!received) unanswered = setTimeout(() => made.terminate(), pulse.patience);
        },
        pong: () => clearTimeout(unanswered),
        closed: () => clearTimeout(unanswered),
      },
    });
    return made;
  });
  return client;
}

// After a sign-out nothing more is received.
signedIn.subscribe((there) => {
  if (there || !client) return;
  void client.then((c) => c.dispose());
  client = undefined;
});

/**
 * Call `changed` whenever a subscription says so; and when it is lost, and every minute
 * while there is none, so that the page is never out of date for long. The first
 * message, which comes at once, is no change. Returns how to stop.
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
  const lost = () => {
    if (stopped || !signedIn.peek()) return;
    poll();
    changed();
  };
  addEventListener("offline", lost);
  addEventListener("online", changed);

  void connect().then((c) => {
    if (stopped) return;
    const unhear = c.on("closed", lost);
    const unsubscribe = c.subscribe(
      { query: subscription.toString(), variables },
      {
        next: () => {
          clearTimeout(waiting);
          // After a gap the first message may be a change.
          if (!first || polling) changed();
          clearInterval(polling);
          polling = undefined;
          first = false;
        },
        error: lost,
        complete: lost,
      },
    );
    stop = () => {
      unhear();
      unsubscribe();
    };
  }, poll);

  return () => {
    stopped = true;
    removeEventListener("offline", lost);
    removeEventListener("online", changed);
    clearTimeout(waiting);
    clearInterval(polling);
    stop();
  };
}
