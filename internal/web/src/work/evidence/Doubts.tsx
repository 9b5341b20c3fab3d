// Why a file is doubted, what that can mean, and beside it the earlier file that it
// is like: for a person who compares and decides.
import type { EvidencePartsFragment } from "../../api/gql/graphql";
import { EvidencePicture, measured, nameOf } from "../../ui/Evidence";
import { Facts } from "../../ui/Facts";
import { instant, names } from "../../ui/format";
import { fill, labelled, texts } from "../../ui/language";
import { word } from "../../ui/words";
import { Uses } from "./Uses";
import type { EvidenceAtWork, EvidenceUse } from "./query";

const t = texts({
  why: ["疑点", "What raises doubts"],
  known: ["另外已知", "What else is known"],
  this: ["本文件", "This file"],
  earlier: ["较早的文件", "The earlier file"],
  distance: ["256 位指纹中有 {n} 位不同", "{n} of 256 bits of their fingerprints differ"],
  outOfSight: ["较早的文件不在您的查看范围内。", "The earlier file is out of your sight."],
  school: ["学校", "School"],
  taken: ["拍摄", "Taken"],
  announced: ["登记", "Announced"],
  uploader: ["上传人", "Uploaded by"],
  uses: ["用于", "Stands for"],
});

// By the code of the doubt; each names an innocent explanation, too.
const meanings = texts({
  TIME_DIFFERS: ["文件里记录的拍摄时间与手机报告的时间不一致：可能是旧照片，也可能只是相机时钟没校准。", "The time in the file is not the one that the phone told: an older picture perhaps, or a camera whose clock is wrong."],
  DEVICE_CLOCK_OFF: ["手机时钟与服务器相差较大，这份文件的时间不能照字面看；多半只是手机没校时。", "The phone's clock is far off the server's, so this file's times can't be taken literally; often the clock was never set."],
  OUTSIDE_BOUNDARY: ["拍摄位置在校园范围之外：可能拍的是别处，也可能是定位误差，或隐患就在围墙外。", "It was taken outside the school's boundary: another place perhaps, or a coarse position, or a hazard outside of the wall."],
  OUTSIDE_VISIT: ["拍摄时间不在这次检查期间：可能是事后补拍，也可能不是当次现场。", "It was not taken during the inspection: added later perhaps, or of another day."],
  OLDER_THAN_HAZARD: ["拍摄早于隐患发现：照片可能是以前的情况，也可能隐患登记晚了。", "It is older than the hazard: it may show an earlier state, or the hazard was recorded late."],
  SAME_FILE_BEFORE: ["与先前用过的文件逐字节相同：可能是重复使用，也可能是同一现场由两处共用或误传。", "Its bytes are those of a file that was used before: used twice perhaps, or one scene that two share, or sent by mistake."],
  SAME_PICTURE_BEFORE: ["画面与先前用过的文件相同，只是重新保存、缩放或去掉了拍摄信息。", "It shows the picture of a file that was used before, saved again, scaled or stripped."],
  SIMILAR_PICTURE_BEFORE: ["画面与先前用过的文件相近：可能是同一画面，也可能只是同一地点再次拍摄。", "It looks like a file that was used before: the same picture perhaps, or the same place on another day."],
  AFTER_LIKE_BEFORE: ["整改后的照片与整改前几乎一样，看不出变化；请比对是否确已整改。", "After looks like before and shows no change: compare whether it has been rectified."],
});

// A doubt that this build does not know has a name at most.
function meaningOf(code: string): string {
  const meaning = (meanings as Record<string, string>)[code]!;
  return meaning === code ? "" : meaning;
}

/** The doubts in words, then what else is known. */
export function Doubts({ file }: { file: EvidenceAtWork }) {
  const doubts = file.trustReasons.filter((r) => r.weight === "QUESTIONS");
  const others = file.trustReasons.filter((r) => r.weight !== "QUESTIONS");
  return (
    <div class="doubts">
      {doubts.length > 0 && (
        <ul aria-label={t.why}>
          {doubts.map((r) => (
            <li key={r.code}>
              <strong>{word(r.code)}</strong> {r.measure > 0 && <span class="soft">({measured(r)})</span>}
              <p>{meaningOf(r.code)}</p>
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && <p class="soft">{labelled(t.known, names(others.map((r) => word(r.code))))}</p>}
    </div>
  );
}

type Side = EvidencePartsFragment & { school?: { name: string } | null; uses?: EvidenceUse[] | null };

/** The file, and each earlier one that it is like at its side, the most similar first; `most` of them. */
export function Compared({ file, most = Infinity }: { file: EvidenceAtWork; most?: number }) {
  return (
    <div class="compared">
      <Side title={t.this} file={file} />
      {file.matches?.slice(0, most).map((m) =>
        m.earlier ? (
          <Side key={m.id} title={`${t.earlier} · ${word(m.kind)}`} note={m.distance > 0 ? fill(t.distance, { n: m.distance }) : ""} file={m.earlier} />
        ) : (
          <p key={m.id} class="soft">{t.outOfSight}</p>
        ))}
    </div>
  );
}

function Side({ title, note, file }: { title: string; note?: string; file: Side }) {
  const takenAt = file.takenAt ?? file.capturedAt;
  return (
    <figure>
      <figcaption><strong>{title}</strong> {nameOf(file)} {note && <span class="soft">{note}</span>}</figcaption>
      <EvidencePicture file={file} />
      <Facts
        rows={[
          [t.school, file.school?.name],
          [t.taken, takenAt && instant(takenAt)],
          [t.announced, instant(file.announcedAt)],
          [t.uploader, file.uploader?.name],
          [t.uses, <Uses uses={file.uses} />],
        ]}
      />
    </figure>
  );
}
