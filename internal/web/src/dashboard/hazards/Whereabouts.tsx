// Where the hazard is: the school's boundary with the positions of its files and of the
// visit's check-in.
import { Position, type Mark } from "../../ui/Position";
import { texts } from "../../ui/language";
import { word } from "../../ui/words";
import type { HazardRecord } from "./query";

const t = texts({
  title: ["位置", "Position"],
  checkIn: ["检查签到", "Check-in of the visit"],
});

export function Whereabouts({ hazard: h }: { hazard: HazardRecord }) {
  const marks: Mark[] = [];
  if (h.report?.checkIn) marks.push({ label: t.checkIn, ...h.report.checkIn, tone: "good" });
  for (const e of h.evidence ?? []) {
    const at = e.position ?? e.filePosition;
    if (at) marks.push({ label: `${word(e.stage)} ${word(e.kind)}`, ...at });
  }
  return (
    <section class="card" aria-labelledby="whereabouts">
      <h2 id="whereabouts">{t.title}</h2>
      <Position school={h.school?.position} boundary={h.school?.boundary ?? []} radius={h.school?.boundaryMeters ?? 0} marks={marks} />
    </section>
  );
}
