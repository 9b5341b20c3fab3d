// The regions directly below, side by side.
import { Table } from "../../ui/List";
import { number, percent } from "../../ui/format";
import { texts } from "../../ui/language";
import { behind, elsewhere } from "../place";
import type { Dashboard } from "./query";

const t = texts({
  title: ["各区域情况", "Region by region"],
  region: ["区域", "Region"],
  schools: ["学校", "Schools"],
  found: ["发现", "Found"],
  closed: ["销号", "Closed"],
  open: ["未销号", "Open"],
  overdue: ["逾期", "Overdue"],
  underOversight: ["挂牌", "Under oversight"],
  major: ["重大", "Major"],
  rate: ["整改率", "Clear rate"],
});

type Child = Dashboard["children"][number];

export function Townships({ dashboard }: { dashboard: Dashboard }) {
  if (dashboard.children.length === 0) return null;
  const hazards = (c: Child, n: number, filters: Record<string, string>, title: string) => (
    <a href={behind(["hazards"], { region: c.region?.id, ...filters })} aria-label={`${c.region?.name} ${title} ${n}`}>{number(n)}</a>
  );
  return (
    <section class="card wide" aria-labelledby="townships">
      <h2 id="townships">{t.title}</h2>
      <Table
        caption={t.title}
        rows={dashboard.children}
        id={(c) => c.region?.id ?? ""}
        columns={[
          { title: t.region, names: true, cell: (c) => <a href={elsewhere({ region: c.region?.id ?? null })}>{c.region?.name}</a> },
          { title: t.schools, number: true, cell: (c) => <a href={behind(["schools"], { region: c.region?.id })} aria-label={`${c.region?.name} ${t.schools} ${c.figures.schoolsDue}`}>{number(c.figures.schoolsDue)}</a> },
          { title: t.found, number: true, cell: (c) => hazards(c, c.figures.found, {}, t.found) },
          { title: t.closed, number: true, cell: (c) => hazards(c, c.figures.closed, { status: "CLOSED" }, t.closed) },
          { title: t.open, number: true, cell: (c) => hazards(c, c.figures.open, { open: "true" }, t.open) },
          { title: t.overdue, number: true, cell: (c) => hazards(c, c.figures.overdue, { overdue: "true" }, t.overdue) },
          { title: t.underOversight, number: true, cell: (c) => hazards(c, c.figures.underOversight, { underOversight: "true" }, t.underOversight) },
          { title: t.major, number: true, cell: (c) => hazards(c, c.figures.majorOpen, { grade: "MAJOR", open: "true" }, t.major) },
          { title: t.rate, number: true, cell: (c) => percent(c.figures.clearRate) },
        ]}
      />
    </section>
  );
}
