// One inspection of a school: what was found, what proves it, what is missing.
import { graphql } from "../../api/client";
import { EvidenceGaps, EvidenceRow } from "../../ui/Evidence";
import { Facts } from "../../ui/Facts";
import { Table } from "../../ui/List";
import { Position } from "../../ui/Position";
import { Tag } from "../../ui/Tag";
import { instant } from "../../ui/format";
import { texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { itemName, word } from "../../ui/words";
import { RecordPage } from "../RecordPage";
import { to } from "../place";

const t = texts({
  list: ["检查报告", "Inspection reports"],
  school: ["学校", "School"],
  team: ["督查组", "Team"],
  inspector: ["检查人", "Inspector"],
  started: ["开始", "Began"],
  submitted: ["提交", "Handed in"],
  checkIn: ["签到", "Check-in"],
  proven: ["已证实", "Proven"],
  unproven: ["未证实", "Not proven"],
  position: ["签到位置", "Where the inspector checked in"],
  evidence: ["现场材料", "Files of the visit"],
  missing: ["尚缺", "Missing"],
  noFinding: ["未填写结果", "no finding"],
  noCheckIn: ["缺少校园内签到", "A check-in inside the school's boundary is missing"],
  findings: ["检查结果", "Findings"],
  item: ["排查内容", "Item"],
  grid: ["网格", "Grid"],
  whole: ["全校", "Whole school"],
  result: ["结果", "Result"],
  note: ["说明", "Note"],
  files: ["佐证材料", "Evidence"],
  notices: ["整改通知书", "Notices"],
  discrepancies: ["应发现未发现", "Discrepancies"],
});

const Query = graphql(`
  query ReportPage($id: ID!) {
    node(id: $id) {
      ... on InspectionReport {
        id kind status startedAt submittedAt checkedInAt proven
        checkIn { latitude longitude }
        school { id name position { latitude longitude } boundaryMeters boundary { latitude longitude } }
        team { id name } inspector { name }
        findings { id result note item { id number text textEn } grid { name } evidence { ...EvidenceParts } }
        evidence { ...EvidenceParts }
        missing { item { number text textEn } finding { id } evidence { ...EvidenceGapParts } checkInMissing }
        notices { id number status }
        discrepancies { id item { number text textEn } }
      }
    }
  }
`);

export function ReportPage({ id }: { id: string }) {
  const query = useQuery(Query, { id });
  const node = query.data?.node;
  const r = node && "kind" in node ? node : undefined;
  return (
    <RecordPage back={to(["reports"], { schoolId: r?.school?.id })} list={t.list} query={query} record={r}>
      {(r) => (
        <>
          <header class="title">
            <h1>{r.school?.name} · {word(r.kind)}</h1>
            <p><Tag>{word(r.status, "ReportStatus")}</Tag><Tag look={r.proven ? "good" : "warn"}>{r.proven ? t.proven : t.unproven}</Tag></p>
          </header>
          <div class="columns">
            <section class="card">
              <Facts
                rows={[
                  [t.school, r.school && <a href={to(["schools", r.school.id])}>{r.school.name}</a>],
                  [t.team, r.team?.name],
                  [t.inspector, r.inspector?.name],
                  [t.started, instant(r.startedAt)],
                  [t.checkIn, r.checkedInAt && instant(r.checkedInAt)],
                  [t.submitted, r.submittedAt && instant(r.submittedAt)],
                ]}
              />
              {r.missing && r.missing.length > 0 && (
                <>
                  <h2>{t.missing}</h2>
                  {r.missing.map((m) => (
                    <div>
                      {m.item && <p>{itemName(m.item)}{!m.finding && <span class="problem"> · {t.noFinding}</span>}</p>}
                      {m.checkInMissing && <p class="problem">{t.noCheckIn}</p>}
                      {m.evidence && <EvidenceGaps gaps={[m.evidence]} />}
                    </div>
                  ))}
                </>
              )}
              {r.notices && r.notices.length > 0 && (
                <><h2>{t.notices}</h2><ul>{r.notices.map((n) => <li><a href={to(["notices", n.id])}>{n.number ?? word(n.status, "NoticeStatus")}</a></li>)}</ul></>
              )}
              {r.discrepancies && r.discrepancies.length > 0 && (
                <><h2>{t.discrepancies}</h2><ul>{r.discrepancies.map((d) => <li><a href={to(["discrepancies", d.id])}>{d.item && itemName(d.item)}</a></li>)}</ul></>
              )}
            </section>
            {r.school && (
              <section class="card" aria-labelledby="checkin">
                <h2 id="checkin">{t.position}</h2>
                <Position school={r.school.position} boundary={r.school.boundary} radius={r.school.boundaryMeters} marks={r.checkIn ? [{ label: t.checkIn, ...r.checkIn }] : []} />
              </section>
            )}
          </div>
          {r.evidence && r.evidence.length > 0 && <section class="card"><h2>{t.evidence}</h2><EvidenceRow label={t.evidence} files={r.evidence} /></section>}
          <section class="card">
            <h2>{t.findings}</h2>
            <Table
              caption={t.findings}
              rows={r.findings ?? []}
              id={(f) => f.id}
              columns={[
                { title: t.item, names: true, cell: (f) => f.item && itemName(f.item) },
                { title: t.grid, cell: (f) => f.grid?.name ?? t.whole },
                { title: t.result, cell: (f) => <Tag look={f.result === "NON_COMPLIANT" ? "bad" : f.result === "COMPLIANT" ? "good" : undefined}>{word(f.result)}</Tag> },
                { title: t.note, cell: (f) => f.note },
                { title: t.files, cell: (f) => <EvidenceRow label={t.files} files={f.evidence ?? []} /> },
              ]}
            />
          </section>
        </>
      )}
    </RecordPage>
  );
}
