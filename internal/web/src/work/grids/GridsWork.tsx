// The grids of a school as a tree: who answers for each today or on another day,
// and making, assigning, handing over and closing them.
import { useState } from "preact/hooks";
import { QueryResult } from "../../ui/State";
import { Tag } from "../../ui/Tag";
import { names } from "../../ui/format";
import { labelled, texts } from "../../ui/language";
import { go, route } from "../../ui/route";
import { useQuery } from "../../ui/useQuery";
import { word } from "../../ui/words";
import { PickSchool } from "../schools";
import { to } from "../to";
import { useWorker } from "../viewer";
import { Create } from "./Create";
import { GridPanel } from "./GridPanel";
import { type GridAtWork, Grids } from "./query";

const t = texts({
  grids: ["网格", "Grids"],
  on: ["某日责任人", "On the day"],
  nobody: ["无人负责", "Nobody"],
  none: ["还没有划分网格。", "There are no grids yet."],
  pick: ["请在左侧选择一个网格。", "Choose a grid."],
});

/** The screen; of one's own school unless the address names another. */
export function GridsWork({ schoolId }: { schoolId: string }) {
  const worker = useWorker();
  const school = schoolId || worker.schools[0]?.id || "";
  return (
    <>
      {worker.schools.length !== 1 && <PickSchool chosen={school} onChoose={(id) => go(to(["grids", id]))} />}
      {school && <Tree school={school} />}
    </>
  );
}

function Tree({ school }: { school: string }) {
  const worker = useWorker();
  const [on, setOn] = useState(worker.today);
  const query = useQuery(Grids, { school, on });
  const chosen = route.value.query.get("grid");
  const manages = worker.is("SCHOOL_LEADER", "SCHOOL_SAFETY_OFFICER") && worker.schools.some((s) => s.id === school);
  return (
    <QueryResult query={query}>
      {({ school: it, gridKinds }) => {
        if (!it) return null;
        const grid = it.grids?.find((g) => g.id === chosen);
        const reload = () => void query.reload();
        return (
          <>
            <h1>{labelled(t.grids, it.name)}</h1>
            <label class="pick">
              {t.on}
              <input type="date" value={on} onChange={(e) => e.currentTarget.value && setOn(e.currentTarget.value)} />
            </label>
            {manages && <Create school={it} kinds={gridKinds ?? []} changed={reload} />}
            <div class="beside">
              <section class="card" aria-label={t.grids}>
                {it.grids?.length ? <Branch grids={it.grids} parent={null} chosen={chosen} school={school} /> : <p class="soft">{t.none}</p>}
              </section>
              {grid ? <GridPanel key={`${grid.id} ${on}`} school={it} grid={grid} on={on} manages={manages} changed={reload} /> : <p class="soft">{t.pick}</p>}
            </div>
          </>
        );
      }}
    </QueryResult>
  );
}

function Branch({ grids, parent, chosen, school }: { grids: readonly GridAtWork[]; parent: string | null; chosen: string | null; school: string }) {
  const known = new Set(grids.map((g) => g.id));
  const here = grids.filter((g) => (parent ? g.parent?.id === parent : !g.parent || !known.has(g.parent.id)));
  if (!here.length) return null;
  return (
    <ul class="grid-tree">
      {here.map((grid) => (
        <li key={grid.id}>
          <a href={to(["grids", school], { grid: grid.id })} aria-current={grid.id === chosen ? "true" : undefined}>{grid.code} {grid.name}</a>
          {grid.assignments?.some((a) => a.role !== "DEPUTY") ? (
            <span class="soft">{names(grid.assignments.map((a) => `${word(a.role, "GridAssignmentRole")} ${a.user?.name ?? ""}`))}</span>
          ) : (
            <Tag look="bad">{t.nobody}</Tag>
          )}
          <Branch grids={grids} parent={grid.id} chosen={chosen} school={school} />
        </li>
      ))}
    </ul>
  );
}
