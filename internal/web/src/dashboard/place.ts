// What every screen of the dashboard is about: campaign, region and instant. All of
// it stands in the address, so that a link sent to a colleague shows the same.
import { computed, signal } from "@preact/signals";
import { link, route } from "../ui/route";

/** Where the reader looks, as the address says; undefined is "the usual": the newest campaign, its own region, now. */
export interface Place {
  campaign: string | undefined;
  region: string | undefined;
  /** RFC 3339. */
  asOf: string | undefined;
}

const names = ["campaign", "region", "asOf"] as const;

/** The place that the address names. */
export const place = computed<Place>(() => {
  const { query } = route.value;
  const value = (name: string) => query.get(name) ?? undefined;
  const asOf = value("asOf");
  return { campaign: value("campaign"), region: value("region"), asOf: asOf && !Number.isNaN(Date.parse(asOf)) ? asOf : undefined };
});

/** The address of a screen at the same place, with filters of its own. */
export function to(parts: string[], filters: Record<string, string | null | undefined> = {}): string {
  const { query } = route.peek();
  const kept = Object.fromEntries(names.map((name) => [name, query.get(name)]));
  return link(parts, { ...kept, ...filters });
}

/** The roles that the reader holds today; none while nobody has said so. */
export const roles = signal<readonly string[]>([]);

// Whoever has none but these roles reads figures of rows that are out of sight
// (internal/scope).
const blind: Record<string, string[]> = {
  schools: ["VIEWER"], coverage: ["VIEWER"],
  hazards: ["VIEWER", "PLATFORM_ADMIN"], notices: ["VIEWER", "PLATFORM_ADMIN"], discrepancies: ["VIEWER", "PLATFORM_ADMIN"], cases: ["VIEWER", "PLATFORM_ADMIN"],
  sampling: ["VIEWER"],
};

/** The address of the list behind a figure; undefined for a reader who would find nothing there. */
export function behind(parts: string[], filters: Record<string, string | null | undefined> = {}): string | undefined {
  const held = roles.value, none = blind[parts[0] ?? ""] ?? [];
  return held.length > 0 && held.every((r) => none.includes(r)) ? undefined : to(parts, filters);
}

/**
 * The same screen at another place; filters stay. A record and a school lie in one
 * region and campaign, so another one leads from them to the list.
 */
export function elsewhere(change: Partial<Record<(typeof names)[number], string | null>>): string {
  const { parts, query } = route.peek();
  const away = "region" in change || "campaign" in change;
  return link(away ? parts.slice(0, 1) : parts, { ...Object.fromEntries(query), ...(away ? { schoolId: null, teamId: null } : {}), ...change });
}

/** The same screen with other filters; null takes one away. */
export function filtered(change: Record<string, string | null>): string {
  const { parts, query } = route.peek();
  return link(parts, { ...Object.fromEntries(query), ...change });
}
