// The viewer's reports that were begun and not handed in: the last step of an inspection,
// for people without their telephone.
import { graphql } from "../../api/client";
import type { OpenReportsQuery } from "../../api/gql/graphql";
import { Attach, attachedIDs } from "../../ui/Attach";
import { CommandForm } from "../../ui/CommandForm";
import { EvidenceGaps } from "../../ui/Evidence";
import { QueryResult } from "../../ui/State";
import { instant, number } from "../../ui/format";
import { fill, texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { word } from "../../ui/words";
import { useWorker } from "../viewer";

const t = texts({
  title: ["我未提交的检查报告", "My reports that are not handed in"],
  none: ["没有未提交的检查报告。检查在手机的“现场采集”里开始。", "There are none. An inspection is begun on the phone, in Capture."],
  one: ["{kind} · {school} · {at}", "{kind} · {school} · {at}"],
  findings: ["已记录 {n} 项结果。", "{n} results are recorded."],
  empty: ["还没有检查结果：请先在手机的“现场采集”里记录。", "It has no results yet: record them on the phone, in Capture."],
  site: ["现场照片和视频", "Photos and video on site"],
  submit: ["提交检查报告", "Hand the report in"],
  done: ["检查报告已提交。", "The report is handed in."],
});

const Query = graphql(`
  query OpenReports($campaign: ID!, $inspector: ID!) {
    reports(first: 100, filter: { campaignId: $campaign, inspectorId: $inspector, status: IN_PROGRESS }) {
      edges { node { id version kind startedAt school { id name } findings { id } missing { evidence { ...EvidenceGapParts } } } }
    }
  }
`);
const Send = graphql(`mutation SubmitReport($input: SubmitInspectionReportInput!) { submitInspectionReport(input: $input) { report { id } } }`);

type Report = NonNullable<OpenReportsQuery["reports"]>["edges"][number]["node"];

/** The list. */
export function OpenReports() {
  const worker = useWorker();
  const query = useQuery(Query, { campaign: worker.campaign.id, inspector: worker.id });
  return (
    <section class="card" aria-label={t.title}>
      <h2>{t.title}</h2>
      <QueryResult query={query}>
        {({ reports }) => {
          const mine = (reports?.edges ?? []).map((e) => e.node);
          if (!mine.length) return <p class="soft">{t.none}</p>;
          return mine.map((r) => <OpenReport key={r.id} report={r} changed={() => void query.reload()} />);
        }}
      </QueryResult>
    </section>
  );
}

function OpenReport({ report, changed }: { report: Report; changed: () => void }) {
  const name = `report ${report.id}`;
  const title = fill(t.one, { kind: word(report.kind), school: report.school?.name ?? "", at: instant(report.startedAt) });
  return (
    <details>
      <summary>{title}</summary>
      <p>{fill(t.findings, { n: number(report.findings?.length ?? 0) })}</p>
      <EvidenceGaps gaps={(report.missing ?? []).flatMap((m) => m.evidence ?? [])} />
      <CommandForm
        name={name}
        command={Send}
        actions={[{ value: "submit", label: t.submit, look: "primary" }]}
        blocked={report.findings?.length ? undefined : t.empty}
        files={name}
        input={(_, ids) => ({ commandId: ids("command"), reportId: report.id, expectedVersion: report.version, evidenceIds: attachedIDs(name) })}
        done={t.done}
        changed={changed}
        overtaken={changed}
      >
        {report.kind === "SUPERVISION" && <Attach name={name} schoolId={report.school!.id} stage="SITE" label={t.site} />}
      </CommandForm>
    </details>
  );
}
