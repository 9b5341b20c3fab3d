// The schools to visit, and taking one off the plan.
import { useState } from "preact/hooks";
import { graphql } from "../../api/client";
import type { PlannedVisitFilter, VisitsAtWorkQuery } from "../../api/gql/graphql";
import { CommandForm } from "../../ui/CommandForm";
import { Dialog } from "../../ui/Dialog";
import { TextField } from "../../ui/Form";
import { List, usePages } from "../../ui/List";
import { Tag } from "../../ui/Tag";
import { names } from "../../ui/format";
import { fill, texts } from "../../ui/language";
import { word } from "../../ui/words";

const t = texts({
  visits: ["督查学校", "Schools to visit"],
  none: ["没有安排督查。", "No visit is planned."],
  school: ["学校", "School"],
  township: ["乡镇", "Township"],
  team: ["督查组", "Team"],
  state: ["状态", "State"],
  why: ["为何入选", "Why it is in"],
  ticket: ["号码", "Ticket"],
  done: ["已督查", "Done"],
  change: ["办理", "Change"],
  drop: ["取消督查", "Take it off"],
  dropOne: ["取消督查：{school}", "Take {school} off the plan"],
  dropped: ["已取消，可补抽。", "It is off the plan; another can be drawn."],
  dropNote: ["取消后不再安排该校；补抽会另选一所。", "The school is not drawn again; another can be drawn for it."],
  reason: ["原因", "Reason"],
});

const Visits = graphql(`
  query VisitsAtWork($campaign: ID!, $first: Int!, $after: String, $filter: PlannedVisitFilter!) {
    plannedVisits(campaignId: $campaign, first: $first, after: $after, filter: $filter) {
      edges { node { id status done ticket slot reasons { code } team { id name } school { id name region { id name } } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const Drop = graphql(`mutation DropVisit($input: DropVisitInput!) { dropVisit(input: $input) { visit { id status } } }`);

type Visit = NonNullable<VisitsAtWorkQuery["plannedVisits"]>["edges"][number]["node"];

const standing: PlannedVisitFilter = { status: ["PROPOSED", "CONFIRMED"] };

/** The visits that stand; `drops` when this person may take one off. */
export function VisitList({ campaign, drops, changed }: { campaign: string; drops: boolean; changed: () => void }) {
  const pages = usePages(Visits, { campaign, filter: standing }, (d) => d.plannedVisits);
  const [dropping, setDropping] = useState<Visit>();
  return (
    <section class="card" aria-label={t.visits}>
      <h2>{t.visits}</h2>
      <List
        caption={t.visits}
        pages={pages}
        id={(v) => v.id}
        empty={t.none}
        columns={[
          { title: t.school, names: true, cell: (v) => v.school?.name },
          { title: t.township, cell: (v) => v.school?.region?.name },
          { title: t.team, cell: (v) => v.team?.name },
          { title: t.state, cell: (v) => (v.done ? <Tag look="good">{t.done}</Tag> : word(v.status, "VisitStatus")) },
          { title: t.why, cell: (v) => names(v.reasons.map((r) => word(r.code, "VisitReasonCode"))) },
          { title: t.ticket, cell: (v) => <code title={v.ticket}>{v.ticket.slice(0, 8)}</code> },
          ...(drops ? [{ title: t.change, cell: (v: Visit) => !v.done && <button type="button" class="quiet" aria-label={fill(t.dropOne, { school: v.school?.name ?? "" })} onClick={() => setDropping(v)}>{t.drop}</button> }] : []),
        ]}
      />
      {dropping && (
        <DropDialog
          visit={dropping}
          close={() => setDropping(undefined)}
          dropped={() => {
            setDropping(undefined);
            void pages.reload();
            changed();
          }}
        />
      )}
    </section>
  );
}

function DropDialog({ visit, close, dropped }: { visit: Visit; close: () => void; dropped: () => void }) {
  return (
    <Dialog title={fill(t.dropOne, { school: visit.school?.name ?? "" })} onClose={close}>
      <p>{t.dropNote}</p>
      <CommandForm
        name={`drop ${visit.id}`}
        command={Drop}
        actions={[{ value: "drop", label: t.drop, look: "danger" }]}
        input={({ reason }, ids) => ({ commandId: ids("command"), visitId: visit.id, reason: reason! })}
        done={t.dropped}
        changed={() => dropped()}
      >
        <TextField name="reason" label={t.reason} required />
      </CommandForm>
    </Dialog>
  );
}
