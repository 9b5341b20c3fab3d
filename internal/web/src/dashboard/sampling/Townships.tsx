// The sampling rule, township by township.
import { graphql } from "../../api/client";
import type { SamplingProofQuery } from "../../api/gql/graphql";
import { List, usePages } from "../../ui/List";
import { Empty } from "../../ui/State";
import { Tag } from "../../ui/Tag";
import { names } from "../../ui/format";
import { fill, labelled, texts } from "../../ui/language";
import { word } from "../../ui/words";
import { to } from "../place";
import { useScene } from "../scene";

const t = texts({
  title: ["各乡镇抽样落实情况", "The sampling rule by township"],
  township: ["乡镇", "Township"],
  visited: ["已督查", "Visited"],
  of: ["{n} / {all}", "{n} of {all}"],
  slots: ["名额与证实的督查", "Slots and the visits that fill them"],
  empty: ["（空缺）", "(empty)"],
  gaps: ["还缺", "Missing"],
  gap: ["{what} {n} 所", "{n} {what}"],
  schools: ["共", "in all"],
  exemptions: ["豁免", "Exemptions"],
  exemption: ["{what} {n} 所：{why}", "{n} × {what}: {why}"],
  confirmed: ["已确认", "confirmed"],
  unconfirmed: ["待确认", "to be confirmed"],
  meets: ["达到要求", "Meets the rule"],
  not: ["未达到", "Not met"],
  state: ["结论", "Verdict"],
  forbidden: ["抽样情况由安全科和局领导查看。", "The section and the bureau's leaders see how the sample is filled."],
});

const Query = graphql(`
  query SamplingProof($first: Int!, $after: String, $campaign: ID!, $region: ID, $asOf: DateTime) {
    samplingProof(campaignId: $campaign, regionId: $region, asOf: $asOf, first: $first, after: $after) {
      edges {
        node {
          region { id name } requiredCount visitedCount meetsRule
          slots { slot number school { id name } report { id } }
          gaps { slot count why }
          exemptions { slot count why confirmed { reason } }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

type Proof = NonNullable<SamplingProofQuery["samplingProof"]>["edges"][number]["node"];

/** What is missing in a township, one text for each reason. */
function gapTexts({ gaps }: Proof): string[] {
  const what = (l: Proof["gaps"][number]) => fill(t.gap, { what: l.slot ? word(l.slot, "SamplingSlot") : t.schools, n: l.count });
  return [...new Set(gaps.map((l) => l.why))].map((why) => labelled(word(why), names(gaps.filter((l) => l.why === why).map(what))));
}

export function Townships() {
  const { campaign, regionId, asOf } = useScene();
  const pages = usePages(Query, { campaign: campaign.id, region: regionId, asOf }, (d) => d.samplingProof);
  if (pages.error?.code === "FORBIDDEN") return <Empty>{t.forbidden}</Empty>;
  return (
    <section class="card">
      <h2>{t.title}</h2>
      <List
        caption={t.title}
        pages={pages}
        id={(p) => p.region?.id ?? ""}
        columns={[
          { title: t.township, names: true, cell: (p) => p.region?.name },
          { title: t.state, cell: (p) => <Tag look={p.meetsRule ? "good" : "bad"}>{p.meetsRule ? t.meets : t.not}</Tag> },
          { title: t.visited, cell: (p) => <a href={to(["schools"], { region: p.region?.id, visited: "PROVEN" })} aria-label={`${p.region?.name} ${t.visited} ${p.visitedCount}`}>{fill(t.of, { n: p.visitedCount, all: p.requiredCount })}</a> },
          {
            title: t.slots,
            cell: (p) => (
              <ul class="slots">
                {p.slots.map((s) => (
                  <li>
                    <Tag look={s.school ? "good" : p.exemptions.some((x) => x.slot === s.slot) ? undefined : "bad"}>{word(s.slot, "SamplingSlot")}</Tag>{" "}
                    {s.school ? (s.report ? <a href={to(["reports", s.report.id])}>{s.school.name}</a> : s.school.name) : t.empty}
                  </li>
                ))}
              </ul>
            ),
          },
          {
            title: t.gaps,
            cell: (p) => p.gaps.length === 0 && p.exemptions.length === 0 ? "—" : (
              <ul class="slots">
                {gapTexts(p).map((text) => <li class="problem">{text}</li>)}
                {p.exemptions.map((x) => (
                  <li>
                    {labelled(t.exemptions, fill(t.exemption, { what: word(x.slot, "SamplingSlot"), n: x.count, why: word(x.why) }))}{" "}
                    <Tag look={x.confirmed ? "good" : "warn"}>{x.confirmed ? t.confirmed : t.unconfirmed}</Tag>
                  </li>
                ))}
              </ul>
            ),
          },
        ]}
      />
    </section>
  );
}
