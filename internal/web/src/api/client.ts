// How a page asks the API: as the signed-in person.
import type { TypedDocumentString } from "./gql/graphql";
import { post } from "./post";
import { asViewer } from "./session";

export { graphql } from "./gql";
export { RequestError, asRequestError } from "./post";

/** Send an operation as the viewer. RequestError as `post`; when the session has ended, the form to sign in appears. */
export function request<T, V>(document: TypedDocumentString<T, V>, variables: V, abort?: AbortSignal): Promise<T> {
  return asViewer(async (token) => (await post(document, variables, token, abort)).data);
}

/** A new id for a record or command that this client makes: `<noun>_<uuid v7>`. */
export function newID(noun: string): string {
  return `${noun}_${uuid7()}`;
}

/** A new id for a command: a UUID alone. */
export function uuid7(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setBigUint64(0, BigInt(Date.now()) << 16n | BigInt((bytes[6]! << 8) | bytes[7]!));
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
