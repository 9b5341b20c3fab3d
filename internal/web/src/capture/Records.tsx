// What was entered here, and what of it the server has.
import { newID } from "../api/client";
import type { EvidenceStage } from "../api/gql/graphql";
import { bytes, instant, percent } from "../ui/format";
import { fill, texts } from "../ui/language";
import { go, link } from "../ui/route";
import { word } from "../ui/words";
import { owner } from "./account";
import { serverTime } from "./clock";
import { changeFile, keepFile } from "./files";
import { reading } from "./hash";
import { command, discard, reopen, retry, save, unsent, unsentOfAll } from "./queue";
import type { Command, Entry, FileRecord } from "./schema";
import { sendNow, sending } from "./sender";
import { snapshot } from "./snapshot";
import { kept } from "./store";
import { fileWaited, waiting } from "./waited";

const t = texts({
  title: ["我的记录", "My records"],
  none: ["本机还没有记录。", "Nothing has been entered on this device yet."],
  sendNow: ["立即上传", "Send now"],
  allThere: ["服务器已全部收到并核验", "The server has everything and has verified it"],
  underWay: ["等待上传", "Waits to be sent"],
  verifying: ["已上传，服务器核验中", "Sent, the server is checking"],
  attention: ["需要处理", "Needs you"],
  inProgress: ["检查中", "In progress"],
  inspection: ["检查", "Inspection"],
  hazard: ["隐患", "Hazard"],
  rectification: ["整改", "Rectification"],
  refused: ["服务器没有接受：{message}", "The server refused it: {message}"],
  edit: ["修改后重发", "Change and send again"],
  again: ["再试一次", "Try again"],
  discard: ["放弃", "Discard"],
  discardSure: ["放弃这条记录以及尚未上传的文件？此操作不能撤销。", "Discard this record and its files that have not been sent? This can't be undone."],
  waiting: ["等待上传", "Waits"],
  reading: ["正在计算校验值 {share}", "Being read: {share}"],
  received: ["服务器已收到 {n} / {all}", "The server has {n} of {all}"],
  RECEIVED: ["服务器已收到，核验中", "Received, being verified"],
  VERIFIED: ["已核验", "Verified"],
  REJECTED: ["服务器判定不合格：{reason}", "Rejected by the server: {reason}"],
  fileRefused: ["上传被拒：{reason}", "The upload was refused: {reason}"],
  lost: ["文件已不在本机", "the file is no longer on this device"],
  replace: ["重拍补交", "Take another"],
  replaced: ["已补交", "Another one was added"],
  others: ["另有 {n} 项属于其他账号，须由其本人登录后上传。", "{n} items belong to another account, which must sign in to send them."],
  photo: ["照片", "Photo"],
  video: ["视频", "Video"],
  server: ["服务器上我的检查报告", "My inspection reports on the server"],
  claimed: ["已提交，材料未齐", "Handed in, proof incomplete"],
  proven: ["已证实", "Proven"],
  sha256_mismatch: ["内容与登记的不一致", "the bytes are not what was announced"],
});

export function Records() {
  const mine = owner.value?.id;
  const entries = kept.value.entries.filter((e) => e.owner === mine && !e.draft).sort((a, b) => b.at - a.at);
  const foreign = unsentOfAll(mine);
  const reports = (snapshot.value?.reports ?? []).filter((r) => r.inspector?.id === mine);
  return (
    <>
      <div class="row">
        <h2>{t.title}</h2>
        {mine && unsent(mine) > 0 && <button type="button" disabled={sending.value === "busy"} onClick={sendNow}>{t.sendNow}</button>}
      </div>
      {entries.length === 0 && <p class="card">{t.none}</p>}
      <div class="cards">{entries.map((e) => <Record entry={e} key={e.id} />)}</div>
      {foreign > 0 && <p class="card">{fill(t.others, { n: foreign })}</p>}
      {reports.length > 0 && (
        <section class="stack" aria-labelledby="server">
          <h2 id="server">{t.server}</h2>
          {reports.map((r) => (
            <p class="card row" key={r.id}>
              <span>{r.grid?.name ?? word(r.kind)} <span class="soft">{instant(r.startedAt)}</span></span>
              <span class={r.proven ? "chip good" : "chip warn"}>{r.status === "IN_PROGRESS" ? t.inProgress : r.proven ? t.proven : t.claimed}</span>
            </p>
          ))}
        </section>
      )}
    </>
  );
}

function Record({ entry }: { entry: Entry }) {
  const commands = kept.value.commands.filter((c) => c.entry === entry.id);
  const files = kept.value.files.filter((f) => f.entry === entry.id);
  const refused = commands.filter((c) => c.state === "refused");
  const [kind, text] = state(entry, commands, files);
  return (
    <article class="card stack" aria-label={entry.title}>
      <div class="heading">
        <span class="soft">{t[entry.form.kind]} · {instant(serverTime({ device: entry.at, behind: null }))}</span>
        <span class={`chip ${kind}`} role="status">{text}</span>
        <strong class="clip">{entry.title}</strong>
      </div>
      <Soft text={waiting(commands)} />
      {refused.map((c) => <Refused key={c.sequence} entry={entry} command={c} />)}
      {files.length > 0 && <ul class="plain files">{files.map((f) => <FileRow key={f.id} entry={entry} file={f} />)}</ul>}
    </article>
  );
}

