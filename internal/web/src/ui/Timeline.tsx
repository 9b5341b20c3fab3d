// What happened to something, in its order.
import type { ComponentChildren } from "preact";
import { instant } from "./format";
import { texts } from "./language";

const t = texts({
  received: ["服务器收到：", "Received: "],
  later: ["以下发生在所选时刻之后", "What follows happened after the chosen instant"],
});

/** One step: what was done, by whom, when by that person's account, and when the server received it. */
export interface Step {
  id: string;
  title: string;
  by?: string | undefined;
  at: string;
  receivedAt?: string | undefined;
  tone?: "good" | "warn" | "bad" | undefined;
  body?: ComponentChildren;
}

/** A step that arrives within so few minutes does not show when it was received. */
const prompt = 5;

/** Steps on a line, the first on top; those after `asOf` stand below a mark. */
export function Timeline({ label, steps, asOf }: { label: string; steps: Step[]; asOf?: string | undefined }) {
  const late = asOf ? steps.findIndex((s) => Date.parse(s.at) > Date.parse(asOf)) : -1;
  return (
    <ol class="timeline" aria-label={label}>
      {steps.map((s, i) => (
        <li key={s.id} class={`step ${s.tone ?? ""} ${late >= 0 && i >= late ? "later" : ""}`}>
          {i === late && <p class="later-mark">{t.later}</p>}
          <p class="step-head">
            <strong>{s.title}</strong> {s.by && <span>{s.by}</span>} <time class="soft" dateTime={s.at}>{instant(s.at)}</time>
            {s.receivedAt && Date.parse(s.receivedAt) - Date.parse(s.at) > prompt * 60_000 && (
              <span class="soft"> {t.received}<time dateTime={s.receivedAt}>{instant(s.receivedAt)}</time></span>
            )}
          </p>
          {s.body}
        </li>
      ))}
    </ol>
  );
}
