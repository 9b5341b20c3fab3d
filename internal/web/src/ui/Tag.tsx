// A short mark beside a text.
import type { ComponentChildren } from "preact";

/** How a mark looks; plain when it says neither good nor bad. */
export type Look = "good" | "warn" | "bad";

export function Tag({ look, children }: { look?: Look | undefined; children: ComponentChildren }) {
  return <span class={`tag ${look ?? ""}`}>{children}</span>;
}
