// How long something waited on the phone for a network. It is shown, and a case of a
// late report does not count it.
import { fill, language, texts } from "../ui/language";
import type { Command, FileRecord } from "./schema";

const t = texts({
  waits: ["已等待 {time}", "Has waited for {time}"],
  waited: ["在手机上等待了 {time} 才传到服务器（不计入考核）", "Waited {time} on the phone before the server had it (held against nobody)"],
});

/** The wait from which it is shown, in ms. */
const worth = 60_000;

const units = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000]] as const;

/** A length of time in its two largest units, for example 2 小时 5 分钟. */
export function duration(ms: number): string {
  const parts: string[] = [];
  let rest = ms;
  for (const [unit, size] of units) {
    const n = Math.floor(rest / size);
    rest -= n * size;
    if (n > 0 && parts.length < 2) parts.push(n.toLocaleString(language.value, { style: "unit", unit, unitDisplay: "long" }));
  }
  return parts.join(" ");
}

/** A text on how long commands wait, or waited until the server had the last of them; undefined when it was short. */
export function waiting(commands: Command[]): string | undefined {
  const sent = commands.filter((c) => c.queued !== undefined);
  const open = sent.filter((c) => c.state === "waiting");
  const longest = Math.max(0, ...(open.length ? open : sent).map((c) => (c.done ?? Date.now()) - c.queued!));
  if (longest < worth || sent.some((c) => c.state === "refused")) return undefined;
  return fill(open.length ? t.waits : t.waited, { time: duration(longest) });
}

/** The same of a file, as the server measured it. */
export const fileWaited = ({ queuedMs }: FileRecord): string | undefined => (queuedMs && queuedMs >= worth ? fill(t.waited, { time: duration(queuedMs) }) : undefined);
