// How far a school's self-inspection has come, what is missing, and submitting it.
import { useState } from "preact/hooks";
import { graphql } from "../../api/client";
import type { CoverageAtWorkQuery } from "../../api/gql/graphql";
import { CommandForm } from "../../ui/CommandForm";
import { Facts } from "../../ui/Facts";
import { TextField } from "../../ui/Form";
import { Table } from "../../ui/List";
import { Gone, QueryResult } from "../../ui/State";
import { Tag } from "../../ui/Tag";
import { day, instant, number } from "../../ui/format";
import { fill, texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { itemName, word } from "../../ui/words";
import { useWorker } from "../viewer";

const t = texts({
  title: ["{school}自查", "Self-inspection of {school}"],
  due: ["应查", "Due"],
  claimed: ["已查", "Inspected"],
  proven: ["已证实", "Proven"],
  until: ["自查截止", "Until"],
  ended: ["已截止：未证实的视为未开展工作。", "It is over: what is not proven counts as not carried out."],
  submitted: ["已提交自查完成情况", "Submitted"],
  late: ["逾期提交", "Late"],
  submit: ["提交自查完成情况", "Submit the self-inspection"],
  done: ["自查完成情况已提交。", "The self-inspection is submitted."],
  gaps: ["还有 {n} 项未证实；可以提交，但这些视为未开展工作。", "{n} items are not proven; it can be submitted, but they count as not carried out."],
  note: ["说明", "Note"],
  unproven: ["未证实的内容", "What is not proven"],
  item: ["排查内容", "Item"],
  grid: ["网格", "Grid"],
  whole: ["全校", "Whole school"],
  state: ["状态", "State"],
  more: ["显示全部 {n} 项", "Show all {n}"],
});

const Query = graphql(`
  query CoverageAtWork($campaign: ID!, $school: ID!) {
    coverage(schoolId: $school, campaignId: $campaign) {
      school { id name }
      dueCount claimedCount provenCount endsOn ended submittedLate
      gaps { state item { id number text textEn } grid { id name } }
      submission { id submittedAt note submittedBy { id name } }
    }
  }
`);
const Send = graphql(`mutation SubmitSelfInspection($input: SubmitSelfInspectionInput!) { submitSelfInspection(input: $input) { coverage { provenCount } } }`);

type Coverage = NonNullable<CoverageAtWorkQuery["coverage"]>;

/** Of one school. */
export function SelfInspection({ schoolId }: { schoolId: string }) {
  const { campaign } = useWorker();
  const query = useQuery(Query, { campaign: campaign.id, school: schoolId });
  return (
    <QueryResult query={query}>
      {({ coverage: c }) => {
        if (!c) return <Gone />;
        const title = fill(t.title, { school: c.school?.name ?? "" });
        return (
          <section class="card" aria-label={title}>
            <h2>{title}</h2>
            <Facts
              rows={[
                [t.due, number(c.dueCount)],
                [t.claimed, number(c.claimedCount)],
                [t.proven, number(c.provenCount)],
                [t.until, day(c.endsOn)],
                [t.submitted, c.submission && <>{c.submission.submittedBy?.name} · {instant(c.submission.submittedAt)} {c.submittedLate && <Tag look="warn">{t.late}</Tag>}</>],
                [t.note, c.submission?.note],
              ]}
            />
            {c.ended && c.gaps.length > 0 && <p class="problem">{t.ended}</p>}
            {!c.submission && <Submit coverage={c} schoolId={schoolId} changed={() => void query.reload()} />}
            <Gaps gaps={c.gaps} />
          </section>
        );
      }}
    </QueryResult>
  );
}

function Submit({ coverage, schoolId, changed }: { coverage: Coverage; schoolId: string; changed: () => void }) {
  const { campaign } = useWorker();
  return (
    <details>
      <summary>{t.submit}</summary>
      {coverage.gaps.length > 0 && <p>{fill(t.gaps, { n: number(coverage.gaps.length) })}</p>}
      <CommandForm
        name={`self-inspection ${schoolId}`}
        command={Send}
        actions={[{ value: "submit", label: t.submit, look: "primary" }]}
        input={({ note }, ids) => ({ id: ids("self_inspection_submission"), campaignId: campaign.id, schoolId, note: note ?? null })}
        done={t.done}
        changed={changed}
        overtaken={changed}
      >
        <TextField name="note" label={t.note} rows={3} />
      </CommandForm>
    </details>
  );
}

const few = 20;

function Gaps({ gaps }: { gaps: Coverage["gaps"] }) {
  const [all, setAll] = useState(false);
  if (!gaps.length) return null;
  return (
    <>
      <h2>{t.unproven}</h2>
      <Table
        caption={t.unproven}
        rows={all ? gaps : gaps.slice(0, few)}
        id={(g) => `${g.item?.id} ${g.grid?.id}`}
        columns={[
          { title: t.item, names: true, cell: (g) => g.item && itemName(g.item) },
          { title: t.grid, cell: (g) => g.grid?.name ?? t.whole },
          { title: t.state, cell: (g) => word(g.state, "CoverageState") },
        ]}
      />
      {!all && gaps.length > few && <button type="button" class="quiet" onClick={() => setAll(true)}>{fill(t.more, { n: number(gaps.length) })}</button>}
    </>
  );
}
