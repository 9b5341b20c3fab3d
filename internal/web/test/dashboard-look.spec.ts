import { ask, campaignOf, noon } from "./dashboard";
import { accessible, enter, expect, fits, readableInTheDark, test } from "./browser";

test("every screen fits and is accessible, in light and dark", async ({ page }) => {
  test.setTimeout(240_000);
  await enter(page, "/", "SAFETY_SECTION");
  const since = noon(await campaignOf(page), 9);
  const first = async (list: string, filter = "") => {
    const data = await ask<Record<string, { edges: { node: { id: string } }[] }>>(page, `{ ${list}(first: 1${filter}) { edges { node { id } } } }`);
    return data[list]!.edges[0]!.node.id;
  };
  const screens: Record<string, string> = {
    overview: "", hazards: "hazards", hazard: `hazards/${await first("hazards", ", filter: { listed: true }")}`,
    schools: "schools", school: `schools/${await first("schools")}`, reports: "reports", report: `reports/${await first("reports", ", filter: { kind: SUPERVISION }")}`,
    notices: "notices", notice: `notices/${await first("notices")}`, discrepancies: "discrepancies", discrepancy: `discrepancies/${await first("discrepancies")}`,
    cases: "cases", case: `cases/${await first("cases")}`, sampling: "sampling", changes: `changes?since=${since}`, past: `?asOf=${since}`, wall: "wall",
  };
  for (const [name, path] of Object.entries(screens)) {
    await page.goto(`/#/${path}`);
    await expect(page.locator("main h1")).toBeVisible();
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    await accessible(page);
    await readableInTheDark(page);
    await fits(page, `dashboard-${name}`);
  }
});
