// The county at a glance: every number opens the list that it counts.
import { Gone, QueryState } from "../../ui/State";
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
import { Overview as Query, dashboardChanged } from "./query";

const t = texts({
  overview: ["总览", "Overview"],
  within: ["仅含您可查看的学校：{names}", "Only the schools in your sight: {names}"],
  at: ["{at} 的数据", "Figures of {at}"],
});

export function Overview() {
  const { campaign, regionId, asOf, schools } = useScene();
  const variables = { campaign: campaign.id, region: regionId };
  const query = useQuery(Query, { ...variables, asOf });
  useLive(dashboardChanged, asOf ? null : variables, query.reload);
  const dashboard = query.data?.dashboard;
  return (
    <>
      <header class="title">
        <h1>{dashboard?.region?.name} {t.overview}</h1>
        <p class="soft">
          {localized(campaign.title, campaign.titleEn)}
          {dashboard && <> · {fill(t.at, { at: instant(dashboard.at) })}</>}
        </p>
        {schools.length > 0 && <p class="soft">{fill(t.within, { names: names(schools) })}</p>}
      </header>
      <QueryState query={query} />
      {query.data && !dashboard && !query.loading && <Gone />}
      {dashboard && (
        <div class="overview">
          <Headline dashboard={dashboard} />
          <Curve days={dashboard.days ?? []} />
          <Proven dashboard={dashboard} />
          <Heat dashboard={dashboard} />
          <Townships dashboard={dashboard} />
          {dashboard.plan && <Duties dashboard={dashboard} plan={dashboard.plan} />}
          {dashboard.supervision && <Supervision figures={dashboard.supervision} />}
          {dashboard.supervision && <div class="wide"><SamplingTownships /></div>}
        </div>
      )}
    </>
  );
}
