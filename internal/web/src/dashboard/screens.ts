// Every screen of the dashboard: the first part of its address, its code, and its
// entry in the menu. A screen is loaded when somebody goes there.
import type { ComponentType } from "preact";
import { texts } from "../ui/language";

const t = texts({
  overview: ["总览", "Overview"],
  work: ["工作台", "Work"],
  hazards: ["隐患", "Hazards"],
  schools: ["学校", "Schools"],
  notices: ["整改通知书", "Notices"],
  cases: ["追责线索", "Cases"],
  discrepancies: ["应发现未发现", "Discrepancies"],
  sampling: ["督查抽样", "Sampling"],
  changes: ["两日对比", "Compare"],
});

interface Screen {
  /** The first part of the address; "" is the overview. */
  at: string;
  /** What the menu calls it; a screen without a name is only reached through others. */
  label: () => string | undefined;
  load: () => Promise<ComponentType>;
}

const screen = (at: string, label: Exclude<keyof typeof t, symbol> | undefined, load: () => Promise<ComponentType>): Screen => ({
  at,
  label: () => (label ? t[label] : undefined),
  load,
});

/** The table. The next part of the address, if any, is the id of a record: each screen looks for itself. */
export const screens: Screen[] = [
  screen("", "overview", async () => (await import("./overview/Overview")).Overview),
  screen("work", "work", async () => (await import("../work/Work")).Work),
  screen("hazards", "hazards", async () => (await import("./hazards/Hazards")).Hazards),
  screen("schools", "schools", async () => (await import("./schools/Schools")).Schools),
  screen("coverage", undefined, async () => (await import("./schools/CoverageList")).CoverageList),
  screen("reports", undefined, async () => (await import("./reports/Reports")).Reports),
  screen("notices", "notices", async () => (await import("./notices/Notices")).Notices),
  screen("discrepancies", "discrepancies", async () => (await import("./accountability/Discrepancies")).Discrepancies),
  screen("cases", "cases", async () => (await import("./accountability/Cases")).Cases),
  screen("sampling", "sampling", async () => (await import("./sampling/Sampling")).Sampling),
  screen("changes", "changes", async () => (await import("./changes/Changes")).Changes),
];
