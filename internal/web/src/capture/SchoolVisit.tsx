// A team's visit to a school: the site's photo and video, its grids with their items,
// and the hazards that the team finds.
import { useEffect } from "preact/hooks";
import { fill, texts } from "../ui/language";
import { link } from "../ui/route";
import { Camera } from "./Camera";
import { HandIn } from "./HandIn";
import { visitPlaces } from "./inspections";
import { Items, reportHazard } from "./Items";
import { changeEntry } from "./queue";
import type { Entry, InspectionForm } from "./schema";
import { gridsOf, learnGrids } from "./snapshot";

const t = texts({
  files: ["督查现场照片和视频", "Photo and video of the visit"],
  filesNeed: ["督查要有现场照片和视频各至少 1 个。", "A visit needs at least one photo and one video of the site."],
  places: ["按网格检查", "Grid by grid"],
  noGrids: ["还没有取到本校网格，先按全校清单检查；联网后可按网格检查。", "The grids of this school are not known yet: go by the whole list; with a network they are shown."],
  recorded: ["已填 {n}/{all}", "{n} of {all}"],
  hazard: ["另报一处隐患", "Report another hazard"],
  all: ["返回本次督查", "Back to the visit"],
});

/** A visit, or its `part`: a grid, or `school` for the whole of it. */
export function SchoolVisit({ entry, part }: { entry: Entry<InspectionForm>; part: string | undefined }) {
  useEffect(() => void learnGrids(entry.schoolId), []);
  const list = visitPlaces(entry);
  const place = list.find((p) => (p.gridId ?? "school") === part);
  if (place) {
    return (
      <>
        <h2>{entry.title} · {place.name}</h2>
        <Items items={place.items} gridId={place.gridId} findings={entry.form.findings} entry={() => Promise.resolve(entry)} supervision />
        <div class="bottom"><a class="button wide" href={link(["inspect", entry.schoolId, entry.id])}>{t.all}</a></div>
      </>
    );
  }
  return (
    <>
      <h2>{entry.title}</h2>
      <Site entry={entry} />
      <section class="stack" aria-labelledby="places">
        <h3 id="places">{t.places}</h3>
        {gridsOf(entry.schoolId).length === 0 && <p class="soft">{t.noGrids}</p>}
        <div class="cards">
          {list.map((p) => (
            <a class="card row" key={p.gridId} href={link(["inspect", entry.schoolId, entry.id, p.gridId ?? "school"])}>
              <span><strong>{p.name}</strong></span>
              <span class={p.recorded === p.items.length ? "chip good" : p.recorded ? "chip warn" : "chip"}>{fill(t.recorded, { n: p.recorded, all: p.items.length })}</span>
            </a>
          ))}
        </div>
        <button type="button" class="danger wide" onClick={() => void reportHazard(entry, null, undefined, true)}>{t.hazard}</button>
      </section>
      <HandIn entry={entry} all={list.reduce((n, p) => n + p.items.length, 0)} />
    </>
  );
}

function Site({ entry }: { entry: Entry<InspectionForm> }) {
  const change = (ids: (before: string[]) => string[]) => changeEntry<InspectionForm>(entry.id, (e) => (e.form.evidenceIds = ids(e.form.evidenceIds)));
  return (
    <section class="card stack" aria-labelledby="site">
      <h3 id="site">{t.files}</h3>
      <p class="soft">{t.filesNeed}</p>
      <Camera stage="SITE" video entry={() => Promise.resolve(entry)} ids={entry.form.evidenceIds}
        add={(id) => change((before) => [...before, id])}
        remove={(id) => change((before) => before.filter((e) => e !== id))} />
    </section>
  );
}