function state(entry: Entry, commands: Command[], files: FileRecord[]): [kind: string, text: string] {
  if (commands.some((c) => c.state === "refused") || files.some((f) => f.refusal && f.refusal.code !== "REPLACED")) return ["bad", t.attention];
  if (commands.some((c) => c.state === "waiting") || files.some((f) => f.status === "waiting" || f.status === "ANNOUNCED")) return ["warn", t.underWay];
  if (files.some((f) => f.status !== "VERIFIED" && f.status !== "REJECTED")) return ["warn", t.verifying];
  if (entry.form.kind === "inspection" && !entry.form.submitted) return ["warn", t.inProgress];
  return ["good", t.allThere];
}

const Soft = ({ text }: { text: string | undefined }) => (text ? <p class="soft">{text}</p> : null);

// A refusal never goes away by itself: a person changes it, tries again or gives it up.
function Refused({ entry, command: c }: { entry: Entry; command: Command }) {
  const { message, fields, code } = c.refusal ?? { message: "", fields: [], code: "" };
  const editable = entry.form.kind !== "inspection";
  async function edit() {
    const again = await reopen(entry);
    go(link([again.form.kind === "hazard" ? "hazard" : "rectify", again.id]));
  }
  return (
    <div class="refusal stack" role="alert">
      <p>{fill(t.refused, { message })}</p>
      {fields.length > 0 && <ul>{fields.map((f) => <li key={f.path}>{f.message}</li>)}</ul>}
      <p class="soft">{code}</p>
      <div class="buttons">
        {editable ? <button type="button" onClick={() => void edit()}>{t.edit}</button> : <button type="button" onClick={() => void retry(c)}>{t.again}</button>}
        <button type="button" class="danger" onClick={() => confirm(t.discardSure) && void discard(entry)}>{t.discard}</button>
      </div>
    </div>
  );
}

function FileRow({ entry, file: f }: { entry: Entry; file: FileRecord }) {
  const { kind, size, stage } = f.announcement;
  const share = size ? f.received / size : 0;
  return (
    <li class="stack">
      <span class="row">
        <span>{kind === "VIDEO" ? t.video : t.photo} · {bytes(size)}</span>
        <span class={f.status === "VERIFIED" ? "good" : f.refusal ? "bad" : ""}>{said(f)}</span>
      </span>
      <Soft text={fileWaited(f)} />
      {f.status === "ANNOUNCED" && !f.refusal && <progress max={1} value={share} aria-label={said(f)}>{percent(share)}</progress>}
      {f.refusal && f.refusal.code !== "REPLACED" && (
        <label class="button">
          {t.replace}
          <input class="visually-hidden" type="file" accept={kind === "VIDEO" ? "video/*" : "image/*"} capture="environment" onChange={(e) => void replace(entry, f, e.currentTarget.files?.[0], stage)} />
        </label>
      )}
    </li>
  );
}

function said(f: FileRecord): string {
  if (f.refusal?.code === "REPLACED") return t.replaced;
  if (f.status === "REJECTED") return fill(t.REJECTED, { reason: (t as Record<string, string>)[f.refusal?.code ?? ""] ?? "" });
  if (f.refusal) return fill(t.fileRefused, { reason: f.refusal.code === "BYTES_GONE" ? t.lost : f.refusal.message });
  if (f.status === "ANNOUNCED") return fill(t.received, { n: bytes(f.received), all: bytes(f.announcement.size) });
  if (f.status === "RECEIVED") return t.RECEIVED;
  if (f.status === "VERIFIED") return t.VERIFIED;
  if (f.status !== "waiting") return word(f.status); // a newer server's word
  return reading.value?.id === f.id ? fill(t.reading, { share: percent(reading.value.share) }) : t.waiting;
}

// What a file was for: the finding that names it, the hazard, the report.
function subjectOf(entry: Entry, f: FileRecord): NonNullable<FileRecord["subject"]> {
  if (f.subject) return f.subject;
  const { form } = entry;
  if (form.kind === "hazard") return { id: entry.id, step: form.supervision ? "HAZARD_REPORT_SUPERVISION" : "HAZARD_REPORT" };
  if (form.kind === "rectification") return { id: form.hazardId, step: "RECTIFY" };
  return { id: form.findings.find((x) => x.evidenceIds.includes(f.id))?.id ?? entry.id };
}

// Another file takes a rejected one's place: its announcement names the subject.
async function replace(entry: Entry, f: FileRecord, file: File | undefined, stage: EvidenceStage): Promise<void> {
  if (!file) return;
  const subject = subjectOf(entry, f);
  const id = await keepFile(file, entry, { stage, kind: f.announcement.kind, camera: true }, subject);
  await save(entry, [command(entry, "supplementEvidence", { commandId: newID("command"), subjectId: subject.id, step: subject.step ?? null, evidenceIds: [id] })]);
  await changeFile(f.id, (r) => (r.refusal = { code: "REPLACED", message: "", fields: [] }), true);
}
