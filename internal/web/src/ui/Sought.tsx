// Choices of which only the first are offered: words narrow them down.
import { useRef } from "preact/hooks";
import { texts } from "./language";

const t = texts({
  find: ["查找", "Find"],
  hint: ["至少两个字", "two characters or more"],
  more: ["还有更多，请输入名称查找。", "There are more: type a part of the name."],
});

/** How many choices are offered at once. */
export const offered = 50;

/** How long the typing rests before it is looked for, in milliseconds. */
const rest = 300;

/** The field above the choices. `find` is given the words when the typing rests; undefined when they are too short to look for. */
export function Sought({ what, more, find }: { what: string; more: boolean; find: (words: string | undefined) => void }) {
  const waiting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const look = (typed: string) => {
    clearTimeout(waiting.current);
    const words = typed.trim();
    waiting.current = setTimeout(() => find(words.length > 1 ? words : undefined), rest);
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
      <span class="soft" role="status">{more ? t.more : ""}</span>
    </>
  );
}
