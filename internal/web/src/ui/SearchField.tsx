// Choices of which only the first are offered: words narrow them down.
import { useRef } from "preact/hooks";
import type { RequestError } from "../api/client";
import { texts } from "./language";

const t = texts({
  find: ["查找", "Find"],
  hint: ["至少两个字", "two characters or more"],
  more: ["还有更多，请输入名称查找。", "There are more: type a part of the name."],
  none: ["没有找到。", "Nothing is found."],
});

/** How many choices are offered at once. */
export const offered = 50;

/** How long the typing must pause before it is searched for, in milliseconds. */
const rest = 300;

interface Props {
  /** What is looked for. */
  what: string;
  /** The first of what there is. */
  found: { edges: unknown[]; pageInfo: { hasNextPage: boolean } } | null | undefined;
  error: RequestError | undefined;
  /** Called with the words when the typing pauses; undefined when none is long enough to search for. */
  find: (words: string | undefined) => void;
}

/** The field above the choices, and how many it found. */
export function SearchField({ what, found, error, find }: Props) {
  const waiting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const look = (typed: string) => {
    clearTimeout(waiting.current);
    const words = typed.split(/\s+/).filter((word) => word.length > 1).slice(0, 8).join(" ");
    waiting.current = setTimeout(() => find(words || undefined), rest);
  };
  return (
    <>
      <input
        type="search"
        aria-label={`${t.find} ${what}`}
        placeholder={`${t.find} · ${t.hint}`}
        maxLength={64}
        onInput={(e) => look(e.currentTarget.value)}
        onKeyDown={(e) => e.key === "Enter" && e.preventDefault() /* it would send the form */}
      />
      <span class="soft" role="status">{error?.message ?? (found?.pageInfo.hasNextPage ? t.more : found?.edges.length === 0 ? t.none : "")}</span>
    </>
  );
}
