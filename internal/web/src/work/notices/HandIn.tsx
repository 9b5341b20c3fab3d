// Handing a team's notices in to the section: all that are missing, unless some are left out.
import { graphql } from "../../api/client";
import { CommandForm } from "../../ui/CommandForm";
import { Check } from "../../ui/Form";
import { QueryResult } from "../../ui/State";
import { fill, texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";

const t = texts({
  title: ["报送整改通知书：{team}", "Hand in the notices of {team}"],
  submit: ["报送勾选的通知书", "Hand in what is ticked"],
  done: ["已报送。", "They are handed in."],
});

const Missing = graphql(`
  query MissingNotices($team: ID!) {
    notices(first: 200, filter: { teamId: $team, handedIn: false, status: [ISSUED, ACKNOWLEDGED, REFUSED, REPLIED, CLOSED] }) {
      edges { node { id number school { id name } } }
    }
  }
`);
const Send = graphql(`mutation HandInNotices($input: HandInNoticesInput!) { handInNotices(input: $input) { notices { id handedInAt } } }`);

/** For the team's leader or contact. */
export function HandIn({ team, changed }: { team: { id: string; name: string }; changed: () => void }) {
  const query = useQuery(Missing, { team: team.id });
  return (
    <section class="card" aria-label={fill(t.title, { team: team.name })}>
      <h2>{fill(t.title, { team: team.name })}</h2>
      <QueryResult query={query}>
        {({ notices }) => (
          <CommandForm
            name={`hand-in ${team.id}`}
            command={Send}
            actions={[{ value: "send", label: t.submit, look: "primary" }]}
            input={(ticked, ids) => ({ commandId: ids("command"), teamId: team.id, noticeIds: Object.keys(ticked).filter((name) => name.startsWith("notice_")) })}
            done={t.done}
            changed={() => (void query.reload(), changed())}
          >
            {notices?.edges.map(({ node }) => <Check key={node.id} name={node.id} label={`${node.number} · ${node.school?.name}`} initial="yes" />)}
          </CommandForm>
        )}
      </QueryResult>
    </section>
  );
}
