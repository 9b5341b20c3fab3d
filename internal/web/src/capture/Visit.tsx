// Beginning a supervision visit: which school, and a check-in there.
import { useState } from "preact/hooks";
import { texts } from "../ui/language";
import { go, link } from "../ui/route";
import { beginVisit } from "./inspections";
import { locate, placeProblem } from "./place";
import { learnGrids, snapshot } from "./snapshot";

const t = texts({
  title: ["开始督查", "Start a visit"],
  search: ["查找学校", "Find the school"],
  planned: ["已安排", "Planned"],
  none: ["没有找到学校。", "No school is found."],
  checkIn: ["签到并开始：{name}", "Check in and start: {name}"],
  locating: ["正在定位…", "Looking for the position…"],
  refused: ["督查须现场签到：请在浏览器设置里允许本页使用位置，再试一次。", "A visit starts with a check-in on site: allow this page to use the position in the browser's settings, then try again."],
  unknown: ["现在定不了位，请到空旷处再试一次。", "The position is not known just now: go into the open and try again."],
});

/** How many schools are listed at once; the search narrows them. */
const listed = 30;

export function Visit() {
  const [search, setSearch] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const planned = new Set(snapshot.value?.planned);
  // The visits that are planned for the team come first.
  const schools = (snapshot.value?.schools ?? []).filter((s) => s.name.includes(search.trim())).sort((a, b) => Number(planned.has(b.id)) - Number(planned.has(a.id))).slice(0, listed);

  async function begin(school: { id: string; name: string }) {
    setBusy(true);
    setProblem(undefined);
    const position = await locate();
    setBusy(false);
    if (!position) return setProblem(t[placeProblem.value ?? "unknown"]);
    const entry = await beginVisit(school, position);
    void learnGrids(school.id);
    go(link(["inspect", school.id, entry.id]), true);
  }

  return (
    <section class="stack">
      <h2>{t.title}</h2>
      <label>
        {t.search}
        <input type="search" value={search} onInput={(e) => setSearch(e.currentTarget.value)} />
      </label>
      <p role="status">{busy && t.locating}</p>
      <p class="problem" role="alert">{problem}</p>
      {schools.length === 0 && <p class="card">{t.none}</p>}
      <ul class="plain stack">
        {schools.map((s) => (
          <li key={s.id}><button type="button" class="wide" disabled={busy} aria-label={t.checkIn.replace("{name}", s.name)} onClick={() => void begin(s)}>{s.name}{planned.has(s.id) && ` · ${t.planned}`}</button></li>
        ))}
      </ul>
    </section>
  );
}
