// How far supervision has got, and with which teams.
import { Figure } from "../../ui/Figure";
import { Table } from "../../ui/List";
import { number } from "../../ui/format";
import { fill, texts } from "../../ui/language";
import { behind } from "../place";
import type { Dashboard } from "./query";

const t = texts({
  title: ["督查", "Supervision"],
  meeting: ["达到抽样要求的乡镇", "Townships meeting the rule"],
  of: ["{n} / {all}", "{n} of {all}"],
  exemptions: ["豁免（已确认）", "Exemptions confirmed"],
  unconfirmed: ["豁免（待确认）", "Exemptions to confirm"],
  teams: ["督查组", "Teams"],
  team: ["督查组", "Team"],
  confirmed: ["已确认安排", "Planned"],
  proposed: ["待确认安排", "Proposed"],
  done: ["已完成", "Done"],
});

export function Supervision({ figures: f }: { figures: NonNullable<Dashboard["supervision"]> }) {
  return (
    <section class="card" aria-labelledby="supervision">
      <h2 id="supervision">{t.title}</h2>
      <dl class="figures small">
        <Figure label={t.meeting} value={fill(t.of, { n: f.townshipsMeeting, all: f.townships })} href={behind(["sampling"])} tone={f.townshipsMeeting < f.townships ? "warn" : "good"} />
        <Figure label={t.exemptions} value={number(f.exemptionsConfirmed)} href={behind(["sampling"])} />
        <Figure label={t.unconfirmed} value={number(f.exemptionsUnconfirmed)} href={behind(["sampling"])} tone={f.exemptionsUnconfirmed > 0 ? "warn" : undefined} />
      </dl>
      {f.teams.length > 0 && (
        <Table
          caption={t.teams}
          rows={f.teams}
          id={(x) => x.team?.id ?? ""}
          columns={[
            { title: t.team, names: true, cell: (x) => x.team && <a href={behind(["sampling", x.team.id])}>{x.team.name}</a> },
            { title: t.confirmed, number: true, cell: (x) => number(x.confirmed) },
            { title: t.proposed, number: true, cell: (x) => number(x.proposed) },
            { title: t.done, number: true, cell: (x) => number(x.done) },
          ]}
        />
      )}
    </section>
  );
}
