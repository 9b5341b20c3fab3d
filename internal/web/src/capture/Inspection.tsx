// One inspection: each item in two taps, its result and a photo.
import { useRef, useState } from "preact/hooks";
import { newID } from "../api/client";
import { fill, language, texts } from "../ui/language";
import { go, link } from "../ui/route";
import { word } from "../ui/words";
import { Camera } from "./Camera";
import { now } from "./clock";
import { begun, inspection, places, record, submit } from "./inspections";
import { entryOf, save } from "./queue";
import { type Item, snapshot } from "./snapshot";
import type { Entry, FindingForm, HazardForm, InspectionForm } from "./store";

const t = texts({
  gone: ["这里没有您要查的内容。", "There is nothing for you to inspect here."],
  back: ["返回", "Back"],
  note: ["说明（可不填）", "Note (optional)"],
  photoMissing: ["缺照片：没有照片不能算完成", "A photo is lacking: without it the work does not count"],
  recorded: ["已记录", "Recorded"],
  proven: ["已证实", "Proven"],
  reportHazard: ["上报这处隐患", "Report this hazard"],
  submit: ["提交检查报告（{n}/{all}）", "Hand in ({n} of {all})"],
  rest: ["还有 {n} 项没有填写。仍要提交吗？提交后不能再改。", "{n} items are still open. Hand in all the same? It can't be changed afterwards."],
  sure: ["提交后不能再改。确定提交？", "It can't be changed afterwards. Hand in?"],
  visit: ["督查现场照片和视频", "Photo and video of the visit"],
  visitNeeds: ["督查要有现场照片和视频各至少 1 个。", "A visit needs at least one photo and one video of the site."],
});

/** `where` is the school, then the grid, `school` for the whole of it, or a visit's report. */
export function Inspection({ where: [schoolId, what] }: { where: string[] }) {
  const s = snapshot.value;
  if (!s) return null;
  const visit = what?.startsWith("report_") ? inspection(what) : undefined;
  const place = visit ? undefined : places(s).find((p) => p.schoolId === schoolId && (p.gridId ?? "school") === what);
  const items = visit ? (s.campaign?.checklist?.items ?? []) : place?.items;
  if (!items) {
    return (
      <section class="card stack">
        <p>{t.gone}</p>
        <a class="button" href="#/">{t.back}</a>
      </section>
    );
  }
  const entry = visit ?? place?.entry;
  const ensure = () => (visit ? Promise.resolve(visit) : begun(place!));
  const left = new Set(s.remaining.filter((r) => r.school?.id === schoolId && (r.grid?.id ?? null) === (place?.gridId ?? null)).map((r) => r.item?.id));
  const recorded = entry?.form.findings.length ?? 0;

  async function handIn() {
    if (!entry || !confirm(recorded < items!.length ? fill(t.rest, { n: items!.length - recorded }) : t.sure)) return;
    await submit(entry);
    go(link(["records"]));
  }

  return (
    <>
      <h2>{visit?.title ?? place?.name}</h2>
      {visit && <VisitFiles entry={visit} />}
      <ol class="items">
        {items.map((item) => (
          <ItemCard
            key={item.id}
            item={item}
            finding={entry?.form.findings.find((f) => f.itemId === item.id)}
            proven={!visit && !left.has(item.id)}
            entry={ensure}
            supervision={Boolean(visit)}
          />
        ))}
      </ol>
      {recorded > 0 && (
        <div class="bottom">
          <button type="button" class="primary wide" onClick={() => void handIn()}>{fill(t.submit, { n: recorded, all: items.length })}</button>
        </div>
      )}
    </>
  );
}

const results = ["COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE"] as const;

interface CardProps {
  item: Item;
  finding: FindingForm | undefined;
  proven: boolean;
  entry: () => Promise<Entry<InspectionForm>>;
  supervision: boolean;
}

function ItemCard({ item, finding, proven, entry, supervision }: CardProps) {
  const openCamera = useRef<() => void>(undefined);
  const [note, setNote] = useState<string>();
  const text = (language.value === "en" && item.textEn) || item.text;
  const heading = `item-${item.number}`;

  function choose(result: FindingForm["result"]) {
    // The second tap is the camera's; it must open within this one.
    if (result !== "NOT_APPLICABLE" && !finding?.evidenceIds.length) openCamera.current?.();
    void entry().then((e) => record(e.id, (f) => (f.result = result), item.id));
  }
  async function report() {
    const e = await entry();
    const form: HazardForm = {
      kind: "hazard", gridId: e.form.gridId, place: "", category: "", description: finding?.note ?? "", reportId: e.id, findingId: finding?.id ?? null, supervision, discovered: now(), evidenceIds: [],
    };
    const hazard = entryOf(newID("hazard"), "", e.schoolId, e.campaignId, form, true);
    await save(hazard);
    go(link(["hazard", hazard.id]));
  }

  return (
    <li class="card stack" aria-labelledby={heading}>
      <p id={heading}><strong>{item.number}.</strong> {text}</p>
      <div class="results" role="group" aria-labelledby={heading}>
        {results.map((result) => (
          <button type="button" key={result} class={result.toLowerCase().replace("_", "-")} aria-pressed={finding?.result === result} onClick={() => choose(result)}>{word(result)}</button>
        ))}
      </div>
      <div class={finding ? "stack" : "visually-hidden"} aria-hidden={!finding} inert={!finding}>
        {finding && finding.result !== "NOT_APPLICABLE" && finding.evidenceIds.length === 0 && <p class="chip warn">{t.photoMissing}</p>}
        {finding && (finding.evidenceIds.length > 0 || finding.result === "NOT_APPLICABLE") && <p class="chip good">{t.recorded}</p>}
        <Camera
          stage={finding?.result === "NON_COMPLIANT" ? "BEFORE" : "SITE"}
          entry={entry}
          ids={finding?.evidenceIds ?? []}
          add={async (id) => record((await entry()).id, (f) => f.evidenceIds.push(id), item.id)}
          remove={async (id) => record((await entry()).id, (f) => (f.evidenceIds = f.evidenceIds.filter((e) => e !== id)), item.id)}
          open={(click) => (openCamera.current = click)}
        />
        <label>
          {t.note}
          <textarea
            rows={2}
            maxLength={4000}
            value={note ?? finding?.note ?? ""}
            onInput={(e) => {
              const value = e.currentTarget.value;
              setNote(value);
              void entry().then((of) => record(of.id, (f) => (f.note = value), item.id));
            }}
          />
        </label>
        {finding?.result === "NON_COMPLIANT" && <button type="button" class="danger wide" onClick={() => void report()}>{t.reportHazard}</button>}
      </div>
      {!finding && proven && <p class="chip good">{t.proven}</p>}
    </li>
  );
}

function VisitFiles({ entry }: { entry: Entry<InspectionForm> }) {
  const put = (evidenceIds: string[]) => save({ ...inspection(entry.id)!, form: { ...inspection(entry.id)!.form, evidenceIds } });
  return (
    <section class="card stack" aria-labelledby="visit-files">
      <h3 id="visit-files">{t.visit}</h3>
      <p class="soft">{t.visitNeeds}</p>
      <Camera stage="SITE" video entry={() => Promise.resolve(entry)} ids={entry.form.evidenceIds}
        add={(id) => put([...inspection(entry.id)!.form.evidenceIds, id])}
        remove={(id) => put(inspection(entry.id)!.form.evidenceIds.filter((e) => e !== id))} />
    </section>
  );
}
