// An inspection on the screen: of one place that is mine, or of one place of a visit.
import { texts } from "../ui/language";
import { HandIn } from "./HandIn";
import { type Place, begun, inspection, places } from "./inspections";
import { Items } from "./Items";
import { snapshot } from "./snapshot";
import { SchoolVisit } from "./SchoolVisit";

const t = texts({
  gone: ["这里没有您要查的内容。", "There is nothing for you to inspect here."],
  back: ["返回", "Back"],
});

/** `where` is the school, then the grid or `school` for the whole of it; of a visit its report stands between them. */
export function Inspection({ where: [schoolId, what, part] }: { where: string[] }) {
  const s = snapshot.value;
  if (!s) return null;
  const visit = what?.startsWith("inspection_report_") ? inspection(what) : undefined;
  if (visit && !visit.form.submitted) return <SchoolVisit key={visit.id} entry={visit} part={part} />;
  const place = places(s).find((p) => p.schoolId === schoolId && (p.gridId ?? "school") === what);
  if (place) return <Own place={place} />;
  return (
    <section class="card stack">
      <p>{t.gone}</p>
      <a class="button" href="#/">{t.back}</a>
    </section>
  );
}

function Own({ place }: { place: Place }) {
  const { schoolId, gridId, entry, items } = place;
  const left = new Set(snapshot.value!.remaining.filter((r) => r.school?.id === schoolId && (r.grid?.id ?? null) === gridId).map((r) => r.item?.id));
  return (
    <>
      <h2>{place.name}</h2>
      <Items items={items} gridId={gridId} findings={entry?.form.findings ?? []} proven={(item) => !left.has(item.id)} entry={() => begun(place)} />
      {entry && <HandIn entry={entry} all={items.length} />}
    </>
  );
}
