// Tells that a command is done: shown on the page, and read out by screen readers.
import "./form.css";
import { signal } from "@preact/signals";

const text = signal("");

/** Show a text in the place of the last one. */
export function announce(what: string): void {
  text.value = what;
}

/** Where the text is shown; one in a page. */
export function Announcement() {
  return <p class="said" role="status">{text.value}</p>;
}
