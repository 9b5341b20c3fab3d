import { ask, campaignOf, noon } from "./dashboard";
import { accessible, enter, expect, fits, readableInTheDark, test } from "./browser";

type First = (list: string, filter?: string) => Promise<string>;

/** The addresses of the screens, a few for each test; `first` finds a record to show. */
const screens: Record<string, (first: First, since: string) => Promise<Record<string, string>>> = {
  "the overview and the hazards": async (first, since) => ({
    overview: "", past: `?asOf=${since}`, wall: "wall", changes: `changes?since=${since}`,
    hazards: "hazards", hazard: `hazards/${await first("hazards", ", filter: { underOversight: true }")}`,
  }),
  "schools, reports and notices": async (first) => ({
    schools: "schools", coverage: "coverage", school: `schools/${await first("schools")}`, reports: "reports", report: `reports/${await first("reports", ", filter: { kind: SUPERVISION }")}`,
    notices: "notices", notice: `notices/${await first("notices")}`,
  }),
  "discrepancies, cases and sampling": async (first) => ({
    discrepancies: "discrepancies", discrepancy: `discrepancies/${await first("discrepancies")}`, cases: "cases", case: `cases/${await first("cases")}`, sampling: "sampling",
  }),
};

for (const [names, paths] of Object.entries(screens)) {
  test(`${names} fit and are accessible, in light and dark`, async ({ page }) => {
    test.setTimeout(180_000);
    await enter(page, "/", "SAFETY_SECTION");
    const first: First = async (list, filter = "") => {
      const data = await ask<Record<string, { edges: { node: { id: string } }[] }>>(page, `{ ${list}(first: 1${filter}) { edges { node { id } } } }`);
      return data[list]!.edges[0]!.node.id;
    };
    for (const [name, path] of Object.entries(await paths(first, noon(await campaignOf(page), 9)))) {
      await page.goto("about:blank"); // or the screen before would still be there for a moment
      await page.goto(`/#/${path}`);
      await expect(page.locator("main h1")).toBeVisible();
      await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
      await accessible(page);
      await readableInTheDark(page);
      await fits(page, `dashboard-${name}`);
    }
  });
}
