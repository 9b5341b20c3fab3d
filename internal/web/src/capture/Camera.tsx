// Photos and videos of an entry: taken, chosen, shown, taken back.
import { useEffect, useRef, useState } from "preact/hooks";
import type { EvidenceStage } from "../api/gql/graphql";
import { bytes } from "../ui/format";
import { fill, texts } from "../ui/language";
import { Unfit, bytesOf, dropFile, keepFile } from "./files";
import type { Entry } from "./schema";
import { StorageFull, kept } from "./store";

const t = texts({
  photo: ["拍照", "Take photo"],
  photoGallery: ["从相册选照片", "Photo from gallery"],
  video: ["录像", "Record video"],
  videoGallery: ["从相册选视频", "Video from gallery"],
  cancelled: ["没有拿到文件。相机打不开或没有权限时，请改用“从相册选”。", "No file came. When the camera can't be opened or is not allowed, choose from the gallery."],
  full: ["手机存储空间不足，这个文件没有存下，其他内容都还在。请先联网上传或清理空间，再加一次（相册里的可直接选）。", "No room on this phone: this file was not kept, everything else still is. Send or clear something first, then add it again (from the gallery if it is there)."],
  keeping: ["正在存入本机…", "Being kept on this phone…"],
  remove: ["移除", "Remove"],
  removeThis: ["移除 {name}", "Remove {name}"],
  videoFile: ["视频", "Video"],
  gone: ["已在服务器", "On the server"],
});

interface Props {
  stage: EvidenceStage;
  video?: boolean;
  /** Make sure that there is an entry to add to. */
  entry: () => Promise<Entry>;
  ids: string[];
  add: (id: string) => Promise<void>;
  /** Left out where files can't be taken back any more. */
  remove?: (id: string) => Promise<void>;
  /** Given the way to open the camera, for who wants to open it by another button. */
  open?: (click: () => void) => void;
}

export function Camera({ stage, video = false, entry, ids, add, remove, open }: Props) {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const camera = useRef<HTMLInputElement>(null);
  useEffect(() => open?.(() => camera.current?.click()), []);

  async function take(input: HTMLInputElement, kind: "PHOTO" | "VIDEO", fromCamera: boolean) {
    const files = [...(input.files ?? [])];
    setProblem(undefined);
    setBusy(true);
    try {
      for (const file of files) await add(await keepFile(file, await entry(), { stage, kind, camera: fromCamera }));
    } catch (error) {
      setProblem(error instanceof StorageFull ? t.full : error instanceof Unfit ? error.message : String(error));
    }
    setBusy(false);
    input.value = ""; // the same file may be chosen again
  }
  const source = (kind: "PHOTO" | "VIDEO", fromCamera: boolean, text: string) => (
    <label class="button">
      {text}
      <input
        class="visually-hidden"
        type="file"
        accept={kind === "PHOTO" ? "image/*" : "video/*"}
        capture={fromCamera ? "environment" : undefined}
        multiple={!fromCamera}
        ref={kind === "PHOTO" && fromCamera ? camera : undefined}
        onChange={(e) => void take(e.currentTarget, kind, fromCamera)}
        onCancel={() => setProblem(t.cancelled)}
      />
    </label>
  );

  return (
    <div class="stack">
      <Thumbs ids={ids} {...(remove ? { remove } : {})} />
      <div class="buttons">
        {source("PHOTO", true, t.photo)}
        {source("PHOTO", false, t.photoGallery)}
        {video && source("VIDEO", true, t.video)}
        {video && source("VIDEO", false, t.videoGallery)}
      </div>
      <p class="soft" role="status">{busy && t.keeping}</p>
      <p class="problem" role="alert">{problem}</p>
    </div>
  );
}

export function Thumbs({ ids, remove }: { ids: string[]; remove?: (id: string) => Promise<void> }) {
  if (ids.length === 0) return null;
  return (
    <ul class="thumbs">
      {ids.map((id) => (
        <li key={id}>
          <Thumb id={id} />
          {remove && canGo(id) && <button type="button" aria-label={fill(t.removeThis, { name: nameOf(id) })} onClick={() => void remove(id).then(() => dropFile(id))}>{t.remove}</button>}
        </li>
      ))}
    </ul>
  );
}

const recordOf = (id: string) => kept.value.files.find((f) => f.id === id);
const nameOf = (id: string) => recordOf(id)?.announcement.fileName ?? "";
// A file that may have been announced to the server stays.
const canGo = (id: string) => recordOf(id)?.frozen === false;

function Thumb({ id }: { id: string }) {
  const [url, setUrl] = useState<string>();
  const file = recordOf(id);
  useEffect(() => {
    let made: string | undefined;
    let gone = false;
    void bytesOf(id).then((blob) => {
      if (blob && !gone) setUrl((made = URL.createObjectURL(blob)));
    });
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [id]);
  if (!file) return <span class="tile">{t.gone}</span>;
  const { kind, fileName, size } = file.announcement;
  if (kind !== "PHOTO" || !url) return <span class="tile">{kind === "VIDEO" ? t.videoFile : ""} {bytes(size)}</span>;
  return <img class="tile" src={url} alt={fileName} loading="lazy" />;
}
