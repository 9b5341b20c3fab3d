// Numbers, days and instants as the reader's language writes them.
import { language } from "./language";

/** The zone of deadlines and of what people read (the campaign's `policy.timeZone`). */
let zone = "Asia/Shanghai";

/** Show instants in a campaign's zone from now on. */
export function setZone(name: string): void {
  zone = name;
}

export const number = (n: number): string => n.toLocaleString(language.value);

export const percent = (share: number | null | undefined): string =>
  share == null ? "—" : share.toLocaleString(language.value, { style: "percent", maximumFractionDigits: 1 });

/** Several names in a row. */
export const names = (all: readonly (string | false | null | undefined)[]): string => all.filter(Boolean).join(language.value === "en" ? ", " : "、");

/** An instant (RFC 3339) to the minute. */
export const instant = (at: string): string =>
  new Date(at).toLocaleString(language.value, { timeZone: zone, dateStyle: "medium", timeStyle: "short" });

/** A calendar day (`2021-04-30`), which has no zone. */
export const day = (on: string): string =>
  new Date(`${on}T00:00:00Z`).toLocaleDateString(language.value, { timeZone: "UTC", dateStyle: "medium" });

/** How long something took, in minutes, by the unit that tells most. */
export function lasting(minutes: number): string {
  const [unit, size] = minutes >= 48 * 60 ? ["day", 24 * 60] as const : minutes >= 120 ? ["hour", 60] as const : ["minute", 1] as const;
  return (minutes / size).toLocaleString(language.value, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: size === 1 ? 0 : 1 });
}

/** A size in bytes. */
export function bytes(n: number): string {
  for (const [unit, size] of [["GB", 1 << 30], ["MB", 1 << 20], ["KB", 1 << 10]] as const) {
    if (n >= size) return `${(n / size).toLocaleString(language.value, { maximumFractionDigits: 1 })} ${unit}`;
  }
  return `${n} B`;
}

/** An instant as an input of the kind `datetime-local` takes it, in the campaign's zone: `2021-04-30T18:00`. */
export function localOf(at: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short", timeStyle: "short", hourCycle: "h23" }).formatToParts(new Date(at));
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/** The instant that such an input means in the campaign's zone; null when it says none. */
export function instantOf(local: string): string | null {
  const asUTC = Date.parse(`${local}Z`);
  if (Number.isNaN(asUTC)) return null;
  // What the zone's clocks show at that instant of UTC tells how far they are ahead.
  const ahead = Date.parse(`${localOf(new Date(asUTC).toISOString())}Z`) - asUTC;
  return new Date(asUTC - ahead).toISOString();
}

/** An amount in fen (1/100 yuan), as yuan. */
export const yuan = (fen: number): string => (fen / 100).toLocaleString(language.value, { style: "currency", currency: "CNY" });

/** JSON with white space added to read it; a text that is no JSON stays as it is. */
export function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
