// Who uses this phone now. What was entered belongs to the account that entered
// it, and is sent by that account alone, however often people sign in and out.
import { effect, signal } from "@preact/signals";
import type { TypedDocumentString } from "../api/gql/graphql";
import { RequestError, post } from "../api/post";
import { asViewer, signedIn } from "../api/session";
import { texts } from "../ui/language";
import { noteServerDate } from "./clock";
import { Me } from "./operations";

const t = texts({
  outdated: ["服务器已是新版本，本页要更新后才能继续。已填内容都在本机。", "The server is of a newer version: this page goes on after an update. What was entered is kept."],
  other: ["当前登录的是另一账号。", "Another account is signed in now."],
});

/** Whether the server does not understand this page any more: it is of a newer version. */
export const outdated = signal(false);

// The operation that it did not understand: the others may be sent.
let misunderstood: object | null = null;

export interface Owner {
  id: string;
  name: string;
}

const key = "cleargrid.capture.owner";

function remembered(): Owner | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") as Owner | null;
  } catch {
    return null;
  }
}

/** Who enters things here; without a network as the last answer said. Null before anybody has signed in. */
export const owner = signal<Owner | null>(remembered());

// The next sign-in may be by another person.
effect(() => {
  if (signedIn.value) return;
  localStorage.removeItem(key);
  owner.value = null;
  known = null;
});

// Whose a token is. A renewed token is looked at again: another person may have signed in on another page.
let known: { token: string; id: string } | null = null;

async function whose(token: string): Promise<string> {
  if (known?.token === token) return known.id;
  const { data, date } = await post(Me, {}, token);
  noteServerDate(date);
  const user = data.viewer?.user;
  if (!user) throw new RequestError(t.other, "UNAUTHENTICATED", false);
  known = { token, id: user.id };
  if (owner.value?.id !== user.id || owner.value.name !== user.name) {
    localStorage.setItem(key, JSON.stringify(user));
    owner.value = { id: user.id, name: user.name };
  }
  return user.id;
}

/**
 * Ask as the viewer, and only if that is `as`, when given. RequestError as `request`;
 * code OTHER_ACCOUNT when somebody else is signed in.
 */
export function ask<T, V>(document: TypedDocumentString<T, V>, variables: V, as?: string): Promise<T> {
  return asViewer(async (token) => {
    if (token && (await whose(token)) !== (as ?? owner.value?.id)) throw new RequestError(t.other, "OTHER_ACCOUNT", true);
    try {
      const { data, date } = await post(document, variables, token);
      noteServerDate(date);
      if (document === misunderstood) outdated.value = false;
      return data;
    } catch (error) {
      if (!(error instanceof RequestError && error.reason === "query.invalid")) throw error;
      // Nothing was refused: the page is too old to ask. All of it waits for the newer one.
      outdated.value = true;
      misunderstood = document;
      throw new RequestError(t.outdated, "OUTDATED", true);
    }
  });
}
