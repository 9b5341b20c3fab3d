// For which steps of what a file stands, with the way there.
import { instant } from "../../ui/format";
import { localized, texts } from "../../ui/language";
import { word } from "../../ui/words";
import { to, toDashboard } from "../to";
import type { EvidenceUse } from "./query";

const t = texts({
  none: ["还没有用于任何环节", "It stands for no step yet"],
  notice: ["整改通知书", "Rectification notice"],
});

/** Where a file belongs. */
export function Uses({ uses }: { uses: EvidenceUse[] | null | undefined }) {
  if (!uses?.length) return <span class="soft">{t.none}</span>;
  return (
    <ul class="uses">
      {uses.map((use) => {
        const report = use.report ?? use.finding?.report;
        const item = use.finding?.item;
        return (
          <li>
            {word(use.step)}
            {use.hazard && <> · <a href={to(["hazard", use.hazard.id])}>{use.hazard.description}</a></>}
            {report && <> · <a href={toDashboard(["reports", report.id])}>{word(report.kind)} {instant(report.startedAt)}</a></>}
            {item && <> · {localized(item.text, item.textEn)}</>}
            {use.notice && <> · <a href={to(["notice", use.notice.id])}>{use.notice.number ?? t.notice}</a></>}
          </li>
        );
      })}
    </ul>
  );
}
