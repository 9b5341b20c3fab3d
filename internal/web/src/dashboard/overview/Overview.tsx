// The county at a glance: every number opens the list that it counts.
import { QueryState } from "../../ui/State";
import { instant, names } from "../../ui/format";
import { fill, localized, texts } from "../../ui/language";
import { useLive } from "../../ui/useLive";
import { useQuery } from "../../ui/useQuery";
import { Townships as SamplingTownships } from "../sampling/Townships";
import { useScene } from "../scene";
import { Curve } from "./Curve";
import { Duties } from "./Duties";
import { Headline } from "./Headline";
import { Heat } from "./Heat";
import { Proven } from "./Proven";
import { Supervision } from "./Supervision";
import { Townships } from "./Townships";
import { Overview as Query, boardChanged } from "./query";

const t = texts({
  overview: ["总览", "Overview"],
  within: ["仅含您可查看的学校：{names}", "Only the schools in your sight: {names}"],
  at: ["{at} 的数据", "Figures of {at}"],
});

export function Overview() {
  const { campaign, regionId, asOf, schools } = useScene();
  const variables = { campaign: campaign.id, region: regionId };
  const query = useQuery(Query, { ...variables, asOf });
  useLive(boardChanged, asOf ? null : variables, query.reload);
  const board = query.data?.dashboard;
  return (
    <>
      <header class="title">
        <h1>{board?.region?.name} {t.overview}</h1>
        <p class="soft">
          {localized(campaign.title, campaign.titleEn)}
          {board && <> · {fill(t.at, { at: instant(board.at) })}</>}
        </p>
        {schools.length > 0 && <p class="soft">{fill(t.within, { names: names(schools) })}</p>}
      </header>
      <QueryState query={query} />
      {board && (
        <div class="overview">
          <Headline board={board} />
          <Curve days={board.days ?? []} />
          <Proven board={board} />
          <Heat board={board} />
          <Townships board={board} />
          {board.plan && <Duties board={board} plan={board.plan} />}
          {board.supervision && <Supervision figures={board.supervision} />}
          {board.supervision && <div class="wide"><SamplingTownships /></div>}
        </div>
      )}
    </>
  );
}
