// Inspections on this phone: where they are made, what is recorded, how it is sent.
import { newID } from "../api/client";
import { texts } from "../ui/language";
import { owner } from "./account";
import { now } from "./clock";
import type { Position } from "./place";
import { command, entryOf, handIn, save } from "./queue";
import type { Command, Entry, FindingForm, Grid, InspectionForm, Item, Report, Snapshot } from "./schema";
import { gridsOf, schoolsOf, snapshot } from "./snapshot";
import { kept, write } from "./store";

const t = texts({
  wholeSchool: ["全校性工作", "The whole school"],
});

/** One place to inspect: a grid, or what is inspected once for a whole school. */
export interface Place {
  key: string;
  schoolId: string;
  schoolName: string;
  gridId: string | null;
  name: string;
  items: Item[];
  /** How many of them nobody has recorded, here or on the server. */
  left: number;
  /** How many are claimed and not proven. */
  claimed: number;
  /** The inspection in progress on this phone. */
  entry: Entry<InspectionForm> | undefined;
}

const isInspection = (e: Entry): e is Entry<InspectionForm> => e.form.kind === "inspection";

/** The places that a person answers for. */
export function places(s: Snapshot): Place[] {
  const items = s.campaign?.checklist?.items ?? [];
  const list: Place[] = [];
  const add = (school: { id: string; name: string }, grid: Grid | null) => {
    const here = items.filter((i) => (grid ? i.gridKinds.includes(grid.kind) : i.gridKinds.length === 0));
    const open = s.remaining.filter((r) => r.school?.id === school.id && (r.grid?.id ?? null) === (grid?.id ?? null));
    if (!grid && open.length === 0 && !s.viewer.roles.some((r) => r === "SCHOOL_SAFETY_OFFICER" || r === "SCHOOL_LEADER")) return;
    const gridId = grid?.id ?? null;
    const recorded = new Set(kept.value.entries.filter(isInspection).filter((e) => e.owner === owner.value?.id && !e.form.supervision && e.schoolId === school.id && e.form.gridId === gridId).flatMap((e) => e.form.findings.map((f) => f.itemId)));
    list.push({
      key: `${school.id} ${gridId}`, schoolId: school.id, schoolName: school.name, gridId, name: grid?.name ?? t.wholeSchool, items: here,
      left: open.filter((r) => !r.claimed && !recorded.has(r.item?.id ?? "")).length,
      claimed: open.filter((r) => r.claimed || recorded.has(r.item?.id ?? "")).length,
      entry: running(school.id, gridId, false),
    });
  };
  for (const school of schoolsOf(s.viewer)) {
    for (const grid of s.viewer.grids ?? []) if (grid.school?.id === school.id) add(school, grid);
    add(school, null);
  }
  return list.filter((p) => p.items.length > 0 || p.gridId);
}

function running(schoolId: string, gridId: string | null, supervision: boolean): Entry<InspectionForm> | undefined {
  return kept.value.entries.filter(isInspection).find((e) => e.owner === owner.value?.id && e.schoolId === schoolId && e.form.gridId === gridId && e.form.supervision === supervision && !e.form.submitted);
}

/** An inspection on this phone by its report's id. */
export const inspection = (id: string): Entry<InspectionForm> | undefined => kept.value.entries.filter(isInspection).find((e) => e.id === id && e.owner === owner.value?.id);

// What another device of the same person has begun, on this one.
function adopted(report: Report, title: string, schoolId: string, campaignId: string): Entry<InspectionForm> {
  const findings = (report.findings ?? []).map((f): FindingForm => ({
    id: f.id, itemId: f.item?.id ?? "", gridId: f.grid?.id ?? null, result: f.result as FindingForm["result"], note: f.note ?? "", evidenceIds: (f.evidence ?? []).map((e) => e.id),
  }));
  return entryOf(report.id, title, schoolId, campaignId, { kind: "inspection", supervision: false, gridId: report.grid?.id ?? null, findings, evidenceIds: [], submitted: false }, false);
}

const beginning = new Map<string, Promise<Entry<InspectionForm>>>();

/** The inspection in progress of a place, begun now if there is none; once, however fast one taps. */
export function begun(place: Place): Promise<Entry<InspectionForm>> {
  const under = beginning.get(place.key) ?? begin(place).finally(() => beginning.delete(place.key));
  beginning.set(place.key, under);
  return under;
}

