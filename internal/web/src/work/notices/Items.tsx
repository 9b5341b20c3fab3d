// The hazards on a draft: which, and in which words.
import { graphql } from "../../api/client";
import type { NoticeItemInput } from "../../api/gql/graphql";
import { Check, TextField, type Values } from "../../ui/Form";
import { QueryResult } from "../../ui/State";
import { texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { useWorker } from "../viewer";
import type { Notice } from "./query";

const t = texts({
  items: ["列明的隐患", "Hazards on it"],
  taken: ["已在其他通知书上", "on another notice"],
  words: ["措辞", "Its words"],
  problem: ["问题", "Problem"],
  place: ["部位", "Place"],
  basis: ["依据", "Basis"],
  requirement: ["要求", "Requirement"],
});

const Open = graphql(`
  query OpenHazardsOfSchool($campaign: ID!, $school: ID!) {
    hazards(first: 200, filter: { campaignId: $campaign, schoolId: $school, open: true }) {
      edges { node { id description place grid { id name } notice { id } } }
    }
  }
`);

const words = ["problem", "place", "basis", "requirement"] as const;

// Says that the fields are there: a form that is sent before leaves the items as they are.
const shown = "itemsShown";

/** The fields: those that are on it in their order, then what else is open in the school. */
export function Items({ notice }: { notice: Notice }) {
  const { campaign } = useWorker();
  const query = useQuery(Open, { campaign: campaign.id, school: notice.school!.id });
  const listed = (notice.items ?? []).flatMap((item) => (item.hazard ? [{ ...item, hazardId: item.hazard.id }] : []));
  return (
    <QueryResult query={query}>
      {({ hazards }) => {
        const others = (hazards?.edges ?? []).map((e) => e.node).filter((h) => !listed.some((item) => item.hazardId === h.id));
        return (
          <fieldset class="notice-items">
            <legend>{t.items}</legend>
            <input type="hidden" name={shown} value="yes" />
            {listed.map((item) => <Item key={item.id} hazard={item.hazardId} label={item.problem} initial={item} />)}
            {others.map((h) => (
              <Item
                key={h.id}
                hazard={h.id}
                label={h.notice ? `${h.description} · ${t.taken}` : h.description}
              />
            ))}
          </fieldset>
        );
      }}
    </QueryResult>
  );
}

function Item({ hazard, label, initial }: { hazard: string; label: string; initial?: { problem: string; place?: string | null; basis?: string | null; requirement?: string | null } }) {
  return (
    <div>
      <Check name={hazard} label={label} initial={initial ? "yes" : ""} />
      <details>
        <summary>{t.words}<span class="visually-hidden"> {label}</span></summary>
        <div class="words">
          {words.map((word) => <TextField key={word} name={`${hazard} ${word}`} label={t[word]} initial={initial?.[word] ?? undefined} {...(word === "problem" || word === "requirement" ? { rows: 2 } : {})} />)}
        </div>
      </details>
    </div>
  );
}

/** What the fields say; words that are left empty are the hazard's own. */
export function itemsOf(values: Values): NoticeItemInput[] | null {
  if (!values[shown]) return null;
  return Object.keys(values)
    .filter((name) => /^hazard_\S+$/.test(name))
    .map((hazardId) => ({ hazardId, ...Object.fromEntries(words.map((word) => [word, values[`${hazardId} ${word}`] ?? null])) }));
}
