// The rectification notices in sight: drafting one, how far the teams are with
// handing them in, and the list.
import { useState } from "preact/hooks";
import { graphql } from "../../api/client";
import type { NoticeStatus } from "../../api/gql/graphql";
import { Asked, QueryState } from "../../ui/State";
import { Tag } from "../../ui/Tag";
import { day, number } from "../../ui/format";
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
  school: ["学校", "School"],
  status: ["状态", "Status"],
  deadline: ["整改期限", "Deadline"],
  everyStatus: ["全部状态", "Every status"],
  overdue: ["逾期", "Overdue"],
  none: ["没有符合的通知书。", "There is no such notice."],
  more: ["再看一些", "Show more"],
});

const Notices = graphql(`
  query NoticesAtWork($first: Int!, $filter: NoticeFilter!) {
    notices(first: $first, filter: $filter) {
      edges { node { id number status overdue deadlineOn handedInAt handedInLate school { id name } team { id name } } }
      pageInfo { hasNextPage }
    }
  }
`);

const HandIns = graphql(`
  query HandInsAtWork($campaign: ID!) {
    handIns(campaignId: $campaign) { issued handedIn missing lateCount late team { id number name members { position user { id } } } }
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
      <List />
    </>
  );
}

function Teams() {
  const worker = useWorker();
  const query = useQuery(HandIns, { campaign: worker.campaign.id });
  return (
    <Asked query={query}>
      {({ handIns }) => (
        <>
          {handIns?.filter((h) => h.missing > 0 && h.team?.members?.some((m) => m.position < 2 && m.user?.id === worker.id)).map((h) => (
            <HandIn key={h.team!.id} team={h.team!} changed={() => void query.reload()} />
          ))}
          {Boolean(handIns?.length) && (
            <section class="card">
              <div class="scroll" tabIndex={0} role="group" aria-label={t.handIns}>
                <table>
                  <caption>{t.handIns}</caption>
                  <thead>
                    <tr>{[t.team, t.issued, t.handedIn, t.missing, t.late].map((name) => <th key={name} scope="col">{name}</th>)}</tr>
                  </thead>
                  <tbody>
                    {handIns!.map((h) => (
                      <tr key={h.team?.id}>
                        <th scope="row">{h.team?.name} {h.late && <Tag look="bad">{t.late}</Tag>}</th>
                        <td>{number(h.issued)}</td>
                        <td>{number(h.handedIn)}</td>
                        <td>{number(h.missing)}</td>
                        <td>{number(h.lateCount)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </section>
          )}
        </>
      )}
    </Asked>
  );
}

function List() {
  const { campaign } = useWorker();
  const [status, setStatus] = useState("");
  const [first, setFirst] = useState(20);
  const query = useQuery(Notices, { first, filter: { campaignId: campaign.id, ...(status ? { status: [status as NoticeStatus] } : {}) } });
  const rows = query.data?.notices?.edges ?? [];
  return (
    <section class="card">
      <label class="pick">
        {t.status}
        <select value={status} onChange={(e) => setStatus(e.currentTarget.value)}>
          <option value="">{t.everyStatus}</option>
          {statuses.map((s) => <option key={s} value={s}>{word(s, "NoticeStatus")}</option>)}
        </select>
      </label>
      <QueryState query={query} />
      {query.data && !rows.length && <p class="soft">{t.none}</p>}
      {rows.length > 0 && (
        <div class="scroll" tabIndex={0} role="group" aria-label={t.list}>
          <table>
            <caption class="visually-hidden">{t.list}</caption>
            <thead>
              <tr>{[t.number, t.school, t.status, t.deadline, t.handedIn].map((name) => <th key={name} scope="col">{name}</th>)}</tr>
            </thead>
            <tbody>
              {rows.map(({ node }) => (
                <tr key={node.id}>
                  <th scope="row"><a href={to(["notice", node.id])}>{node.number ?? word(node.status, "NoticeStatus")}</a></th>
                  <td>{node.school?.name}</td>
                  <td>{word(node.status, "NoticeStatus")}</td>
                  <td>{day(node.deadlineOn)} {node.overdue && <Tag look="bad">{t.overdue}</Tag>}</td>
                  <td>{node.handedInAt ? day(node.handedInAt.slice(0, 10)) : "—"} {node.handedInLate && <Tag look="warn">{t.late}</Tag>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {query.data?.notices?.pageInfo.hasNextPage && first < 200 && <button type="button" class="quiet" onClick={() => setFirst(Math.min(200, first * 3))}>{t.more}</button>}
    </section>
  );
}
