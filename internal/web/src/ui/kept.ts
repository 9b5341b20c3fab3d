// What somebody has typed or attached but not sent. It is kept while the page is
// open, so that a form is as it was after signing in again, and belongs to one person.
import { type Signal, signal } from "@preact/signals";

const kept = new Map<string, Signal<unknown>>();
let owner = "";

/** Whose unsent work is kept from now on; somebody else's is forgotten. */
export function keepFor(person: string): void {
  if (owner !== person) kept.clear();
  owner = person;
}

/** What is kept under a name; `initial` while there is nothing. */
export function keptAs<T>(name: string, initial: T): Signal<T> {
  let found = kept.get(name) as Signal<T> | undefined;
  if (!found) kept.set(name, (found = signal(initial)) as Signal<unknown>);
  return found;
}

/** Forget what has been sent. */
export function forgetKept(name: string): void {
  kept.delete(name);
}
