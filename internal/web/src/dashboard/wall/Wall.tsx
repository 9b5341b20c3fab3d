// The dashboard on a wall: read from five metres, refreshed by itself, nothing to
// press. `#/wall`, with the same region and campaign as everywhere.
import { useEffect, useState } from "preact/hooks";
import { QueryState } from "../../ui/State";
import { instant, number, percent } from "../../ui/format";
import { fill, texts } from "../../ui/language";
import { useLive } from "../../ui/useLive";
import { useQuery } from "../../ui/useQuery";
import { Curve } from "../overview/Curve";
import { type Dashboard, Overview, dashboardChanged } from "../overview/query";
import { to } from "../place";
import { useScene } from "../scene";

const t = texts({
  title: ["校园安全隐患排查整治", "Campus safety hazards"],
  open: ["未销号", "Open"],
  overdue: ["逾期", "Overdue"],
  major: ["重大未销号", "Major, open"],
  rate: ["整改率", "Clear rate"],
  underOversight: ["挂牌督办", "Under oversight"],
  self: ["自查证实", "Self-inspected"],
  visited: ["督查证实", "Visited"],
  regions: ["各区域未销号", "Open by region"],
  full: ["全屏", "Full screen"],
  back: ["返回", "Back"],
  at: ["{at} 的数据", "Figures of {at}"],
});

/** How many regions fit on a wall; on a lower one those that fit whole. */
const most = 8;

export function Wall() {
  const { campaign, regionId, asOf } = useScene();
  const variables = { campaign: campaign.id, region: regionId };
  const query = useQuery(Overview, { ...variables, asOf });
  useLive(dashboardChanged, asOf ? null : variables, query.reload);
  const dashboard = query.data?.dashboard;
  const [full, setFull] = useState(Boolean(document.fullscreenElement));
  useEffect(() => {
    const changed = () => setFull(Boolean(document.fullscreenElement));
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, []);

  return (
    <main class="wall">
      <header>
        <h1>{dashboard?.region?.name} {t.title}</h1>
        <p>{dashboard && fill(t.at, { at: instant(dashboard.at) })}</p>
        {!full && (
          <p class="wall-tools">
            <a href={to([])}>{t.back}</a>
            <button type="button" onClick={() => void document.documentElement.requestFullscreen()}>{t.full}</button>
          </p>
        )}
      </header>
      {(!dashboard || query.error) && <QueryState query={query} />}
      {dashboard && (
        <>
          <Numbers dashboard={dashboard} />
          <Curve days={dashboard.days ?? []} big={innerWidth / (innerWidth > 960 ? 1920 : 900) /* --u of .wall */} />
          <Regions dashboard={dashboard} />
        </>
      )}
    </main>
  );
}

function Numbers({ dashboard }: { dashboard: Dashboard }) {
  const f = dashboard.total;
  const rows: [label: string, value: string, tone: string, of?: number][] = [
    [t.open, number(f.open), f.open === 0 ? "good" : "warn"],
    [t.rate, percent(f.clearRate), ""],
    [t.overdue, number(f.overdue), f.overdue > 0 ? "bad" : "good"],
    [t.major, number(f.majorOpen), f.majorOpen > 0 ? "bad" : "good"],
    [t.underOversight, number(f.underOversight), ""],
    [t.self, number(f.schoolsSelfProven), "", f.schoolsDue],
    [t.visited, number(f.schoolsVisitedProven), "", f.schoolsDue],
  ];
  return (
    <dl class="wall-numbers">
      {rows.map(([label, value, tone, of]) => <div class={tone}><dt>{label}</dt><dd>{value}{of !== undefined && <small>/{number(of)}</small>}</dd></div>)}
    </dl>
  );
}

function Regions({ dashboard }: { dashboard: Dashboard }) {
  const rows = dashboard.children.map((c) => ({ name: c.region?.name ?? "", open: c.figures.open })).sort((a, b) => b.open - a.open).slice(0, most);
  if (rows.length === 0) return null;
  const top = Math.max(1, ...rows.map((r) => r.open));
  return (
    <section class="card wall-regions" aria-labelledby="wall-regions">
      <h2 id="wall-regions">{t.regions}</h2>
      <ul>
        {rows.map((r) => (
          <li>
            <span>{r.name}</span>
            <span class="bar" style={{ width: `${(r.open / top) * 100}%` }} aria-hidden="true" />
            <strong>{number(r.open)}</strong>
          </li>
        ))}
      </ul>
    </section>
  );
}
