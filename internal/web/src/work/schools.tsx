// Which school: of a county's hundreds, found by a part of the name.
import { useState } from "preact/hooks";
import { graphql } from "../api/client";
import { SearchField, offered } from "../ui/SearchField";
import { texts } from "../ui/language";
import { useQuery } from "../ui/useQuery";

const t = texts({
  school: ["学校", "School"],
  choose: ["请选择学校", "Choose a school"],
});

const Schools = graphql(`
  query SchoolsToChoose($first: Int!, $words: String, $chosen: ID!, $known: Boolean!) {
    schools(first: $first, filter: { search: $words }) { edges { node { id name region { id name } } } pageInfo { hasNextPage } }
    school(id: $chosen) @include(if: $known) { id name region { id name } }
  }
`);

/** The schools that fit the words, the chosen one among them, and the field for the words. */
export function useSchools(chosen = "") {
  const [words, find] = useState<string>();
  const { data, error } = useQuery(Schools, { first: offered, words: words ?? null, chosen, known: Boolean(chosen) });
  const first = (data?.schools?.edges ?? []).map((e) => e.node);
  const schools = data?.school && !first.some((s) => s.id === chosen) ? [data.school, ...first] : first;
  return { schools, words, search: <SearchField what={t.school} found={data?.schools} error={error} find={find} /> };
}

/** One school. */
export function PickSchool({ chosen, none = t.choose, onChoose }: { chosen: string; none?: string; onChoose: (id: string) => void }) {
  const { schools, search } = useSchools(chosen);
  return (
    <div class="pick">
      {search}
      <label>
        {t.school}{" "}
        <select value={chosen} onChange={(e) => onChoose(e.currentTarget.value)}>
          <option value="">{none}</option>
          {schools.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
        </select>
      </label>
    </div>
  );
}
