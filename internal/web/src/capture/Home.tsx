// What is mine and what is left of it.
import { day, instant } from "../ui/format";
import { fill, texts } from "../ui/language";
import { link } from "../ui/route";
import { owner } from "./account";
import { drafts } from "./drafts";
import { Install } from "./Install";
import { type Place, places } from "./inspections";
import type { Entry, HazardForm, InspectionForm, RectificationForm } from "./schema";
import { refresh, snapshot, staleBecause } from "./snapshot";
import { kept } from "./store";

const t = texts({
  loading: ["正在读取…", "Loading…"],
  retry: ["重试", "Try again"],
  refresh: ["刷新", "Refresh"],
  asOf: ["数据截至 {at}", "As of {at}"],
  noCampaign: ["目前没有您参加的排查活动。", "No campaign that you take part in."],
  noGrids: ["您名下没有网格。请联系学校安全主任指定网格责任人。", "No grid is assigned to you. Ask the school's safety officer."],
  until: ["自查截止 {day}", "Self-inspection until {day}"],
  grids: ["我的网格", "My grids"],
  left: ["还有 {n} 项待查", "{n} left"],
  proof: ["{n} 项待补证", "{n} without proof"],
  done: ["已全部证实", "All proven"],
  nothing: ["本网格没有排查内容", "Nothing to inspect here"],
  running: ["检查中：已填 {n} 项", "In progress: {n} recorded"],
  drafts: ["未完成的填写", "Half entered"],
  hazard: ["隐患", "Hazard"],
  rectification: ["整改", "Rectification"],
  untitled: ["（尚无描述）", "(no description yet)"],
  visits: ["督查", "Supervision"],
  startVisit: ["开始一次督查", "Start a visit"],
});

export function Home() {
  const s = snapshot.value;
  if (!s) {
    const problem = staleBecause.value;
    return problem ? (
      <section class="card stack">
        <p class="problem" role="alert">{problem.message}</p>
        <button type="button" onClick={() => void refresh()}>{t.retry}</button>
      </section>
    ) : <p role="status">{t.loading}</p>;
  }
  const inspector = s.viewer.roles.includes("INSPECTOR");
  const list = places(s);
  return (
    <>
      <Drafts />
      {!s.campaign && <p class="card">{t.noCampaign}</p>}
      {s.campaign && inspector && <Visits />}
      {s.campaign && !inspector && (
        <section class="stack" aria-labelledby="grids">
          <h2 id="grids">{t.grids}</h2>
          {s.remaining[0] && <p class="soft">{fill(t.until, { day: day(s.remaining[0].dueOn) })}</p>}
          {list.length === 0 && <p class="card">{t.noGrids}</p>}
          <div class="cards">{list.map((p) => <GridCard key={p.key} place={p} />)}</div>
        </section>
      )}
      <p class="soft stamp">
        {fill(t.asOf, { at: instant(new Date(s.at).toISOString()) })}
        <button type="button" class="quiet" onClick={() => void refresh()}>{t.refresh}</button>
      </p>
      <Install />
      {staleBecause.value && <p class="problem">{staleBecause.value.message}</p>}
    </>
  );
}

function GridCard({ place }: { place: Place }) {
  const { items, left, claimed, entry } = place;
  const recorded = entry?.form.findings.length ?? 0;
  return (
    <a class="card row" href={link(["inspect", place.schoolId, place.gridId ?? "school"])}>
      <span>
        <strong>{place.name}</strong>
        <span class="soft">{place.schoolName}</span>
      </span>
      <span class={left ? "chip warn" : claimed ? "chip" : "chip good"}>
        {recorded ? fill(t.running, { n: recorded }) : items.length === 0 ? t.nothing : left ? fill(t.left, { n: left }) : claimed ? fill(t.proof, { n: claimed }) : t.done}
      </span>
    </a>
  );
}

function Visits() {
  const running = kept.value.entries.filter((e): e is Entry<InspectionForm> => e.owner === owner.value?.id && e.form.kind === "inspection" && e.form.supervision && !e.form.submitted);
  return (
    <section class="stack" aria-labelledby="visits">
      <h2 id="visits">{t.visits}</h2>
      {running.map((e) => (
        <a class="card row" key={e.id} href={link(["inspect", e.schoolId, e.id])}>
          <strong>{e.title}</strong>
          <span class="chip warn">{fill(t.running, { n: e.form.findings.length })}</span>
        </a>
      ))}
      <a class="button primary" href={link(["visit"])}>{t.startVisit}</a>
    </section>
  );
}

const text = (form: HazardForm | RectificationForm) => (form.kind === "hazard" ? form.description : form.measures) || t.untitled;

function Drafts() {
  const list = drafts();
  if (list.length === 0) return null;
  return (
    <section class="stack" aria-labelledby="drafts">
      <h2 id="drafts">{t.drafts}</h2>
      {list.map((e) => (
        <a class="card row" key={e.id} href={link([e.form.kind === "hazard" ? "hazard" : "rectify", e.id])}>
          <span class="clip">{text(e.form)}</span>
          <span class="chip warn">{e.form.kind === "hazard" ? t.hazard : t.rectification}</span>
        </a>
      ))}
    </section>
  );
}
