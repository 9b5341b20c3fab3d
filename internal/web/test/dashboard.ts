// What the specs of the dashboard share.
import { type Page, expect } from "@playwright/test";

/** Ask the API as the account that is signed in on a page: what the page shows is compared with it. */
export async function ask<T>(page: Page, query: string, variables: Record<string, unknown> = {}): Promise<T> {
  return page.evaluate(async ([text, values]) => {
    const { accessToken } = JSON.parse(localStorage.getItem("cleargrid.session")!) as { accessToken: string };
    const response = await fetch("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${accessToken}` },
      body: JSON.stringify({ query: text, variables: values }),
    });
    const body = (await response.json()) as { data: unknown; errors?: { message: string }[] };
    if (body.errors) throw new Error(body.errors[0]!.message);
    return body.data;
  }, [query, variables] as const) as Promise<T>;
}

interface CampaignDays {
  id: string;
  startsOn: string;
  endsOn: string;
}

/** The campaign of the played month. */
export async function campaignOf(page: Page): Promise<CampaignDays> {
  return (await ask<{ campaigns: CampaignDays[] }>(page, "{ campaigns { id startsOn endsOn } }")).campaigns[0]!;
}

/** Noon, in the campaign's zone, a number of days after its first. */
export function noon(campaign: CampaignDays, days: number): string {
  return new Date(Date.parse(`${campaign.startsOn}T12:00:00+08:00`) + days * 86_400_000).toISOString();
}

/** Count the rows of the list that is shown, all pages of it. */
export async function countRows(page: Page): Promise<number> {
  const end = page.locator(".list-end [role=status]");
  const empty = page.locator(".list .empty");
  await expect(end.or(empty).first()).toBeVisible();
  if (await empty.count()) return 0;
  const more = page.locator(".list-end button");
  while (await more.count()) {
    const before = await page.locator(".list tbody tr").count();
    await more.click();
    await expect.poll(() => page.locator(".list tbody tr").count()).toBeGreaterThan(before);
  }
  return page.locator(".list tbody tr").count();
}

/** Press Tab until the element that has the focus is the one. */
export async function tabTo(page: Page, selector: string, most = 120): Promise<void> {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
  }
  throw new Error(`Tab never came to ${selector}`);
}
