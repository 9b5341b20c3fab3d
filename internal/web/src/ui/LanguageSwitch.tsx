import { language, setLanguage } from "./language";

/** The other language's name, in that language: press to read in it. */
export function LanguageSwitch() {
  const other = language.value === "en" ? "zh-CN" : "en";
  return (
    <button type="button" class="quiet" lang={other} onClick={() => setLanguage(other)}>
      {other === "en" ? "English" : "中文"}
    </button>
  );
}
