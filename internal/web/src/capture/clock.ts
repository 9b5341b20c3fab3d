// The device's clock against the server's. A phone's clock may be years off: what
// people did is sent in the server's time, as far as the difference is known.
import { signal } from "@preact/signals";

/** How far the device's clock is behind the server's, in ms; null before the server has answered. */
export const behind = signal<number | null>(null);

/** The difference from which the page warns, in ms. */
const large = 2 * 60_000;

/** Whether the device's clock is so far off that the page warns. */
export const clockIsOff = (): boolean => behind.value !== null && Math.abs(behind.value) > large;

/** Note the difference from an answer's header `Date`, which is cut to the second. */
export function noteServerDate(date: string | null): void {
  if (date) behind.value = Date.parse(date) + 500 - Date.now();
}

/** An instant of the device's clock, and how far that was off when it was read. */
export interface Instant {
  device: number;
  behind: number | null;
}

/** Now, by the device. */
export const now = (): Instant => ({ device: Date.now(), behind: behind.value });

/**
 * An instant in the server's time: by the difference that was known then, else by
 * the one known now. Never later than now, since the server takes no future.
 */
export function serverTime(at: Instant): string {
  const difference = at.behind ?? behind.value ?? 0;
  return new Date(Math.min(at.device + difference, Date.now() + (behind.value ?? 0))).toISOString();
}
