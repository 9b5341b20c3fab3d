// A hazard, reported where it is seen. Kept at each input, sent when it is complete.
import { useEffect, useState } from "preact/hooks";
import { newID } from "../api/client";
import { instant, names } from "../ui/format";
import { fill, localized, texts } from "../ui/language";
import { go, link } from "../ui/route";
import { owner } from "./account";
import { Camera } from "./Camera";
import { now, serverTime } from "./clock";
import { locate, placeProblem } from "./place";
import { keeping } from "./files";
import { changeEntry, command, discard, entryOf, handIn } from "./queue";
import type { Entry, HazardForm } from "./schema";
import { gridsOf, schoolsOf, snapshot } from "./snapshot";
import { kept, latest } from "./store";

const t = texts({
  title: ["上报隐患", "Report a hazard"],
  noSchool: ["请先联网读取您的学校和网格。督查人员请在督查中上报。", "Get your school and grids first, with a network. Inspectors report hazards within a visit."],
  gone: ["这条填写已经提交或删除。", "This form has been handed in or thrown away."],
  school: ["学校", "School"],
  grid: ["网格", "Grid"],
  noGrid: ["不在我的网格内（请写明地点）", "In none of my grids (say where)"],
  noGridOfSchool: ["不在所列网格内（请写明地点）", "In none of these grids (say where)"],
  place: ["具体地点", "Where exactly"],
  category: ["隐患类别", "Category"],
  choose: ["请选择", "Choose"],
  description: ["隐患描述（写具体）", "What is wrong, precisely"],
  files: ["照片和视频", "Photos and videos"],
  filesNeed: ["至少 1 张照片。", "At least one photo."],
  filesNeedVideo: ["至少 1 张照片和 1 段视频。", "At least one photo and one video."],
  discovered: ["发现时间 {at}", "Found {at}"],
  refused: ["没有定位权限，照常上报，照片不带位置。", "The position may not be used: the report goes on without it."],
  unknown: ["暂时定不了位，照常上报。", "The position is not known just now: the report goes on without it."],
  send: ["提交隐患", "Report"],
  incomplete: ["请补全：{what}", "Still needed: {what}"],
  photo: ["照片", "photo"],
  video: ["视频", "video"],
  discard: ["放弃填写", "Throw away"],
  discardSure: ["放弃这条填写和其中的照片？", "Throw this form and its photos away?"],
});

/** A draft by its id, or a new one. */
export function Hazard({ id }: { id?: string | undefined }) {
  const s = snapshot.value;
  const existing = kept.value.entries.find((e): e is Entry<HazardForm> => e.id === id && e.form.kind === "hazard" && e.owner === owner.value?.id);
  const school = s && schoolsOf(s.viewer)[0];
  // A new form becomes a draft with the first input: looking in leaves nothing behind.
  const [fresh] = useState<Entry<HazardForm> | null>(() => (!id && s?.campaign && school ? entryOf<HazardForm>(newID("hazard"), "", school.id, s.campaign.id, empty(), true) : null));
  const entry = id ? existing : (kept.value.entries.find((e): e is Entry<HazardForm> => e.id === fresh?.id) ?? fresh);

  if (id && !(existing?.draft)) return <p class="card">{t.gone}</p>;
  if (!entry) return <p class="card">{t.noSchool}</p>;
  return <Form entry={entry} key={entry.id} />;
}

// The command that reports what has been entered.
function report(entry: Entry<HazardForm>) {
  const { id, campaignId, schoolId, form: f } = entry;
  const input = {
    id, campaignId, schoolId, gridId: f.gridId, place: f.place.trim() || null, reportId: f.reportId, findingId: f.findingId,
    category: f.category, description: f.description.trim(), evidenceIds: f.evidenceIds, discoveredAt: "",
  };
  return command(entry, "reportHazard", input, { discoveredAt: f.discovered, queuedAt: now() });
}

const empty = (): HazardForm => ({ kind: "hazard", gridId: null, place: "", category: "", description: "", reportId: null, findingId: null, supervision: false, discovered: now(), evidenceIds: [] });

