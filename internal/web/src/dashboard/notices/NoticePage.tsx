// A rectification notice: what it says, what the school answered, and its history.
import { graphql } from "../../api/client";
import { EvidenceGaps, EvidenceRow } from "../../ui/Evidence";
import { Facts } from "../../ui/Facts";
import { Table } from "../../ui/List";
import { HazardStatusTag, Tag } from "../../ui/Tag";
import { Timeline } from "../../ui/Timeline";
import { day, instant } from "../../ui/format";
import { texts } from "../../ui/language";
import { printNotice } from "../../ui/printNotice";
import { useQuery } from "../../ui/useQuery";
import { word } from "../../ui/words";
import { Details } from "../../ui/Details";
import { RecordPage } from "../RecordPage";
import { to } from "../place";
import { useScene } from "../scene";

const t = texts({
  list: ["整改通知书", "Notices"],
  draft: ["整改通知书（草稿）", "Notice (draft)"],
  school: ["学校", "School"],
  team: ["督查组", "Team"],
  report: ["检查报告", "Report"],
  issued: ["下发", "Issued"],
  deadline: ["整改期限", "Deadline"],
  requirements: ["整改要求", "Requirements"],
  opinion: ["学校意见", "School's opinion"],
  refusal: ["拒签原因", "Why it was not signed"],
  witness: ["见证人", "Witness"],
  reply: ["回复", "Reply"],
  handedIn: ["报送", "Handed in"],
  late: ["（迟）", " (late)"],
  overdue: ["逾期", "Overdue"],
  print: ["打印件", "Printed form"],
  verify: ["核验页", "Verification page"],
  hash: ["内容摘要 SHA-256", "SHA-256 of its content"],
  supersedes: ["取代", "Replaces"],
  supersededBy: ["被取代于", "Replaced by"],
  items: ["存在问题", "Problems"],
  problem: ["问题", "Problem"],
  place: ["部位", "Place"],
  basis: ["依据", "Basis"],
  requirement: ["要求", "Requirement"],
  state: ["隐患状态", "Hazard"],
  signature: ["签收材料", "Signature"],
  history: ["经过", "History"],
});

const Query = graphql(`
  query NoticePage($id: ID!) {
    notice(id: $id) {
      id number status deadlineOn overdue requirements issuedAt verifyCode snapshotHash
      opinion refusalReason witness reply repliedAt handedInAt handedInLate
      school { id name } team { name } report { id } issuedBy { name } acknowledgedBy { name } handedInBy { name }
      supersedes { id number } supersededBy { id number }
      items { id position problem place basis requirement hazard { id status } }
      evidence { ...EvidenceParts }
      missingEvidence { ...EvidenceGapParts }
      events { id kind happenedAt receivedAt actor { name } details { name value } }
    }
  }
`);

export function NoticePage({ id }: { id: string }) {
  const { asOf, category } = useScene();
  const query = useQuery(Query, { id });
  return (
    <RecordPage back={to(["notices"])} list={t.list} query={query} record={query.data?.notice}>
      {(n) => (
        <>
          <header class="title">
            <h1>{n.number ?? t.draft}</h1>
            <p><Tag>{word(n.status, "NoticeStatus")}</Tag>{n.overdue && <Tag look="bad">{t.overdue}</Tag>}</p>
            {n.number && <button type="button" onClick={() => void printNotice(id)}>{t.print}</button>}
          </header>
          <section class="card">
            <Facts
              rows={[
                [t.school, n.school && <a href={to(["schools", n.school.id])}>{n.school.name}</a>],
                [t.team, n.team?.name],
                [t.report, n.report && <a href={to(["reports", n.report.id])}>{t.report}</a>],
                [t.issued, n.issuedAt && <>{instant(n.issuedAt)} {n.issuedBy?.name}</>],
                [t.deadline, day(n.deadlineOn)],
                [t.requirements, n.requirements],
                [t.opinion, n.opinion && <>{n.opinion} <span class="soft">{n.acknowledgedBy?.name}</span></>],
                [t.refusal, n.refusalReason],
                [t.witness, n.refusalReason && n.witness],
                [t.reply, n.reply && <>{n.reply} {n.repliedAt && <span class="soft">{instant(n.repliedAt)}</span>}</>],
                [t.handedIn, n.handedInAt && <>{instant(n.handedInAt)} {n.handedInBy?.name}{n.handedInLate && <span class="problem">{t.late}</span>}</>],
                [t.supersedes, n.supersedes && <a href={to(["notices", n.supersedes.id])}>{n.supersedes.number}</a>],
                [t.supersededBy, n.supersededBy && <a href={to(["notices", n.supersededBy.id])}>{n.supersededBy.number}</a>],
                [t.verify, n.verifyCode && <a href={`/verify/${n.verifyCode}`}>/verify/{n.verifyCode}</a>],
                [t.hash, n.snapshotHash && <code>{n.snapshotHash}</code>],
              ]}
            />
          </section>
          <section class="card">
            <h2>{t.items}</h2>
            <Table
              caption={t.items}
              rows={n.items ?? []}
              id={(i) => i.id}
              columns={[
                { title: t.problem, names: true, cell: (i) => (i.hazard ? <a href={to(["hazards", i.hazard.id])}>{i.position}. {i.problem}</a> : `${i.position}. ${i.problem}`) },
                { title: t.place, cell: (i) => i.place },
                { title: t.basis, cell: (i) => i.basis },
                { title: t.requirement, cell: (i) => i.requirement },
                { title: t.state, cell: (i) => i.hazard && <HazardStatusTag status={i.hazard.status} /> },
              ]}
            />
          </section>
          {((n.evidence?.length ?? 0) > 0 || (n.missingEvidence?.length ?? 0) > 0) && (
            <section class="card">
              <h2>{t.signature}</h2>
              <EvidenceRow label={t.signature} files={n.evidence ?? []} />
              <EvidenceGaps gaps={n.missingEvidence ?? []} />
            </section>
          )}
          <section class="card">
            <h2>{t.history}</h2>
            <Timeline
              label={t.history}
              asOf={asOf}
              steps={(n.events ?? []).map((e) => ({
                id: e.id, title: word(e.kind, e.kind === "CLOSED" || e.kind === "REFUSED" ? "NoticeStatus" : undefined), by: e.actor?.name, at: e.happenedAt, receivedAt: e.receivedAt,
                body: <Details details={e.details} category={category} />,
              }))}
            />
          </section>
        </>
      )}
    </RecordPage>
  );
}
