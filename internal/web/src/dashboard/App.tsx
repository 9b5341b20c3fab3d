// The dashboard after the sign-in: what all screens share, and the screen that the
// address names.
import { useEffect, useMemo } from "preact/hooks";
import { Frame } from "../ui/Frame";
import { Loaded } from "../ui/Loaded";
import { Empty, QueryState } from "../ui/State";
import { localOf, setZone } from "../ui/format";
import { language, localized, texts } from "../ui/language";
import { route } from "../ui/route";
import { useQuery } from "../ui/useQuery";
import { PlaceBar } from "./PlaceBar";
import { Wall } from "./wall/Wall";
import { place, roles, to } from "./place";
import { Scene, SceneContext, type SceneValue } from "./scene";
import { screens } from "./screens";

const t = texts({
  noCampaign: ["目前没有您可以查看的活动。督查组成员只在活动期间可见。", "There is no campaign that you may see now. Inspectors see one while it runs."],
  notThis: ["没有这个活动，或者不在您的查看范围内。", "There is no such campaign, or it is out of your sight."],
  nowhere: ["没有这个页面。", "There is no such screen."],
  back: ["回到总览", "Back to the overview"],
  capture: ["现场采集", "Capture"],
  wall: ["大屏", "Wall"],
});

export function App() {
  const query = useQuery(Scene, {});
  const { parts } = route.value;
  const { campaign: asked, region, asOf } = place.value;
  const spoken = language.value;

  const scene = useMemo<SceneValue | null>(() => {
    const campaigns = query.data?.campaigns ?? [];
    const campaign = asked ? campaigns.find((c) => c.id === asked) : campaigns[0];
    if (!campaign) return null;
    setZone(campaign.policy.timeZone);
    const categories = (query.data?.hazardCategories ?? []).map((c) => ({ code: c.code, name: localized(c.label, c.labelEn) }));
    const names = new Map(categories.map((c) => [c.code, c.name]));
    const today = localOf(new Date().toISOString()).slice(0, 10);
    const held = (query.data?.viewer?.memberships ?? []).filter((m) => m.validFrom <= today && (m.validUntil ?? today) >= today);
    return {
      schools: held.every((m) => m.school) ? [...new Set(held.map((m) => m.school!.name))] : [],
      campaign, campaigns, asOf, categories,
      regionId: region ?? campaign.region?.id,
      category: (code) => names.get(code) ?? code,
    };
  }, [query.data, asked, region, asOf, spoken]);

  useEffect(() => {
    roles.value = query.data?.viewer?.roles ?? [];
  }, [query.data]);

  const here = screens.find((s) => s.at === (parts[0] ?? ""));
  const title = here?.label();
  useEffect(() => {
    document.title = `${title ? `${title} · ` : ""}Cleargrid`;
  }, [title]);

  const entries = [
    ...(scene ? screens.flatMap((s) => {
      const label = s.label();
      return label ? [{ label, href: to(s.at ? [s.at] : []), here: s === here }] : [];
    }) : []),
    ...(scene ? [{ label: t.wall, href: to(["wall"]), here: false }] : []),
    { label: t.capture, href: "/capture", here: false },
  ];

  if (scene && parts[0] === "wall") {
    return <SceneContext.Provider value={scene}><Wall /></SceneContext.Provider>;
  }
  return (
    <SceneContext.Provider value={scene}>
      <Frame entries={entries} tools={scene && <PlaceBar />} who={query.data?.viewer?.user?.name}>
        <QueryState query={query} />
        {query.data && !scene && <Empty>{asked ? t.notThis : t.noCampaign}</Empty>}
        {scene && (here ? <Loaded key={here.at} load={here.load} /> : <Empty>{t.nowhere} <a href={to([])}>{t.back}</a></Empty>)}
      </Frame>
    </SceneContext.Provider>
  );
}
