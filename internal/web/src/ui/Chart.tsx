// A chart that is loaded when it is needed and drawn anew when the palette, the
// language, the size or the data change. Its numbers also stand in a table.
import type { EChartsCoreOption, EChartsType } from "echarts/core";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { language } from "./language";

/** The colours of the palette in force. */
export interface Palette {
  ink: string;
  soft: string;
  line: string;
  accent: string;
  good: string;
  warn: string;
  bad: string;
  paper: string;
}

function palette(of: Element): Palette {
  const style = getComputedStyle(of);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: color("ink"), soft: color("ink-soft"), line: color("line-soft"), accent: color("accent"),
    good: color("good"), warn: color("warn"), bad: color("bad"), paper: color("paper"),
  };
}

/** A chart with its name; `table` holds the same numbers for whoever can't see it. */
export function Chart({ label, option, table, big }: { label: string; option: (p: Palette) => EChartsCoreOption; table?: ComponentChildren; big?: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | undefined>(undefined);
  const latest = useRef(option);
  latest.current = option;
  const draw = () => {
    if (place.current) chart.current?.setOption({ animation: false, ...latest.current(palette(place.current)) }, true);
  };

  useEffect(() => {
    let gone = false;
    const watchers = ["(prefers-color-scheme: dark)", "print"].map((query) => matchMedia(query));
    const sizes = new ResizeObserver(() => chart.current?.resize());
    void import("./echarts").then(({ init }) => {
      if (gone || !place.current) return;
      chart.current = init(place.current);
      draw();
      sizes.observe(place.current);
      for (const w of watchers) w.addEventListener("change", draw);
    });
    return () => {
      gone = true;
      sizes.disconnect();
      for (const w of watchers) w.removeEventListener("change", draw);
      chart.current?.dispose();
      chart.current = undefined;
    };
  }, []);
  useEffect(draw, [option, language.value]);

  return (
    <figure class="chart">
      <div ref={place} class={big ? "chart-place big" : "chart-place"} role="img" aria-label={label} />
      {table}
    </figure>
  );
}
