// A chart that is loaded when it is needed and drawn again when the palette, the
// language, the size or the data change. Its numbers also stand in a table.
import type { EChartsCoreOption, EChartsType } from "echarts/core";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { language, texts } from "./language";

const t = texts({
  missing: ["图表未能加载，请检查网络后刷新页面。", "The chart could not be loaded. Check the network and load the page again."],
});

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

/** A chart with its name; `table` holds the same numbers for people who can't see it. */
export function Chart({ label, option, table, big }: { label: string; option: (p: Palette) => EChartsCoreOption; table?: ComponentChildren; big?: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | undefined>(undefined);
  const [missing, setMissing] = useState(false);
  const latest = useRef(option);
  latest.current = option;
  const draw = () => {
    if (place.current) chart.current?.setOption({ animation: false, ...latest.current(palette(place.current)) }, true);
  };

  useEffect(() => {
    let gone = false;
    const watchers = ["(prefers-color-scheme: dark)", "print"].map((query) => matchMedia(query));
    const sizes = new ResizeObserver(() => chart.current?.resize());
    import("./echarts").then(
      ({ init }) => {
        if (gone || !place.current) return;
        chart.current = init(place.current);
        draw();
        sizes.observe(place.current);
        for (const w of watchers) w.addEventListener("change", draw);
      },
      () => setMissing(true),
    );
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
      {missing && <p class="problem">{t.missing}</p>}
      <div ref={place} class={big ? "chart-place big" : "chart-place"} role="img" aria-label={label} />
      {table}
    </figure>
  );
}
