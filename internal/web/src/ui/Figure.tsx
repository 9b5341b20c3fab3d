// A number and what it counts. Where a list stands behind it, it leads there.
import type { ComponentChildren } from "preact";

export interface FigureProps {
  label: string;
  value: string;
  /** The list that is counted; a number without one is only shown. */
  href?: string | undefined;
  /** What the number is worth: whether it is good news, or asks for work. */
  tone?: "good" | "warn" | "bad" | undefined;
  /** A line below: what it is measured by. */
  note?: ComponentChildren;
}

/** One number of a dashboard; its name is the label with the number. */
export function Figure({ label, value, href, tone, note }: FigureProps) {
  const number = <span class="figure-value">{value}</span>;
  return (
    <div class={`figure ${tone ?? ""}`}>
      <dt>{label}</dt>
      <dd>
        {href ? <a href={href} aria-label={`${label} ${value}`}>{number}</a> : number}
        {note && <span class="figure-note soft">{note}</span>}
      </dd>
    </div>
  );
}

/** What is claimed beside what is proven, as two bars on the same whole. */
export function Claimed({ label, whole, claimed, proven, claimedHref, provenHref, words }: {
  label: string;
  whole: number;
  claimed: number;
  proven: number;
  claimedHref?: string | undefined;
  provenHref?: string | undefined;
  words: { claimed: string; proven: string; of: string };
}) {
  const part = (name: string, n: number, kind: string, href: string | undefined) => (
    <div class={`share ${kind}`}>
      <span>{name}</span>
      <meter min={0} max={Math.max(whole, 1)} value={n} aria-label={`${label} ${name}`} />
      {href ? <a href={href} aria-label={`${label} ${name} ${n}`}>{n}</a> : <span>{n}</span>}
    </div>
  );
  return (
    <div class="claimed">
      <h3>
        {label} <small class="soft">{words.of} {whole}</small>
      </h3>
      {part(words.claimed, claimed, "", claimedHref)}
      {part(words.proven, proven, "proven", provenHref)}
    </div>
  );
}
