// One grid: who answers for it on the day, and assigning, ending, handing over, closing.
import { graphql } from "../../api/client";
import { CommandForm } from "../../ui/CommandForm";
import { Choice, TextField } from "../../ui/Form";
import { QueryResult } from "../../ui/State";
import { day, names } from "../../ui/format";
import { fill, texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { word } from "../../ui/words";
import { peopleOf } from "../people";
import { useWorker } from "../viewer";
import type { GridAtWork, SchoolAtWork } from "./query";

const t = texts({
  answers: ["{day} 的责任人", "Who answers on {day}"],
  nobody: ["这一天无人负责。", "Nobody answers for it on that day."],
  above: ["上级网格 {grid} 由 {names} 负责。", "{names} answers for {grid} above it."],
  assign: ["指定责任人", "Assign somebody"],
  assigned: ["已指定。", "Assigned."],
  person: ["人员", "Person"],
  role: ["角色", "Role"],
  from: ["起始日", "First day"],
  until: ["截止日", "Last day"],
  untilHint: ["代理必须有截止日。", "A deputy needs one."],
  standsInFor: ["代理谁", "Stands in for"],
  end: ["结束或交接：{name}", "End or hand over: {name}"],
  lastDay: ["最后一日", "Last day"],
  reason: ["原因", "Reason"],
  successor: ["交接给（可不选）", "Who follows, if anybody"],
  submitEnd: ["结束任职", "End it"],
  ended: ["已结束。", "It is ended."],
  close: ["停用网格", "Close the grid"],
  closed: ["网格已停用。", "The grid is closed."],
});

const Responsible = graphql(`
  query ResponsibleOn($grid: ID!, $on: Date!) {
    responsibleFor(gridId: $grid, on: $on) {
      nobody
      leader { id user { id name } } members { id user { id name } } deputies { id user { id name } }
      nearestAbove { grid { id name } leader { id user { id name } } members { id user { id name } } }
    }
  }
`);
const Assign = graphql(`mutation AssignGrid($input: AssignGridInput!) { assignGrid(input: $input) { assignment { id } } }`);
const End = graphql(`mutation EndGridAssignment($input: EndGridAssignmentInput!) { endGridAssignment(input: $input) { assignment { id } } }`);
const Close = graphql(`mutation CloseGrid($input: CloseGridInput!) { closeGrid(input: $input) { grid { id } } }`);

interface Props {
  school: SchoolAtWork;
  grid: GridAtWork;
  on: string;
  manages: boolean;
  changed: () => void;
}

/** The panel beside the tree. */
export function GridPanel({ school, grid, on, manages, changed }: Props) {
  const responsible = useQuery(Responsible, { grid: grid.id, on });
  const done = () => (void responsible.reload(), changed());
  return (
    <section class="steps" aria-label={grid.name}>
      <div class="card">
        <h2>{grid.code} {grid.name}</h2>
        <h3>{fill(t.answers, { day: day(on) })}</h3>
        <QueryResult query={responsible}>
          {({ responsibleFor: r }) => {
            const above = r?.nearestAbove;
            return (
              <>
                {r?.nobody && <p class="problem">{t.nobody}</p>}
                {above && <p>{fill(t.above, { grid: above.grid?.name ?? "", names: names([above.leader, ...(above.members ?? [])].map((a) => a?.user?.name)) })}</p>}
                <ul>
                  {r?.leader && <li>{word("LEADER", "GridAssignmentRole")} {r.leader.user?.name}</li>}
                  {r?.members?.map((a) => <li key={a.id}>{word("MEMBER", "GridAssignmentRole")} {a.user?.name}</li>)}
                  {r?.deputies?.map((a) => <li key={a.id}>{word("DEPUTY", "GridAssignmentRole")} {a.user?.name}</li>)}
                </ul>
              </>
            );
          }}
        </QueryResult>
      </div>
      {manages && (
        <>
          <details class="card" open>
            <summary>{t.assign}</summary>
            <AssignForm school={school} grid={grid} changed={done} />
          </details>
          {grid.assignments?.map((a) => (
            <details class="card" key={a.id}>
              <summary>{fill(t.end, { name: `${word(a.role, "GridAssignmentRole")} ${a.user?.name ?? ""}` })}</summary>
              <EndForm school={school} assignment={a} changed={done} />
            </details>
          ))}
          <details class="card">
            <summary>{t.close}</summary>
            <CloseForm grid={grid} changed={changed} />
          </details>
        </>
      )}
    </section>
  );
}

function AssignForm({ school, grid, changed }: Pick<Props, "school" | "grid" | "changed">) {
  const { today } = useWorker();
  return (
    <CommandForm
      name={`assign ${grid.id}`}
      command={Assign}
      actions={[{ value: "assign", label: t.assign, look: "primary" }]}
      conflictAt="userId"
      input={(v, ids) => ({
        id: ids("grid_assignment"),
        gridId: grid.id,
        userId: v.userId!,
        role: v.role as "MEMBER",
        validFrom: v.validFrom!,
        validUntil: v.validUntil ?? null,
        standsInForId: v.standsInForId ?? null,
      })}
      done={t.assigned}
      changed={changed}
    >
      <Choice name="userId" label={t.person} required options={peopleOf(school.members)} />
      <Choice name="role" label={t.role} required options={["LEADER", "MEMBER", "DEPUTY"].map((value) => ({ value, label: word(value, "GridAssignmentRole") }))} />
      <TextField name="validFrom" label={t.from} type="date" required initial={today} />
      <TextField name="validUntil" label={t.until} type="date" hint={t.untilHint} />
      <Choice
        name="standsInForId"
        label={t.standsInFor}
        options={(grid.assignments ?? []).filter((a) => a.role !== "DEPUTY").map((a) => ({ value: a.id, label: `${word(a.role, "GridAssignmentRole")} ${a.user?.name ?? ""}` }))}
      />
    </CommandForm>
  );
}

function EndForm({ school, assignment, changed }: { school: SchoolAtWork; assignment: NonNullable<GridAtWork["assignments"]>[number]; changed: () => void }) {
  const { today } = useWorker();
  return (
    <CommandForm
      name={`end ${assignment.id}`}
      command={End}
      actions={[{ value: "end", label: t.submitEnd, look: "danger" }]}
      conflictAt="successor"
      input={(v, ids) => ({
        commandId: ids("command"),
        assignmentId: assignment.id,
        lastDay: v.lastDay!,
        reason: v.reason!,
        successor: v.successor ? { id: ids("grid_assignment"), userId: v.successor } : null,
      })}
      done={t.ended}
      changed={changed}
    >
      <TextField name="lastDay" label={t.lastDay} type="date" required initial={today} min={assignment.validFrom} />
      <TextField name="reason" label={t.reason} required />
      <Choice name="successor" label={t.successor} options={peopleOf(school.members).filter((p) => p.value !== assignment.user?.id)} />
    </CommandForm>
  );
}

function CloseForm({ grid, changed }: Pick<Props, "grid" | "changed">) {
  return (
    <CommandForm
      name={`close ${grid.id}`}
      command={Close}
      actions={[{ value: "close", label: t.close, look: "danger" }]}
      input={({ reason }, ids) => ({ commandId: ids("command"), gridId: grid.id, reason: reason! })}
      done={t.closed}
      changed={changed}
    >
      <TextField name="reason" label={t.reason} required />
    </CommandForm>
  );
}
