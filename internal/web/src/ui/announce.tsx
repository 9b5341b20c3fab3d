// What has just been done, said to everybody: shown, and read out by screen readers.
import "./form.css";
import { signal } from "@preact/signals";

const text = signal("");

/** Say that something was done. */
export function announce(what: string): void {
  text.value = what;
}

/** Where it is said; one in a page. */
export function Announcement() {
  return <p class="said" role="status">{text.value}</p>;
}
