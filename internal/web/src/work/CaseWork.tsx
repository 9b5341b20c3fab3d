// One accountability case: the facts as they were frozen, what was said to it, and the decision.
import { graphql } from "../api/client";
import type { CaseAtWorkQuery } from "../api/gql/graphql";
import { CommandForm } from "../ui/CommandForm";
import { Facts } from "../ui/Facts";
import { TextField } from "../ui/Form";
import { Gone, QueryResult } from "../ui/State";
import { Tag } from "../ui/Tag";
import { Timeline } from "../ui/Timeline";
import { indented, instant } from "../ui/format";
import { texts } from "../ui/language";
import { useQuery } from "../ui/useQuery";
import { word } from "../ui/words";
import { type Outcome, Overtaken, useOutcome } from "./Overtaken";
import { to } from "./to";
import { useWorker } from "./viewer";

const t = texts({
  back: ["返回待办", "Back to what waits"],
  school: ["学校", "School"],
  person: ["当事人", "Person"],
  raised: ["提出时间", "Raised"],
  hazard: ["隐患", "Hazard"],
  report: ["检查报告", "Report"],
  frozen: ["提出时固定的事实", "The facts as they were frozen"],
  digest: ["事实的 SHA-256", "SHA-256 of the facts"],
  history: ["研判与申诉", "Decisions and statements"],
  decide: ["研判", "Decide"],
  reason: ["理由", "Reason"],
  confirm: ["认定", "Confirm"],
  dismiss: ["不予追责", "Dismiss"],
  decided: ["研判结果已记录。", "The decision is recorded."],
  appeal: ["申诉", "Make a statement"],
  statement: ["申诉内容", "Statement"],
  appealed: ["申诉已记录。", "The statement is recorded."],
  note: ["线索只是问题，不是结论：请看事实再决定。", "A case is a question, not a verdict: look at the facts first."],
  appealNoted: ["有新的申诉，可以再研判一次。", "There is a new statement: it can be decided once more."],
});

const CaseAtWork = graphql(`
  query CaseAtWork($id: ID!) {
    case(id: $id) {
      id version kind status raisedAt facts factsHash
      school { id name } person { id name }
      hazard { id description } report { id startedAt }
      decidedBy { id name } decidedAt decisionReason appealedAt
      history { event at text by { id name } }
    }
  }
`);
const Decide = graphql(`mutation DecideCase($input: DecideCaseInput!) { decideCase(input: $input) { case { id version } } }`);
const Appeal = graphql(`mutation AppealCase($input: AppealCaseInput!) { appealCase(input: $input) { case { id version } } }`);

type Case = NonNullable<CaseAtWorkQuery["case"]>;

/** The screen of one case. */
export function CaseWork({ id }: { id: string }) {
  const worker = useWorker();
  const query = useQuery(CaseAtWork, { id });
  const { message, outcome } = useOutcome(() => void query.reload());
  return (
    <QueryResult query={query}>
      {({ case: it }) => {
        if (!it) return <Gone />;
        const last = it.history?.at(-1);
        const appealOpen = Boolean(it.appealedAt && it.decidedAt && it.appealedAt > it.decidedAt);
        return (
          <article class="work-record">
            <p><a href={to([])}>{t.back}</a></p>
            <Overtaken message={message} by={last ? `${word(last.event, "CaseEvent")} · ${last.by?.name ?? ""} · ${instant(last.at)}` : ""} />
            <div class="beside">
              <section class="card" aria-label={word(it.kind, "CaseKind")}>
                <h1>{word(it.kind, "CaseKind")}</h1>
                <p class="badges"><Tag>{word(it.status, "CaseStatus")}</Tag></p>
                <p class="soft">{t.note}</p>
                <Facts
                  rows={[
                    [t.school, it.school?.name],
                    [t.person, it.person?.name],
                    [t.raised, instant(it.raisedAt)],
                    [t.hazard, it.hazard && <a href={to(["hazard", it.hazard.id])}>{it.hazard.description}</a>],
                    [t.report, it.report && instant(it.report.startedAt)],
                  ]}
                />
                <details>
                  <summary>{t.frozen}</summary>
                  <pre tabIndex={0}>{indented(it.facts)}</pre>
                  <Facts rows={[[t.digest, <code>{it.factsHash}</code>]]} />
                </details>
                <History history={it.history} />
              </section>
              <section class="steps" aria-label={t.decide}>
                {appealOpen && <p class="card">{t.appealNoted}</p>}
                {worker.is("SAFETY_SECTION", "BUREAU_LEADER") && (it.status === "OPEN" || appealOpen) && <DecideForm it={it} {...outcome} />}
                {(it.person?.id === worker.id || worker.is("SCHOOL_LEADER")) && it.status !== "DISMISSED" && <AppealForm it={it} {...outcome} />}
              </section>
            </div>
          </article>
        );
      }}
    </QueryResult>
  );
}

function History({ history }: { history: Case["history"] }) {
  if (!history?.length) return null;
  return (
    <>
      <h2>{t.history}</h2>
      <Timeline
        label={t.history}
        steps={history.map((step) => ({ id: step.at, title: word(step.event, "CaseEvent"), by: step.by?.name, at: step.at, body: <p>{step.text}</p> }))}
      />
    </>
  );
}

interface On extends Outcome {
  it: Case;
}

function DecideForm({ it, ...on }: On) {
  return (
    <div class="card">
      <h2>{t.decide}</h2>
      <CommandForm
        name={`case ${it.id}`}
        command={Decide}
        actions={[{ value: "confirm", label: t.confirm, look: "primary" }, { value: "dismiss", label: t.dismiss }]}
        input={({ reason }, ids, action) => ({ commandId: ids("command"), caseId: it.id, expectedVersion: it.version, confirm: action === "confirm", reason: reason! })}
        done={t.decided}
        {...on}
      >
        <TextField name="reason" label={t.reason} rows={4} required />
      </CommandForm>
    </div>
  );
}

function AppealForm({ it, ...on }: On) {
  return (
    <div class="card">
      <h2>{t.appeal}</h2>
      <CommandForm
        name={`appeal ${it.id}`}
        command={Appeal}
        actions={[{ value: "appeal", label: t.appeal, look: "primary" }]}
        input={({ statement }, ids) => ({ commandId: ids("command"), caseId: it.id, expectedVersion: it.version, statement: statement! })}
        done={t.appealed}
        {...on}
      >
        <TextField name="statement" label={t.statement} rows={4} required />
      </CommandForm>
    </div>
  );
}
