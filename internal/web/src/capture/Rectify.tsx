// The hazards that the viewer has to rectify, and reporting them as rectified.
import { useState } from "preact/hooks";
import { newID } from "../api/client";
import { day } from "../ui/format";
import { fill, texts } from "../ui/language";
import { go, link } from "../ui/route";
import { word } from "../ui/words";
import { owner } from "./account";
import { Camera } from "./Camera";
import { now } from "./clock";
import { keeping } from "./files";
import { changeEntry, command, discard, entryOf, handIn, save } from "./queue";
import type { Entry, OpenHazard, RectificationForm } from "./schema";
import { schoolsOf, snapshot } from "./snapshot";
import { kept, latest } from "./store";

const t = texts({
  title: ["待我整改", "To rectify"],
  none: ["没有需要您整改的隐患。", "No hazard waits for you."],
  until: ["期限 {day}", "Due {day}"],
  overdue: ["已逾期", "Overdue"],
  sent: ["已提交整改", "Handed in"],
  rectify: ["整改", "Rectify"],
  gone: ["这条填写已经提交或删除。", "This form has been handed in or thrown away."],
  measures: ["整改措施（做了什么）", "What was done"],
  after: ["整改后照片", "Photos afterwards"],
  afterNeed: ["至少 1 张整改后的新照片。", "At least one new photo taken afterwards."],
  incomplete: ["请写明整改措施，并拍 1 张整改后的照片。", "Say what was done, and take a photo of it."],
  send: ["整改完成，提交", "Rectified, hand in"],
  discard: ["放弃填写", "Throw away"],
  discardSure: ["放弃这条填写和其中的照片？", "Throw this form and its photos away?"],
});

const isRectification = (e: Entry): e is Entry<RectificationForm> => e.form.kind === "rectification" && e.owner === owner.value?.id;

function waiting(): OpenHazard[] {
  return (snapshot.value?.hazards ?? []).filter((h) => (!h.responsible || h.responsible.id === owner.value?.id) && h.allowedEvents.some((e) => e === "RECTIFIED_AT_ONCE" || e === "RECTIFIED"));
}

export function Rectifications() {
  const list = waiting();
  async function begin(h: OpenHazard) {
    const open = kept.value.entries.filter(isRectification).find((e) => e.draft && e.form.hazardId === h.id);
    const s = snapshot.value!;
    const entry = open ?? entryOf<RectificationForm>(newID("command"), h.description.slice(0, 60), schoolsOf(s.viewer)[0]!.id, s.campaign!.id, { kind: "rectification", hazardId: h.id, expectedVersion: h.version, measures: "", evidenceIds: [] }, true);
    if (!open) await save(entry);
    go(link(["rectify", entry.id]));
  }
  return (
    <>
      <h2>{t.title}</h2>
      {list.length === 0 && <p class="card">{t.none}</p>}
      {list.map((h) => {
        const sent = kept.value.entries.filter(isRectification).some((e) => !e.draft && e.form.hazardId === h.id);
        return (
          <article class="card stack" key={h.id}>
            <p>{h.description}</p>
            <p class="soft">{[h.grid?.name ?? h.place, word(h.status), h.deadlineOn && fill(t.until, { day: day(h.deadlineOn) })].filter(Boolean).join(" · ")}</p>
            {h.overdue && <p class="chip bad">{t.overdue}</p>}
            {sent ? <p class="chip">{t.sent}</p> : <button type="button" class="wide" onClick={() => void begin(h)}>{t.rectify}</button>}
          </article>
        );
      })}
    </>
  );
}

export function Rectify({ id }: { id: string | undefined }) {
  const entry = kept.value.entries.filter(isRectification).find((e) => e.id === id);
  return entry?.draft ? <Form entry={entry} /> : <p class="card">{t.gone}</p>;
}

function Form({ entry }: { entry: Entry<RectificationForm> }) {
  const [measures, setMeasures] = useState(entry.form.measures);
  const [missing, setMissing] = useState(false);

  const set = (change: (f: RectificationForm) => void) => changeEntry<RectificationForm>(entry.id, (e) => change(e.form));

  async function send(event: SubmitEvent) {
    event.preventDefault();
    const { form } = (await latest<RectificationForm>(entry.id)) ?? entry;
    const incomplete = !form.measures.trim() || form.evidenceIds.length === 0;
    setMissing(incomplete);
    if (incomplete) return;
    // The hazard as it is known now: after a conflict that is what the person has seen since.
    const version = snapshot.value?.hazards.find((h) => h.id === form.hazardId)?.version ?? form.expectedVersion;
    await handIn<RectificationForm>(entry.id, (e) => e.draft, (e) => {
      e.draft = false;
      return command(e, "markRectified", { commandId: e.id, hazardId: e.form.hazardId, expectedVersion: version, measuresTaken: e.form.measures.trim(), evidenceIds: e.form.evidenceIds }, { happenedAt: now() });
    });
    go(link(["records"]), true);
  }
  async function throwAway() {
    if (!confirm(t.discardSure)) return;
    await discard(entry);
    go(link(["rectify"]));
  }

  return (
    <form class="stack" onSubmit={(e) => void send(e)}>
      <h2>{t.rectify}</h2>
      <p class="card">{entry.title}</p>
      <label>
        {t.measures}
        <textarea rows={4} maxLength={4000} value={measures} onInput={(e) => { const { value } = e.currentTarget; setMeasures(value); void set((f) => (f.measures = value)); }} />
      </label>
      <fieldset class="stack">
        <legend>{t.after}</legend>
        <p class="soft">{t.afterNeed}</p>
        <Camera stage="AFTER" entry={() => Promise.resolve(entry)} ids={entry.form.evidenceIds} add={(id) => set((f) => f.evidenceIds.push(id))} remove={(id) => set((f) => (f.evidenceIds = f.evidenceIds.filter((e) => e !== id)))} />
      </fieldset>
      <p class="problem" role="alert">{missing && t.incomplete}</p>
      <div class="bottom">
        <button type="button" class="quiet" onClick={() => void throwAway()}>{t.discard}</button>
        <button class="primary" disabled={keeping.value > 0}>{t.send}</button>
      </div>
    </form>
  );
}
