// The items of one place: each in two taps, its result and a photo.
import { useRef, useState } from "preact/hooks";
import { newID } from "../api/client";
import { localized, texts } from "../ui/language";
import { go, link } from "../ui/route";
import { word } from "../ui/words";
import { Camera } from "./Camera";
import { now } from "./clock";
import { record } from "./inspections";
import { entryOf, save } from "./queue";
import type { Entry, FindingForm, HazardForm, InspectionForm, Item } from "./schema";

const t = texts({
  note: ["说明（可不填）", "Note (optional)"],
  photoMissing: ["缺照片：没有照片不能算完成", "A photo is missing: without it the work does not count"],
  recorded: ["已记录", "Recorded"],
  proven: ["已证实", "Proven"],
  reportHazard: ["上报这处隐患", "Report this hazard"],
});

interface Props {
  items: Item[];
  /** Where they are looked at; null for the whole school. */
  gridId: string | null;
  findings: FindingForm[];
  /** Whether the server has an item proven already. */
  proven?: (item: Item) => boolean;
  /** The inspection, begun with the first result. */
  entry: () => Promise<Entry<InspectionForm>>;
  supervision?: boolean;
}

export function Items({ items, gridId, findings, proven, entry, supervision = false }: Props) {
  return (
    <ol class="items">
      {items.map((item) => (
        <ItemCard key={item.id} item={item} gridId={gridId} finding={findings.find((f) => f.itemId === item.id && f.gridId === gridId)} proven={proven?.(item) ?? false} entry={entry} supervision={supervision} />
      ))}
    </ol>
  );
}

/** Begin the form of a hazard that an inspection found, for a result or beside them. */
export async function reportHazard(of: Entry<InspectionForm>, gridId: string | null, finding: FindingForm | undefined, supervision: boolean): Promise<void> {
  const form: HazardForm = {
    kind: "hazard", gridId, place: "", category: "", description: finding?.note ?? "", reportId: of.id, findingId: finding?.id ?? null, supervision, discovered: now(), evidenceIds: [],
  };
  const hazard = entryOf(newID("hazard"), "", of.schoolId, of.campaignId, form, true);
  await save(hazard);
  go(link(["hazard", hazard.id]));
}

const results = ["COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE"] as const;

interface CardProps {
  item: Item;
  gridId: string | null;
  finding: FindingForm | undefined;
  proven: boolean;
  entry: () => Promise<Entry<InspectionForm>>;
  supervision: boolean;
}

function ItemCard({ item, gridId, finding, proven, entry, supervision }: CardProps) {
  const openCamera = useRef<() => void>(undefined);
  const [note, setNote] = useState<string>();
  const text = localized(item.text, item.textEn);
  const heading = `item-${item.number}`;

  const put = (change: (f: FindingForm) => void) => entry().then((e) => record(e.id, { itemId: item.id, gridId }, change));

  function choose(result: FindingForm["result"]) {
    // The second tap is the camera's; it must open within this one.
    if (result !== "NOT_APPLICABLE" && !finding?.evidenceIds.length) openCamera.current?.();
    void put((f) => (f.result = result));
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
          add={(id) => put((f) => f.evidenceIds.push(id))}
          remove={(id) => put((f) => (f.evidenceIds = f.evidenceIds.filter((e) => e !== id)))}
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
              void put((f) => (f.note = value));
            }}
          />
        </label>
        {finding?.result === "NON_COMPLIANT" && <button type="button" class="danger wide" onClick={() => void entry().then((e) => reportHazard(e, gridId, finding, supervision))}>{t.reportHazard}</button>}
      </div>
      {!finding && proven && <p class="chip good">{t.proven}</p>}
    </li>
  );
}
