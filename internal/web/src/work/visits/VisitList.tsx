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
  cancel: ["取消督查", "Cancel"],
  cancelOne: ["取消督查：{school}", "Cancel the visit of {school}"],
  cancelled: ["已取消，可补抽。", "The visit is cancelled; another can be drawn."],
  cancelNote: ["取消后不再安排该校；补抽会另选一所。", "The school is not drawn again; another can be drawn for it."],
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
const Cancel = graphql(`mutation CancelVisit($input: CancelVisitInput!) { cancelVisit(input: $input) { visit { id status } } }`);

type Visit = NonNullable<VisitsAtWorkQuery["plannedVisits"]>["edges"][number]["node"];

const standing: PlannedVisitFilter = { status: ["PROPOSED", "CONFIRMED"] };

/** The visits that are not cancelled; `cancels` when this person may cancel one. */
export function VisitList({ campaign, cancels, changed }: { campaign: string; cancels: boolean; changed: () => void }) {
  const pages = usePages(Visits, { campaign, filter: standing }, (d) => d.plannedVisits);
  const [cancelling, setCancelling] = useState<Visit>();
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
          ...(cancels ? [{ title: t.change, cell: (v: Visit) => !v.done && <button type="button" class="quiet" aria-label={fill(t.cancelOne, { school: v.school?.name ?? "" })} onClick={() => setCancelling(v)}>{t.cancel}</button> }] : []),
        ]}
      />
      {cancelling && (
        <CancelDialog
          visit={cancelling}
          close={() => setCancelling(undefined)}
          cancelled={() => {
            setCancelling(undefined);
            void pages.reload();
            changed();
          }}
        />
      )}
    </section>
  );
}

function CancelDialog({ visit, close, cancelled }: { visit: Visit; close: () => void; cancelled: () => void }) {
  return (
    <Dialog title={fill(t.cancelOne, { school: visit.school?.name ?? "" })} onClose={close}>
      <p>{t.cancelNote}</p>
      <CommandForm
        name={`cancel ${visit.id}`}
        command={Cancel}
        actions={[{ value: "cancel", label: t.cancel, look: "danger" }]}
        input={({ reason }, ids) => ({ commandId: ids("command"), visitId: visit.id, reason: reason! })}
        done={t.cancelled}
        changed={cancelled}
      >
        <TextField name="reason" label={t.reason} required />
      </CommandForm>
    </Dialog>
  );
}
