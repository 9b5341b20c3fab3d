// Drafting a notice from the hazards of a supervision report.
import { useState } from "preact/hooks";
import { graphql } from "../../api/client";
import { CommandForm } from "../../ui/CommandForm";
import { Check, TextField } from "../../ui/Form";
import { offered } from "../../ui/SearchField";
import { QueryResult } from "../../ui/State";
import { instant } from "../../ui/format";
import { texts } from "../../ui/language";
import { go, route } from "../../ui/route";
import { useQuery } from "../../ui/useQuery";
import { PickSchool } from "../schools";
import { to } from "../to";
import { useWorker } from "../viewer";

const t = texts({
  title: ["起草通知书", "Draft a notice"],
  report: ["依据的督查报告", "The supervision report that it follows"],
  choose: ["请选择", "Choose"],
  anySchool: ["全部学校", "Any school"],
  hazards: ["列入的隐患", "Hazards on it"],
  taken: ["已在其他通知书上", "on another notice"],
  noHazards: ["这份报告没有未销号的隐患。", "This report has no open hazard."],
  deadline: ["整改期限", "Deadline"],
  requirements: ["整改要求", "Requirements"],
  submit: ["存为草稿", "Keep as a draft"],
  done: ["草稿已保存，下发前可修改。", "The draft is kept; it can be changed until it is issued."],
});

const Reports = graphql(`
  query ReportsForNotices($first: Int!, $campaign: ID!, $school: ID, $chosen: ID!, $known: Boolean!) {
    reports(first: $first, filter: { campaignId: $campaign, schoolId: $school, kind: SUPERVISION, status: SUBMITTED }) {
      edges { node { id startedAt school { id name } team { id name } } }
    }
    report(id: $chosen) @include(if: $known) { id startedAt school { id name } team { id name } }
  }
`);
const Hazards = graphql(`
  query HazardsForNotice($report: ID!) {
    hazards(first: 200, filter: { reportId: $report, open: true }) {
      edges { node { id description deadlineOn notice { id } } }
    }
  }
`);
const Send = graphql(`mutation DraftNotice($input: DraftNoticeInput!) { draftNotice(input: $input) { notice { id } } }`);

/** For the section and the teams. */
export function Draft() {
  const { campaign } = useWorker();
  const chosen = route.value.query.get("report") ?? "";
  const [school, setSchool] = useState("");
  const { data } = useQuery(Reports, { first: offered, campaign: campaign.id, school: school || null, chosen, known: Boolean(chosen) });
  const found = (data?.reports?.edges ?? []).map((e) => e.node);
  const report = found.find((r) => r.id === chosen) ?? data?.report;
  const offers = report && !found.includes(report) ? [report, ...found] : found;
  return (
    <details class="card" open={Boolean(chosen)}>
      <summary>{t.title}</summary>
      <PickSchool chosen={school} none={t.anySchool} onChoose={setSchool} />
      <label class="field">
        {t.report}
        <select value={chosen} onChange={(e) => go(to(["notices"], { report: e.currentTarget.value }))}>
          <option value="">{t.choose}</option>
          {offers.map((r) => <option key={r.id} value={r.id}>{r.school?.name} · {instant(r.startedAt)} · {r.team?.name}</option>)}
        </select>
      </label>
      {report?.school && <DraftForm key={report.id} report={report.id} school={report.school.id} />}
    </details>
  );
}

function DraftForm({ report, school }: { report: string; school: string }) {
  const { campaign, today } = useWorker();
  const hazards = useQuery(Hazards, { report });
  return (
    <QueryResult query={hazards}>
      {({ hazards: found }) =>
        !found?.edges.length ? (
          <p class="soft">{t.noHazards}</p>
        ) : (
          <CommandForm
            name={`draft ${report}`}
            command={Send}
            actions={[{ value: "draft", label: t.submit, look: "primary" }]}
            input={(v, ids) => ({
              id: ids("notice"),
              campaignId: campaign.id,
              schoolId: school,
              reportId: report,
              deadlineOn: v.deadlineOn!,
              requirements: v.requirements!,
              items: found.edges.filter((e) => v[e.node.id]).map((e) => ({ hazardId: e.node.id })),
            })}
            done={t.done}
            changed={({ draftNotice: { notice } }) => notice && go(to(["notice", notice.id]))}
          >
            <fieldset>
              <legend>{t.hazards}</legend>
              {found.edges.map(({ node }) => (
                <Check key={node.id} name={node.id} label={node.notice ? `${node.description} · ${t.taken}` : node.description} initial={node.notice ? "" : "yes"} />
              ))}
            </fieldset>
            <TextField name="deadlineOn" label={t.deadline} type="date" min={today} required />
            <TextField name="requirements" label={t.requirements} rows={5} required />
          </CommandForm>
        )
      }
    </QueryResult>
  );
}
