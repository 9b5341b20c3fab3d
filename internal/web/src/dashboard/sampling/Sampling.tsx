// Supervision by township and team: which slot of the sample which visit fills, what is
// missing, and how far each team is. `#/sampling/<id>` is a team.
import { route } from "../../ui/route";
import { Teams } from "./Teams";
import { TeamPage } from "./TeamPage";
import { Townships } from "./Townships";
import { texts } from "../../ui/language";

const t = texts({ title: ["督查抽样", "Supervision sampling"] });

export function Sampling() {
  const id = route.value.parts[1];
  if (id) return <TeamPage key={id} id={id} />;
  return (
    <>
      <header class="title"><h1>{t.title}</h1></header>
      <Townships />
      <Teams />
    </>
  );
}
