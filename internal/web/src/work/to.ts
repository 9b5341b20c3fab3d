// Addresses of the working screens.
import { link, route } from "../ui/route";

/** A screen below #/work, in the campaign and region that the address names now. */
export function to(parts: string[], query: Record<string, string | null> = {}): string {
  const here = route.peek().query;
  return link(["work", ...parts], { campaign: here.get("campaign"), region: here.get("region"), ...query });
}
