// A rectification notice: what it says, what the school answered, and its history.
import { graphql } from "../../api/client";
import { EvidenceGaps, EvidenceRow } from "../../ui/Evidence";
import { Table } from "../../ui/List";
import { QueryState } from "../../ui/State";
import { Timeline } from "../../ui/Timeline";
import { day, instant } from "../../ui/format";
import { texts } from "../../ui/language";
import { printNotice } from "../../ui/printNotice";
import { useQuery } from "../../ui/useQuery";
import { word } from "../../ui/words";
import { Details } from "../../ui/Details";
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
  life: ["经过", "Life"],
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
  const n = query.data?.notice;
  return (
    <>
      <nav class="back"><a href={to(["notices"])}>← {t.list}</a></nav>
      <QueryState query={query} />
      {n && (
        <article class="record">
          <header class="title">
            <h1>{n.number ?? t.draft}</h1>
            <p><span class="tag">{word(n.status, "NoticeStatus")}</span>{n.overdue && <span class="tag bad">{t.overdue}</span>}</p>
            {n.number && <button type="button" onClick={() => void printNotice(id)}>{t.print}</button>}
          </header>
          <section class="card">
            <dl class="facts">
              {n.school && <><dt>{t.school}</dt><dd><a href={to(["schools", n.school.id])}>{n.school.name}</a></dd></>}
              {n.team && <><dt>{t.team}</dt><dd>{n.team.name}</dd></>}
              {n.report && <><dt>{t.report}</dt><dd><a href={to(["reports", n.report.id])}>{t.report}</a></dd></>}
              {n.issuedAt && <><dt>{t.issued}</dt><dd>{instant(n.issuedAt)} {n.issuedBy?.name}</dd></>}
              <dt>{t.deadline}</dt>
              <dd>{day(n.deadlineOn)}</dd>
              <dt>{t.requirements}</dt>
              <dd>{n.requirements}</dd>
              {n.opinion && <><dt>{t.opinion}</dt><dd>{n.opinion} <span class="soft">{n.acknowledgedBy?.name}</span></dd></>}
              {n.refusalReason && <><dt>{t.refusal}</dt><dd>{n.refusalReason}</dd><dt>{t.witness}</dt><dd>{n.witness}</dd></>}
              {n.reply && <><dt>{t.reply}</dt><dd>{n.reply} {n.repliedAt && <span class="soft">{instant(n.repliedAt)}</span>}</dd></>}
              {n.handedInAt && <><dt>{t.handedIn}</dt><dd>{instant(n.handedInAt)} {n.handedInBy?.name}{n.handedInLate && <span class="problem">{t.late}</span>}</dd></>}
              {n.supersedes && <><dt>{t.supersedes}</dt><dd><a href={to(["notices", n.supersedes.id])}>{n.supersedes.number}</a></dd></>}
              {n.supersededBy && <><dt>{t.supersededBy}</dt><dd><a href={to(["notices", n.supersededBy.id])}>{n.supersededBy.number}</a></dd></>}
              {n.verifyCode && <><dt>{t.verify}</dt><dd><a href={`/verify/${n.verifyCode}`}>/verify/{n.verifyCode}</a></dd></>}
              {n.snapshotHash && <><dt>{t.hash}</dt><dd><code>{n.snapshotHash}</code></dd></>}
            </dl>
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
                { title: t.state, cell: (i) => i.hazard && <span class={`tag ${i.hazard.status}`}>{word(i.hazard.status)}</span> },
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
            <h2>{t.life}</h2>
            <Timeline
              label={t.life}
              asOf={asOf}
              steps={(n.events ?? []).map((e) => ({
                id: e.id, title: word(e.kind, e.kind === "CLOSED" || e.kind === "REFUSED" ? "NoticeStatus" : undefined), by: e.actor?.name, at: e.happenedAt, receivedAt: e.receivedAt,
                body: <Details details={e.details} category={category} />,
              }))}
            />
          </section>
        </article>
      )}
    </>
  );
}
