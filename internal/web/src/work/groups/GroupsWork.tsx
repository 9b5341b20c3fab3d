// The leading groups of the campaign: the bureau's or the school's own, and for the
// bureau the schools that have none.
import { graphql } from "../../api/client";
import { List, usePages } from "../../ui/List";
import { QueryResult } from "../../ui/State";
import { texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { peopleOf, useBureau } from "../people";
import { useWorker } from "../viewer";
import { Group } from "./Group";

const t = texts({
  title: ["领导小组", "Leading groups"],
  bureau: ["局活动领导小组", "The bureau's leading group"],
  missing: ["尚未成立领导小组的学校", "Schools without a leading group"],
  none: ["各校均已成立。", "Every school has one."],
  school: ["学校", "School"],
  township: ["乡镇", "Township"],
});

const OfBureau = graphql(`
  query BureauGroup($campaign: ID!) {
    campaign(id: $campaign) {
      id region { id }
      leadingGroup { id formedOn documentNumber formedBy { id name } members { position user { id name } } }
    }
  }
`);
const OfSchool = graphql(`
  query SchoolGroup($campaign: ID!, $school: ID!) {
    school(id: $school) {
      id name members { id role user { id name } }
      leadingGroup(campaignId: $campaign) { id formedOn documentNumber formedBy { id name } members { position user { id name } } }
    }
  }
`);
const Without = graphql(`
  query SchoolsWithoutGroup($first: Int!, $after: String, $filter: SchoolFilter!) {
    schools(first: $first, after: $after, filter: $filter) {
      edges { node { id name region { id name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

/** The screen. */
export function GroupsWork() {
  const worker = useWorker();
  const leads = worker.is("SCHOOL_LEADER", "SCHOOL_SAFETY_OFFICER");
  return (
    <>
      <h1>{t.title}</h1>
      {worker.schools.map((s) => <SchoolGroup key={s.id} school={s.id} forms={leads} />)}
      {worker.is("SAFETY_SECTION", "BUREAU_LEADER") && (
        <>
          <BureauGroup forms={worker.is("SAFETY_SECTION")} />
          <Missing />
        </>
      )}
    </>
  );
}

function BureauGroup({ forms }: { forms: boolean }) {
  const { campaign } = useWorker();
  const query = useQuery(OfBureau, { campaign: campaign.id });
  const people = useBureau(forms);
  return (
    <QueryResult query={query}>
      {({ campaign: it }) => (
        <Group title={t.bureau} group={it?.leadingGroup ?? null} place={{ regionId: it?.region?.id ?? null }} people={people} forms={forms} changed={() => void query.reload()} />
      )}
    </QueryResult>
  );
}

function SchoolGroup({ school, forms }: { school: string; forms: boolean }) {
  const { campaign } = useWorker();
  const query = useQuery(OfSchool, { campaign: campaign.id, school });
  return (
    <QueryResult query={query}>
      {({ school: it }) => it && (
        <Group title={it.name} group={it.leadingGroup} place={{ schoolId: it.id }} people={peopleOf(it.members)} forms={forms} changed={() => void query.reload()} />
      )}
    </QueryResult>
  );
}

function Missing() {
  const { campaign } = useWorker();
  const pages = usePages(Without, { filter: { withoutLeadingGroup: campaign.id } }, (d) => d.schools);
  return (
    <section class="card" aria-label={t.missing}>
      <h2>{t.missing}</h2>
      <List
        caption={t.missing}
        pages={pages}
        id={(s) => s.id}
        empty={t.none}
        columns={[
          { title: t.school, names: true, cell: (s) => s.name },
          { title: t.township, cell: (s) => s.region?.name },
        ]}
      />
    </section>
  );
}
