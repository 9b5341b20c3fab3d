// Townships × categories: where what is open. The darker, the more; every cell opens
// its list.
import { Empty } from "../../ui/State";
import { number } from "../../ui/format";
import { texts } from "../../ui/language";
import { behind, filtered } from "../place";
import { useScene } from "../scene";
import { route } from "../../ui/route";
import type { Dashboard } from "./query";

const t = texts({
  title: ["乡镇 × 类别", "Townships × categories"],
  caption: ["各区域各类别的隐患数", "Hazards by region and category"],
  region: ["区域", "Region"],
  all: ["合计", "Total"],
  none: ["没有隐患。", "No hazards."],
  open: ["未销号", "Open"],
  found: ["累计发现", "Found"],
  counts: ["计数", "Count"],
});

interface Row {
  id: string | undefined;
  name: string;
  counts: Map<string, number>;
}

export function Heat({ dashboard }: { dashboard: Dashboard }) {
  const { category } = useScene();
  const what = route.value.query.get("heat") === "found" ? "found" : "open";
  const countsOf = (rows: { key: string; found: number; open: number }[]) => new Map(rows.map((r) => [r.key, r[what]]));

  const whole: Row = { id: dashboard.region?.id, name: t.all, counts: countsOf(dashboard.breakdown ?? []) };
  const byRegion = new Map(dashboard.breakdownByRegion?.map((r) => [r.region?.id, r.rows]));
  const rows: Row[] = dashboard.children.map(({ region }) => ({ id: region?.id, name: region?.name ?? "", counts: countsOf(byRegion.get(region?.id) ?? []) }));
  const categories = [...whole.counts.entries()].filter(([, n]) => n > 0).sort(([, a], [, b]) => b - a).map(([code]) => code);
  const top = Math.max(1, ...rows.flatMap((r) => [...r.counts.values()]));

  const cell = (row: Row, code: string, shade: boolean) => {
    const n = row.counts.get(code) ?? 0;
    if (n === 0) return <td class="number soft">0</td>;
    const href = behind(["hazards"], { region: row.id, category: code, open: what === "open" ? "true" : null });
    return (
      <td class="number" {...(shade ? { style: { backgroundColor: `color-mix(in srgb, var(--bad) ${Math.round(8 + (n / top) * 32)}%, var(--paper))` } } : {})}>
        <a href={href} aria-label={`${row.name} ${category(code)} ${n}`}>{number(n)}</a>
      </td>
    );
  };
  return (
    <section class="card wide heat" aria-labelledby="heat">
      <header class="card-head">
        <h2 id="heat">{t.title}</h2>
        <nav aria-label={t.counts} class="switch">
          {(["open", "found"] as const).map((w) => (
            <a href={filtered({ heat: w === "open" ? null : w })} {...(w === what ? { "aria-current": "true" as const } : {})}>{t[w]}</a>
          ))}
        </nav>
      </header>
      {categories.length === 0 ? <Empty>{t.none}</Empty> : (
        <div class="scroll" tabIndex={0} role="region" aria-label={t.caption}>
          <table>
            <caption class="visually-hidden">{t.caption}</caption>
            <thead>
              <tr>
                <th scope="col">{t.region}</th>
                {categories.map((c) => <th scope="col" class="number">{category(c)}</th>)}
              </tr>
            </thead>
            <tbody>
              {rows.map((r) => <tr key={r.id}><th scope="row">{r.name}</th>{categories.map((c) => cell(r, c, true))}</tr>)}
            </tbody>
            <tfoot>
              <tr><th scope="row">{t.all}</th>{categories.map((c) => cell(whole, c, false))}</tr>
            </tfoot>
          </table>
        </div>
      )}
    </section>
  );
}
