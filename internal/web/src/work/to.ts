// Addresses of the working screens.
import { link, route } from "../ui/route";

/** A screen below #/work, in the campaign and region that the address names now. */
export const to = (parts: string[], query: Record<string, string | null> = {}): string => toDashboard(["work", ...parts], query);

/** A screen of the dashboard, in that campaign and region, too. */
export function toDashboard(parts: string[], query: Record<string, string | null> = {}): string {
  const here = route.peek().query;
  return link(parts, { campaign: here.get("campaign"), region: here.get("region"), ...query });
}