async function begin(place: Place): Promise<Entry<InspectionForm>> {
  const here = running(place.schoolId, place.gridId, false);
  if (here) return here;
  const s = snapshot.value!;
  const elsewhere = s.reports.find((r) => r.kind === "SELF_INSPECTION" && r.status === "IN_PROGRESS" && r.inspector?.id === owner.value?.id && (r.grid?.id ?? null) === place.gridId);
  if (elsewhere) {
    const entry = adopted(elsewhere, place.name, place.schoolId, s.campaign!.id);
    await save(entry);
    return entry;
  }
  const entry = entryOf<InspectionForm>(newID("inspection_report"), place.name, place.schoolId, s.campaign!.id, { kind: "inspection", supervision: false, gridId: place.gridId, findings: [], evidenceIds: [], submitted: false }, false);
  await save(entry, [command(entry, "startInspection", { id: entry.id, campaignId: entry.campaignId, schoolId: place.schoolId, kind: "SELF_INSPECTION", gridId: place.gridId }, { startedAt: now() })]);
  return entry;
}

/** One place of a school that is visited, with what is looked at there. */
export interface VisitPlace {
  gridId: string | null;
  name: string;
  items: Item[];
  recorded: number;
}

/** The places of a visit: each grid that has items, and the whole school; that alone, with every item, while the grids are not known. */
export function visitPlaces({ schoolId, form }: Entry<InspectionForm>): VisitPlace[] {
  const items = snapshot.value?.campaign?.checklist?.items ?? [];
  const grids = gridsOf(schoolId);
  const recorded = (gridId: string | null) => form.findings.filter((f) => f.gridId === gridId);
  const place = (gridId: string | null, name: string, fits: (i: Item) => boolean): VisitPlace => ({
    gridId, name, items: items.filter((i) => fits(i) || recorded(gridId).some((f) => f.itemId === i.id)), recorded: recorded(gridId).length,
  });
  return [
    ...grids.map((g) => place(g.id, g.name, (i) => i.gridKinds.includes(g.kind))),
    place(null, t.wholeSchool, (i) => grids.length === 0 || i.gridKinds.length === 0),
  ].filter((p) => p.items.length > 0);
}

/** Begin a supervision visit where the inspector stands. */
export async function beginVisit(school: { id: string; name: string }, checkIn: Position): Promise<Entry<InspectionForm>> {
  const entry = entryOf<InspectionForm>(newID("inspection_report"), school.name, school.id, snapshot.value!.campaign!.id, { kind: "inspection", supervision: true, gridId: null, findings: [], evidenceIds: [], submitted: false }, false);
  await save(entry, [command(entry, "startInspection", { id: entry.id, campaignId: entry.campaignId, schoolId: school.id, kind: "SUPERVISION", checkIn }, { startedAt: now() })]);
  return entry;
}

/** What a result is of: an item, in a grid or for the whole school. */
export interface Subject {
  itemId: string;
  gridId: string | null;
}

/** Record a result, as it is now. What has not left the phone is replaced, what may have is followed by another command. */
export async function record(id: string, { itemId, gridId }: Subject, change: (f: FindingForm) => void): Promise<void> {
  await write(async (tx) => {
    const entry = (await tx.objectStore("entries").get(id)) as Entry<InspectionForm> | undefined;
    if (!entry || entry.form.submitted) return;
    let finding = entry.form.findings.find((f) => f.itemId === itemId && f.gridId === gridId);
    if (!finding) {
      finding = { id: newID("finding"), itemId, gridId, result: "COMPLIANT", note: "", evidenceIds: [] };
      entry.form.findings.push(finding);
    }
    change(finding);
    entry.at = Date.now();
    await tx.objectStore("entries").put(entry);

    const { id: findingId, result, note, evidenceIds } = finding;
    const findings = [{ id: findingId, itemId, gridId, result, note: note.trim() || null, evidenceIds }];
    let commandId = newID("command");
    let sequence: number | undefined;
    for (const c of await tx.objectStore("commands").getAll()) {
      if (c.entry !== id || c.name !== "recordFindings" || (c as Command<"recordFindings">).input.findings[0]?.id !== findingId) continue;
      if (c.state === "refused") await tx.objectStore("commands").delete(c.sequence!);
      else if (c.state === "waiting" && !c.frozen) {
        sequence = c.sequence;
        commandId = String((c as Command<"recordFindings">).input.commandId);
      }
    }
    const c = command(entry, "recordFindings", { commandId, reportId: id, findings });
    await tx.objectStore("commands").put(sequence === undefined ? c : { ...c, sequence });
  });
}

/** Hand an inspection in. */
export async function submit(id: string): Promise<void> {
  await handIn<InspectionForm>(id, (e) => !e.form.submitted, (e) => {
    e.form.submitted = true;
    return command(e, "submitInspectionReport", { commandId: newID("command"), reportId: id, evidenceIds: e.form.evidenceIds });
  });
}
