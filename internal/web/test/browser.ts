// What every browser test starts from: a page that may not complain, the accounts of
// the played month, and the checks that hold for each page.
import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { type Page, test as base, expect } from "@playwright/test";

export { expect };

interface Account {
  account: string;
  password: string;
  name: string;
  role: string;
}

const accounts: Account[] = JSON.parse(readFileSync(process.env.CLEARGRID_ACCOUNTS!, "utf8")).accounts;

/** The first demo account that has a role. */
export function accountOf(role: string): Account {
  const found = accounts.find((a) => a.role === role);
  if (!found) throw new Error(`no account has the role ${role}`);
  return found;
}

/**
 * Tests whose page must keep its console clean; `allowed` is what a test provokes
 * itself: one pattern, for Playwright takes some lists as a fixture with its options.
 */
export const test = base.extend<{ allowed: RegExp; watched: void }>({
  allowed: [/(?!)/, { option: true }],
  watched: [
    async ({ page, allowed }, use) => {
      const complaints: string[] = [];
      page.on("console", (m) => ["error", "warning"].includes(m.type()) && complaints.push(m.text().slice(0, 300)));
      page.on("pageerror", (e) => complaints.push(String(e)));
      await use();
      expect(complaints.filter((c) => !allowed.test(c))).toEqual([]);
    },
    { auto: true },
  ],
});

/** Open a page and sign in by its form. */
export async function enter(page: Page, path: string, role: string): Promise<void> {
  const { account, password } = accountOf(role);
  await page.goto(path);
  await page.locator("input[name=account]").fill(account);
  await page.locator("input[name=password]").fill(password);
  await page.locator(".door button.primary").click();
  await expect(page.locator(".door")).toHaveCount(0);
}

/** What axe finds on a page; our pages hold no frames, which legacy mode would leave out and anything else pays for. */
async function violations(page: Page, by: "tag" | "rule", values: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ runOnly: { type: by, values }, resultTypes: ["violations"] });
  return (await axe.analyze()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(", ")}`);
}

/** axe finds nothing against WCAG 2.2 AA. */
export async function accessible(page: Page): Promise<void> {
  expect(await violations(page, "tag", ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])).toEqual([]);
}

/** What is read in the dark has contrast; everything else is the same in both palettes. */
export async function readableInTheDark(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await violations(page, "rule", ["color-contrast"])).toEqual([]);
  await page.emulateMedia({ colorScheme: "light" });
}

/** The page fits its window at the widths of a phone, a tablet and a desk; a picture of each is kept on a build server, and by PICTURES=1. */
export async function fits(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  for (const width of [360, 768, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    const { scroll, client } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth }));
    expect(scroll, `${name} at ${width} px is ${scroll} px wide`).toBeLessThanOrEqual(client);
    if (process.env.CI || process.env.PICTURES) await page.screenshot({ path: `test/results/${name}-${width}.png`, fullPage: true });
  }
  if (before) await page.setViewportSize(before);
}
