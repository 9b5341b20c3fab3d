// A command to the API that belongs to one intention. Its ids are kept until the
// server has answered, so that pressing again after a lost answer repeats the same
// command and nothing is done twice.
import { useRef, useState } from "preact/hooks";
import { type RequestError, asRequestError, newID, request } from "../api/client";
import type { TypedDocumentString } from "../api/gql/graphql";
import { announce } from "./announce";

/** Gives the id of a noun in this intention, always the same; `which` tells several of one noun apart. */
export type IDs = (noun: string, which?: string | number) => string;

export interface Command<T, V> {
  /** Send; undefined when it was refused or nobody answered. */
  run: (build: (ids: IDs) => V) => Promise<T | undefined>;
  busy: boolean;
  error: RequestError | undefined;
}

interface Options {
  /** The text that is announced when it is done. */
  done: string;
  /** The record has changed meanwhile (CONFLICT, INVALID_TRANSITION): read it again. */
  overtaken?: (error: RequestError) => void;
}

/** A command; see `Command`. */
export function useCommand<T, V>(document: TypedDocumentString<T, V>, { done, overtaken }: Options): Command<T, V> {
  const [state, setState] = useState<{ busy: boolean; error?: RequestError }>({ busy: false });
  const open = useRef<{ content: string; ids: Map<string, string> } | undefined>(undefined);

  async function run(build: (ids: IDs) => V): Promise<T | undefined> {
    const content = JSON.stringify(build((noun, which = "") => `${noun}${which}`));
    if (open.current?.content !== content) open.current = { content, ids: new Map() };
    const { ids } = open.current;
    const variables = build((noun, which = "") => {
      const name = `${noun}${which}`;
      if (!ids.has(name)) ids.set(name, newID(noun));
      return ids.get(name)!;
    });
    setState({ busy: true });
    announce("");
    try {
      const data = await request(document, variables);
      open.current = undefined;
      setState({ busy: false });
      announce(done);
      return data;
    } catch (cause) {
      const error = asRequestError(cause);
      if (!error.retryable) open.current = undefined;
      setState({ busy: false, error });
      if (error.code === "CONFLICT" || error.code === "INVALID_TRANSITION") overtaken?.(error);
      return undefined;
    }
  }

  return { run, busy: state.busy, error: state.error };
}
