// Chinese first, English complete: every text is written once, in both.
import { signal } from "@preact/signals";

export type Language = "zh-CN" | "en";

const key = "cleargrid.language";

function preferred(): Language {
  const kept = localStorage.getItem(key);
  if (kept === "zh-CN" || kept === "en") return kept;
  return navigator.languages.some((l) => l.startsWith("zh")) || !navigator.language.startsWith("en") ? "zh-CN" : "en";
}

/** The language of everything that is shown, and of the server's messages. */
export const language = signal<Language>(preferred());

language.subscribe((l) => {
  document.documentElement.lang = l;
});

/** Switch, and remember it on this device. */
export function setLanguage(l: Language): void {
  localStorage.setItem(key, l);
  language.value = l;
}

type Pairs = Record<string, readonly [zh: string, en: string]>;

/**
 * A page's texts: `const t = texts({ open: ["未销号", "Open"] })`, then `t.open`. Each
 * read follows the language, so a component that reads it renders again.
 */
export function texts<P extends Pairs>(pairs: P): { readonly [K in keyof P]: string } {
  return new Proxy(pairs as never, {
    get: (_, name: string) => pairs[name]?.[language.value === "en" ? 1 : 0] ?? name,
  });
}

/** What the server has in both languages, in the reader's; the Chinese where there is no English. */
export const localized = (zh: string, en: string | null | undefined): string => (language.value === "en" && en) || zh;

/** What is said of something, behind its name: `类别：消防`, `Category: Fire`. */
export const labelled = (label: string, text: string): string => (language.value === "en" ? `${label}: ${text}` : `${label}：${text}`);

/** Put values into a text: `fill("{n} 条", { n: 3 })`. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
