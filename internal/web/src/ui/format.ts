// Numbers, days and instants as the reader's language writes them.
import { language } from "./language";

/** The zone of deadlines and of what people read (domain.md: the campaign's zone). */
let zone = "Asia/Shanghai";

/** Show instants in a campaign's zone from now on. */
export function setZone(name: string): void {
  zone = name;
}

export const number = (n: number): string => n.toLocaleString(language.value);

export const percent = (share: number): string =>
  share.toLocaleString(language.value, { style: "percent", maximumFractionDigits: 1 });

/** An instant (RFC 3339) to the minute. */
export const instant = (at: string): string =>
  new Date(at).toLocaleString(language.value, { timeZone: zone, dateStyle: "medium", timeStyle: "short" });

/** A calendar day (`2021-04-30`), which has no zone. */
export const day = (on: string): string =>
  new Date(`${on}T00:00:00Z`).toLocaleDateString(language.value, { timeZone: "UTC", dateStyle: "medium" });

/** A size in bytes. */
export function bytes(n: number): string {
  for (const [unit, size] of [["GB", 1 << 30], ["MB", 1 << 20], ["KB", 1 << 10]] as const) {
    if (n >= size) return `${(n / size).toLocaleString(language.value, { maximumFractionDigits: 1 })} ${unit}`;
  }
  return `${n} B`;
}

/** An amount in fen (1/100 yuan), as yuan. */
export const yuan = (fen: number): string => (fen / 100).toLocaleString(language.value, { style: "currency", currency: "CNY" });
