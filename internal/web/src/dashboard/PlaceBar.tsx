// The bar that says, and changes, what every screen is about: region, campaign and
// instant.
import { graphql } from "../api/client";
import { instant, instantOf, localOf } from "../ui/format";
import { fill, localized, texts } from "../ui/language";
import { go, route } from "../ui/route";
import { useQuery } from "../ui/useQuery";
import { RegionTree } from "./RegionTree";
import { elsewhere } from "./place";
import { useScene } from "./scene";

const t = texts({
  bar: ["查看范围", "What is shown"],
  campaign: ["活动", "Campaign"],
  region: ["区域", "Region"],
  choose: ["选择区域或学校", "Choose a region or school"],
  asOf: ["截至时刻", "As of"],
  show: ["查看", "Show"],
  now: ["回到现在", "Back to now"],
  past: ["以下为 {at} 时的情况（按目前所知）", "What follows is of {at}, as known now"],
  unknown: ["未知区域", "Unknown region"],
});

const RegionPath = graphql(`
  query RegionPath($id: ID!) {
    node(id: $id) { ... on Region { id name level parent { id name parent { id name parent { id name } } } } }
  }
`);

export function PlaceBar() {
  const { campaign, campaigns, regionId, asOf } = useScene();
  return (
    <section class="place-bar" aria-label={t.bar}>
      <RegionChoice key={regionId} regionId={regionId} />
      {campaigns.length > 1 && (
        <label class="inline">
          {t.campaign}
          <select value={campaign.id} onChange={(e) => go(elsewhere({ campaign: e.currentTarget.value, region: null }))}>
            {campaigns.map((c) => <option value={c.id}>{localized(c.title, c.titleEn)}</option>)}
          </select>
        </label>
      )}
      {route.value.parts[0] !== "work" && <Instant asOf={asOf} />}
    </section>
  );
}

// The working screens always show the present: they have no instant.
function Instant({ asOf }: { asOf: string | undefined }) {
  return (
    <>
      <form
        class="as-of"
        onSubmit={(e) => {
          e.preventDefault();
          const at = instantOf(String(new FormData(e.currentTarget).get("at")));
          if (at) go(elsewhere({ asOf: at }));
        }}
      >
        <label class="inline">
          {t.asOf}
          <input type="datetime-local" name="at" required key={asOf ?? ""} defaultValue={asOf ? localOf(asOf) : ""} max={localOf(new Date().toISOString())} />
        </label>
        <button>{t.show}</button>
      </form>
      {asOf && (
        <p class="past" role="status">
          <strong>{fill(t.past, { at: instant(asOf) })}</strong> <a href={elsewhere({ asOf: null })}>{t.now}</a>
        </p>
      )}
    </>
  );
}

/** The regions above the present one as links, and the tree below to choose from. */
function RegionChoice({ regionId }: { regionId: string | undefined }) {
  const { data } = useQuery(RegionPath, regionId ? { id: regionId } : null);
  const region = data?.node && "name" in data.node ? data.node : undefined;
  const above: { id: string; name: string }[] = [];
  for (let r: { id: string; name: string; parent?: unknown } | null | undefined = region?.parent; r; r = r.parent as typeof r) above.unshift(r);
  return (
    <div class="region-choice">
      <nav aria-label={t.region}>
        <ol class="crumbs">
          {above.map((r) => <li><a href={elsewhere({ region: r.id })}>{r.name}</a></li>)}
          <li aria-current="location">{region?.name ?? (data ? t.unknown : "…")}</li>
        </ol>
      </nav>
      <details
        class="tree-holder"
        onClick={(e) => {
          // A choice was made: close the tree.
          if (e.target instanceof HTMLAnchorElement) e.currentTarget.open = false;
        }}
      >
        <summary>{t.choose}</summary>
        <RegionTree />
      </details>
    </div>
  );
}
