// The rectification notices in sight: drafting one, how far the teams are with
// handing them in, and the list.
import { useState } from "preact/hooks";
import { graphql } from "../../api/client";
import type { NoticeStatus } from "../../api/gql/graphql";
import { List, Table, usePages } from "../../ui/List";
import { QueryResult } from "../../ui/State";
import { Tag } from "../../ui/Tag";
import { day, instant, number } from "../../ui/format";
import { texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { word } from "../../ui/words";
import { to } from "../to";
import { useWorker } from "../viewer";
import { Draft } from "./Draft";
import { HandIn } from "./HandIn";

const t = texts({
  title: ["整改通知书", "Rectification notices"],
  handIns: ["各督查组报送情况", "How far the teams are with handing in"],
  team: ["督查组", "Team"],
  issued: ["已下发", "Issued"],
  handedIn: ["已报送", "Handed in"],
  missing: ["未报送", "Missing"],
  late: ["逾期报送", "Late"],
  list: ["通知书", "Notices"],
  number: ["文号", "Number"],
  noNumber: ["未编号", "No number yet"],
  school: ["学校", "School"],
  status: ["状态", "Status"],
  deadline: ["整改期限", "Deadline"],
  everyStatus: ["全部状态", "Every status"],
  overdue: ["逾期", "Overdue"],
  none: ["没有符合的通知书。", "There is no such notice."],
});

const Notices = graphql(`
  query NoticesAtWork($first: Int!, $after: String, $filter: NoticeFilter!) {
    notices(first: $first, after: $after, filter: $filter) {
      edges { node { id number status overdue deadlineOn handedInAt handedInLate school { id name } team { id name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const HandIns = graphql(`
  query HandInsAtWork($campaign: ID!) {
    handIns(campaignId: $campaign) { issuedCount handedInCount missingCount lateCount late team { id number name members { position user { id } } } }
  }
`);

const statuses: NoticeStatus[] = ["DRAFT", "ISSUED", "ACKNOWLEDGED", "REFUSED", "REPLIED", "CLOSED", "SUPERSEDED", "DROPPED"];

/** The screen. */
export function NoticesWork() {
  const { is } = useWorker();
  return (
    <>
      <h1>{t.title}</h1>
      {is("SAFETY_SECTION", "INSPECTOR") && <Draft />}
      {is("SAFETY_SECTION", "BUREAU_LEADER", "INSPECTOR") && <Teams />}
      <NoticeList />
    </>
  );
}

function Teams() {
  const worker = useWorker();
  const query = useQuery(HandIns, { campaign: worker.campaign.id });
  return (
    <QueryResult query={query}>
      {({ handIns }) => (
        <>
          {handIns?.filter((h) => h.missingCount > 0 && h.team?.members?.some((m) => m.position < 2 && m.user?.id === worker.id)).map((h) => (
            <HandIn key={h.team!.id} team={h.team!} changed={() => void query.reload()} />
          ))}
          {Boolean(handIns?.length) && (
            <section class="card" aria-label={t.handIns}>
              <h2>{t.handIns}</h2>
              <Table
                caption={t.handIns}
                rows={handIns!}
                id={(h) => h.team?.id ?? ""}
                columns={[
                  { title: t.team, names: true, cell: (h) => <>{h.team?.name} {h.late && <Tag look="bad">{t.late}</Tag>}</> },
                  { title: t.issued, number: true, cell: (h) => number(h.issuedCount) },
                  { title: t.handedIn, number: true, cell: (h) => number(h.handedInCount) },
                  { title: t.missing, number: true, cell: (h) => number(h.missingCount) },
                  { title: t.late, number: true, cell: (h) => number(h.lateCount) },
                ]}
              />
            </section>
          )}
        </>
      )}
    </QueryResult>
  );
}

function NoticeList() {
  const { campaign } = useWorker();
  const [status, setStatus] = useState("");
  const pages = usePages(Notices, { filter: { campaignId: campaign.id, ...(status ? { status: [status as NoticeStatus] } : {}) } }, (d) => d.notices);
  return (
    <section class="card" aria-label={t.list}>
      <label class="pick">
        {t.status}
        <select value={status} onChange={(e) => setStatus(e.currentTarget.value)}>
          <option value="">{t.everyStatus}</option>
          {statuses.map((s) => <option key={s} value={s}>{word(s, "NoticeStatus")}</option>)}
        </select>
      </label>
      <List
        caption={t.list}
        pages={pages}
        id={(n) => n.id}
        empty={t.none}
        columns={[
          { title: t.number, names: true, cell: (n) => <a href={to(["notice", n.id])}>{n.number ?? t.noNumber}</a> },
          { title: t.school, cell: (n) => n.school?.name },
          { title: t.status, cell: (n) => word(n.status, "NoticeStatus") },
          { title: t.deadline, cell: (n) => <>{day(n.deadlineOn)} {n.overdue && <Tag look="bad">{t.overdue}</Tag>}</> },
          { title: t.handedIn, cell: (n) => <>{n.handedInAt ? instant(n.handedInAt) : "—"} {n.handedInLate && <Tag look="warn">{t.late}</Tag>}</> },
        ]}
      />
    </section>
  );
}
