// Who is signed in here: one session for every page of this browser.
//
// A refresh token works once, so only one page may use it at a time: a lock of the
// browser sees to that, and the others find the new tokens when they get the lock.
import { computed, signal } from "@preact/signals";
import { graphql } from "./gql";
import { RequestError, post } from "./post";

interface Session {
  accessToken: string;
  refreshToken: string;
  /** When the access token ends, as this device's clock will say it: ms since 1970. */
  until: number;
}

const key = "cleargrid.session";

/** How long before its end a token is exchanged, in ms. */
const early = 30_000;

const SignIn = graphql(`
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) { accessToken refreshToken expiresAt }
  }
`);

const Refresh = graphql(`
  mutation Refresh($input: RefreshSessionInput!) {
    refreshSession(input: $input) { accessToken refreshToken expiresAt }
  }
`);

const SignOut = graphql(`
  mutation SignOut { signOut { signedOut } }
`);

const stored = signal<Session | null>(read());

/** Whether somebody is signed in, as far as this browser knows. */
export const signedIn = computed(() => stored.value !== null);

// Another page of this browser signed in, out, or refreshed.
addEventListener("storage", (event) => {
  if (event.key === key || event.key === null) stored.value = read();
});

function read(): Session | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") as Session | null;
  } catch {
    return null;
  }
}

function keep(session: Session | null): void {
  if (session) localStorage.setItem(key, JSON.stringify(session));
  else localStorage.removeItem(key);
  stored.value = session;
}

// The server's clock decides; what this device thinks of the time may be years off.
function fromPayload(p: { accessToken: string; refreshToken: string; expiresAt: string }, answeredAt: string | null): Session {
  const serverNow = answeredAt ? Date.parse(answeredAt) : Date.now();
  return { accessToken: p.accessToken, refreshToken: p.refreshToken, until: Date.now() + Date.parse(p.expiresAt) - serverNow };
}

/** Sign in. RequestError when the server refuses. */
export async function signIn(account: string, password: string): Promise<void> {
  const { data, date } = await post(SignIn, { input: { account, password } });
  keep(fromPayload(data.signIn, date));
}

/** End the session here and on the server; the page shows the form to sign in even when the server can't be reached. */
export async function signOut(): Promise<void> {
  const token = stored.value?.accessToken;
  keep(null);
  if (token) await post(SignOut, {}, token).catch(() => undefined);
}

// Forget a session that the server no longer knows.
function forget(token: string): void {
  if (stored.value?.accessToken === token) keep(null);
}

/**
 * The access token to send, exchanged for a new one when it is about to end or when
 * the server has `refused` it; null when nobody is signed in.
 */
export async function accessToken(refused?: string): Promise<string | null> {
  const good = (s: Session) => Date.now() < s.until - early && s.accessToken !== refused;
  if (!stored.value) return null;
  if (good(stored.value)) return stored.value.accessToken;
  return navigator.locks.request(key, async () => {
    stored.value = read();
    const session = stored.value;
    if (!session || good(session)) return session?.accessToken ?? null;
    try {
      const { data, date } = await post(Refresh, { input: { refreshToken: session.refreshToken } });
      keep(fromPayload(data.refreshSession, date));
    } catch (cause) {
      // No network is no reason to throw a session away.
      if (!(cause instanceof RequestError && cause.code === "UNAUTHENTICATED")) throw cause;
      keep(null);
    }
    return stored.value?.accessToken ?? null;
  });
}

/**
 * Send something with the access token, and once more with a new one when the server
 * refuses the first: a token may end earlier than this device's clock thinks. A
 * session that can't be renewed is forgotten, which shows the form to sign in.
 */
export async function asViewer<T>(send: (token: string | null) => Promise<T>): Promise<T> {
  const refused = (error: unknown) => error instanceof RequestError && error.code === "UNAUTHENTICATED";
  const token = await accessToken();
  try {
    return await send(token);
  } catch (error) {
    if (!token || !refused(error)) throw error;
    const renewed = await accessToken(token);
    if (!renewed) throw error;
    try {
      return await send(renewed);
    } catch (again) {
      if (refused(again)) forget(renewed);
      throw again;
    }
  }
}
