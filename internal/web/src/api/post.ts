// One GraphQL request over HTTP, and what can go wrong with it.
import { language } from "../ui/language";
import type { TypedDocumentString } from "./gql/graphql";

/** A field of the input that was refused, and why. */
export interface FieldFault {
  path: string;
  message: string;
}

/** What the server refused, or that it could not be reached (`UNAVAILABLE`). */
export class RequestError extends Error {
  constructor(
    message: string,
    /** A stable code of the API, for example `CONFLICT`. */
    readonly code: string,
    /** Whether the same request may work later. */
    readonly retryable: boolean,
    readonly fields: FieldFault[] = [],
    /** Seconds to wait before another try, if the server said so. */
    readonly retryAfter?: number,
    /** What exactly, for programs, for example `query.invalid`. */
    readonly reason?: string,
  ) {
    super(message);
  }
}

/** Anything that was thrown, as a RequestError: what is none is a fault of the page, INTERNAL, and may be tried again. */
export const asRequestError = (cause: unknown): RequestError => (cause instanceof RequestError ? cause : new RequestError(String(cause), "INTERNAL", true));

interface Answer<T> {
  data: T;
  /** The server's clock when it answered: the header `Date`. */
  date: string | null;
}

interface Body<T> {
  data?: T | null;
  errors?: { message: string; extensions?: { code?: string; reason?: string; retryable?: boolean; fields?: FieldFault[] } }[];
}

/**
 * Send one operation. RequestError when there is no answer or it has an error: a
 * field that may be hidden is null without one, so an error always means something.
 */
export async function post<T, V>(document: TypedDocumentString<T, V>, variables: V, token?: string | null, abort?: AbortSignal): Promise<Answer<T>> {
  let response: Response;
  let body: Body<T>;
  try {
    response = await fetch("/graphql", {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/graphql-response+json",
        "Accept-Language": language.value,
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify({ query: document.toString(), variables }),
      ...(abort ? { signal: abort } : {}),
    });
    body = (await response.json()) as Body<T>;
  } catch (cause) {
    if (abort?.aborted) throw cause;
    throw new RequestError(language.value === "en" ? "The server can't be reached." : "无法连接服务器。", "UNAVAILABLE", true);
  }
  const error = body.errors?.[0];
  if (error || !body.data) {
    const after = Number(response.headers.get("Retry-After"));
    throw new RequestError(
      error?.message ?? `HTTP ${response.status}`,
      error?.extensions?.code ?? "INTERNAL",
      error?.extensions?.retryable ?? response.status >= 500,
      error?.extensions?.fields,
      after > 0 ? after : undefined,
      error?.extensions?.reason,
    );
  }
  return { data: body.data, date: response.headers.get("Date") };
}
