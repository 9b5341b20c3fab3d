// How the open hazards went to zero, day by day (动态清零).
import { useMemo } from "preact/hooks";
import { Chart, type Palette } from "../../ui/Chart";
import { Table } from "../../ui/List";
import { Empty } from "../../ui/State";
import { day, number } from "../../ui/format";
import { fill, language, texts } from "../../ui/language";
import type { Dashboard } from "./query";

const t = texts({
  title: ["动态清零", "Towards zero"],
  label: ["每日曲线：{from} 至 {until}，未销号由最高 {top} 到 {end}", "Day by day from {from} to {until}: open hazards went from {top} at most to {end}"],
  none: ["活动还没有开始。", "The campaign has not begun."],
  table: ["按日数据表", "The numbers by day"],
  day: ["日期", "Day"],
  found: ["累计发现", "Found"],
  closed: ["累计销号", "Closed"],
  open: ["未销号", "Open"],
  majorOpen: ["重大未销号", "Major, open"],
});

type Days = NonNullable<Dashboard["days"]>;

/** The chart; on a wall `big` is how large its texts are, 1 for a screen of 1920 px. */
export function Curve({ days, big }: { days: Days; big?: number }) {
  const spoken = language.value;
  const option = useMemo(() => (p: Palette) => curve(p, days, big), [days, big, spoken]);
  const first = days[0], last = days.at(-1);
  const label = first && last
    ? fill(t.label, { from: day(first.day), until: day(last.day), top: Math.max(...days.map((d) => d.open)), end: last.open })
    : t.none;
  return (
    <section class="card curve" aria-labelledby="curve">
      <h2 id="curve">{t.title}</h2>
      {first ? (
        <Chart
          label={label}
          option={option}
          big={Boolean(big)}
          table={!big && (
            <details>
              <summary>{t.table}</summary>
              <Table
                caption={t.title}
                rows={days}
                id={(d) => d.day}
                columns={[
                  { title: t.day, names: true, cell: (d) => day(d.day) },
                  { title: t.found, number: true, cell: (d) => number(d.found) },
                  { title: t.closed, number: true, cell: (d) => number(d.closed) },
                  { title: t.open, number: true, cell: (d) => number(d.open) },
                  { title: t.majorOpen, number: true, cell: (d) => number(d.majorOpen) },
                ]}
              />
            </details>
          )}
        />
      ) : <Empty>{t.none}</Empty>}
    </section>
  );
}

function curve(p: Palette, days: Days, big: number | undefined) {
  const size = big ? 30 * big : 12;
  const text = { color: p.soft, fontSize: size };
  const line = (name: string, color: string, pick: (d: Days[number]) => number, type: "solid" | "dashed" | "dotted") => ({
    name, type: "line", data: days.map(pick), showSymbol: false, color, lineStyle: { color, type, width: big ? 5 * big : 2 },
  });
  return {
    textStyle: { fontFamily: "system-ui, sans-serif" },
    grid: { left: 8, right: 16, top: big ? 70 * big : 40, bottom: 8, containLabel: true },
    legend: { textStyle: { ...text, color: p.ink }, icon: "roundRect", itemWidth: big ? 40 * big : 20, top: 0 },
    tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: p.paper, borderColor: p.line, textStyle: { color: p.ink } },
    xAxis: { type: "category", data: days.map((d) => d.day.slice(5)), axisLabel: text, axisLine: { lineStyle: { color: p.line } } },
    yAxis: { type: "value", minInterval: 1, axisLabel: text, splitLine: { lineStyle: { color: p.line } } },
    series: [
      line(t.found, p.soft, (d) => d.found, "dashed"),
      line(t.closed, p.good, (d) => d.closed, "solid"),
      { ...line(t.open, p.bad, (d) => d.open, "solid"), areaStyle: { color: p.bad, opacity: 0.18 } },
      line(t.majorOpen, p.warn, (d) => d.majorOpen, "dotted"),
    ],
  };
}