function Form({ entry }: { entry: Entry<HazardForm> }) {
  const [form, setForm] = useState(entry.form);
  const [missing, setMissing] = useState<string>();
  const s = snapshot.value!;
  const grids = gridsOf(entry.schoolId);
  useEffect(() => void locate(), []);

  // Reads what is stored, so that inputs and photos never overwrite each other.
  async function set(change: (f: HazardForm) => void, schoolId = entry.schoolId) {
    setForm((f) => {
      const next = { ...f };
      change(next);
      return next;
    });
    await changeEntry(entry.id, (e) => {
      change(e.form);
      Object.assign(e, { schoolId, title: e.form.description.slice(0, 60) });
    }, entry);
  }
  const stored = () => (kept.value.entries.find((e) => e.id === entry.id) as Entry<HazardForm> | undefined) ?? entry;
  const ensure = async () => {
    await set(() => undefined);
    return stored();
  };

  async function send(event: SubmitEvent) {
    event.preventDefault();
    const f = ((await latest<HazardForm>(entry.id)) ?? entry).form;
    const kinds = f.evidenceIds.map((id) => kept.value.files.find((file) => file.id === id)?.announcement.kind);
    const gaps = [!f.gridId && !f.place.trim() && t.place, !f.category && t.category, !f.description.trim() && t.description, !kinds.includes("PHOTO") && t.photo, f.supervision && !kinds.includes("VIDEO") && t.video].filter(Boolean);
    setMissing(gaps.length ? fill(t.incomplete, { what: names(gaps) }) : undefined);
    if (gaps.length) return;
    await handIn<HazardForm>(entry.id, (e) => e.draft, (e) => {
      e.draft = false;
      return report(e);
    });
    go(link(["records"]), true);
  }
  async function throwAway() {
    if (!confirm(t.discardSure)) return;
    await discard(stored());
    go("#/");
  }

  return (
    <form class="stack" onSubmit={(e) => void send(e)} noValidate>
      <h2>{t.title}</h2>
      <p class="soft">{fill(t.discovered, { at: instant(serverTime(form.discovered)) })}</p>
      {!form.supervision && schoolsOf(s.viewer).length > 1 && (
        <label>
          {t.school}
          <select value={entry.schoolId} onChange={(e) => void set((f) => (f.gridId = null), e.currentTarget.value)}>
            {schoolsOf(s.viewer).map((school) => <option key={school.id} value={school.id}>{school.name}</option>)}
          </select>
        </label>
      )}
      {grids.length > 0 && (
        <label>
          {t.grid}
          <select value={form.gridId ?? ""} onChange={(e) => { const value = e.currentTarget.value; void set((f) => (f.gridId = value || null)); }}>
            <option value="">{form.supervision ? t.noGridOfSchool : t.noGrid}</option>
            {grids.map((g) => <option key={g.id} value={g.id}>{g.name}</option>)}
          </select>
        </label>
      )}
      <label>
        {t.place}
        <input value={form.place} maxLength={200} onInput={(e) => { const { value } = e.currentTarget; void set((f) => (f.place = value)); }} />
      </label>
      <label>
        {t.category}
        <select value={form.category} onChange={(e) => { const { value } = e.currentTarget; void set((f) => (f.category = value)); }}>
          <option value="">{t.choose}</option>
          {s.categories.map((c) => <option key={c.code} value={c.code}>{localized(c.label, c.labelEn)}</option>)}
        </select>
      </label>
      <label>
        {t.description}
        <textarea value={form.description} maxLength={4000} rows={4} onInput={(e) => { const { value } = e.currentTarget; void set((f) => (f.description = value)); }} />
      </label>
      <fieldset class="stack">
        <legend>{t.files}</legend>
        <p class="soft">{form.supervision ? t.filesNeedVideo : t.filesNeed}</p>
        <Camera stage="BEFORE" video entry={ensure} ids={form.evidenceIds}
          add={(id) => set((f) => (f.evidenceIds = [...f.evidenceIds, id]))}
          remove={(id) => set((f) => (f.evidenceIds = f.evidenceIds.filter((e) => e !== id)))} />
      </fieldset>
      <p class="soft" role="status">{placeProblem.value && t[placeProblem.value]}</p>
      <p class="problem" role="alert">{missing}</p>
      <div class="bottom">
        <button type="button" class="quiet" onClick={() => void throwAway()}>{t.discard}</button>
        <button class="primary" disabled={keeping.value > 0}>{t.send}</button>
      </div>
    </form>
  );
}
