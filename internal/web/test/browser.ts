// What every browser test starts from: a page that may not complain, the accounts of
// the played month, and the checks that hold for each page.
import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { type Page, test as base, expect } from "@playwright/test";

export { expect };

export interface Account {
  account: string;
  password: string;
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

const sessions = new Map<string, Promise<string>>();

/**
 * A session as the pages keep it, one for each account of a server in a worker: to
 * check a password takes 64 MiB and a tenth of a second of a core.
 */
function sessionOf(url: string, { account, password }: Omit<Account, "role">): Promise<string> {
  const key = `${account} ${url}`;
  const signedIn = async () => {
    const body = JSON.stringify({ query: "mutation($i: SignInInput!) { signIn(input: $i) { accessToken refreshToken expiresAt } }", variables: { i: { account, password } } });
    const answer = await fetch(`${url}/graphql`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    const { data } = (await answer.json()) as { data: { signIn: { accessToken: string; refreshToken: string; expiresAt: string } } };
    const { expiresAt, ...tokens } = data.signIn;
    return JSON.stringify({ ...tokens, until: Date.parse(expiresAt) });
  };
  if (!sessions.has(key)) sessions.set(key, signedIn());
  return sessions.get(key)!;
}

/** The access token of an account's session on a server. */
export async function tokenOf(url: string, account: Omit<Account, "role">): Promise<string> {
  return (JSON.parse(await sessionOf(url, account)) as { accessToken: string }).accessToken;
}

/**
 * Open a page as an account of a server, in the session that all tests share. A test
 * that ends, renews or outlives its session signs in by the form instead.
 */
export async function openAs(page: Page, path: string, url: string, account: Omit<Account, "role">): Promise<void> {
  const session = await sessionOf(url, account);
  await page.goto("/healthz"); // the same origin, and no page that would look for a session
  await page.evaluate((kept) => localStorage.setItem("cleargrid.session", kept), session);
  await page.goto(path);
  await expect(page.locator("#page > *").first()).toBeAttached();
  await expect(page.locator(".door")).toHaveCount(0);
}

/** Open a page of the played county as the first account of a role. */
export async function enter(page: Page, path: string, role: string): Promise<void> {
  await openAs(page, path, process.env.CLEARGRID_URL!, accountOf(role));
}

/** Fill in the form of the page that is open. */
export async function fillDoor(page: Page, { account, password }: Omit<Account, "role">): Promise<void> {
  await page.locator("input[name=account]").fill(account);
  await page.locator("input[name=password]").fill(password);
  await page.locator(".door button.primary").click();
}

/** Open a page and sign in by its form, with a session of one's own. */
export async function signIn(page: Page, path: string, role: string): Promise<void> {
  await page.goto(path);
  await fillDoor(page, accountOf(role));
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

/** The page fits its window at the widths of a phone, a tablet and a desk; PICTURES=1 keeps a picture of each. */
export async function fits(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  for (const width of [360, 768, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    // A chart follows its new size in the next frames.
    const over = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await expect.poll(over, { message: `${name} at ${width} px: how much wider it is` }).toBeLessThanOrEqual(0);
    if (process.env.PICTURES) await page.screenshot({ path: `test/results/${name}-${width}.png`, fullPage: true });
  }
  if (before) await page.setViewportSize(before);
}
