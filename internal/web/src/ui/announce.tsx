// What has just been done, said to everybody: shown, and read out by screen readers.
import "./form.css";
import { signal } from "@preact/signals";

const said = signal("");

/** Say that something was done. */
export function say(text: string): void {
  said.value = text;
}

/** Where it is said; one in a page. */
export function Live() {
  return <p class="said" role="status">{said.value}</p>;
}
