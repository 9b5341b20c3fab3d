import type { Page, Route } from "@playwright/test";
import { enter, expect, test } from "./browser";

const operation = (route: Route) => /query (\w+)/.exec((route.request().postDataJSON() as { query: string }).query)?.[1];

/** Answer the list of hazards in the server's stead. */
async function lists(page: Page, answer: (variables: { first: number; after: string | null }) => unknown) {
  const asked: { first: number; after: string | null }[] = [];
  await page.route("/graphql", async (route) => {
    if (operation(route) !== "HazardList") return route.fallback();
    const { variables } = route.request().postDataJSON() as { variables: { first: number; after: string | null } };
    asked.push(variables);
    await route.fulfill({ json: answer(variables) as object });
  });
  return asked;
}

const hazard = (n: number, more: object = {}) => ({
  cursor: String(n),
  node: {
    id: `hazard_01939c1e-7a4e-7c7b-b1ba-${String(n).padStart(12, "0")}`, description: `隐患 ${n}`, category: "FIRE", source: "SUPERVISION", status: "REPORTED",
    grade: "GENERAL", underOversight: false, overdue: false, proven: true, deadlineOn: null, reportedAt: "2026-11-10T04:00:00.000Z", school: { id: "school_1", name: "学校" }, ...more,
  },
});

test("of ten thousand hazards one page is asked, and the next on demand", async ({ page }) => {
  await enter(page, "/", "SAFETY_SECTION");
  const asked = await lists(page, ({ first, after }) => {
    const from = Number(after ?? 0);
    const edges = Array.from({ length: first }, (_, i) => hazard(from + i + 1));
    return { data: { hazards: { edges, pageInfo: { hasNextPage: from + first < 10_000, endCursor: String(from + first) } } } };
  });
  await page.goto("/#/hazards");
  await expect(page.locator(".list tbody tr")).toHaveCount(50);
  expect(asked).toHaveLength(1);
  await page.getByRole("button", { name: "显示更多" }).click();
  await expect(page.locator(".list tbody tr")).toHaveCount(100);
  await expect(page.locator(".list tbody tr").last()).toContainText("隐患 100");
  expect(asked.map((a) => [a.first, a.after])).toEqual([[50, null], [50, "50"]]);
});

test("text that is HTML stays text, and what this page does not know is shown as it came", async ({ page }) => {
  await enter(page, "/", "SAFETY_SECTION");
  const html = `<img src=x onerror="document.title='hurt'"><b>粗体</b><script>document.title='hurt'</script>`;
  await lists(page, () => ({ data: { hazards: { edges: [hazard(1, { description: html, status: "FROZEN", category: "ALIENS" })], pageInfo: { hasNextPage: false, endCursor: "1" } } } }));
  await page.goto("/#/hazards");
  await expect(page.locator(".list tbody th")).toHaveText(html);
  await expect(page.locator(".list img, .list b, .list script")).toHaveCount(0);
  await expect(page.locator(".list tbody tr")).toContainText("FROZEN");
  await expect(page.locator(".list tbody tr")).toContainText("ALIENS");
  await expect(page).not.toHaveTitle("hurt");
});

test.describe("what goes wrong", () => {
  test.use({ allowed: /Failed to load resource/ });

  test("is said in the server's words, and tried again", async ({ page }) => {
    await enter(page, "/", "SAFETY_SECTION");
    let broken = true;
    await page.route("/graphql", async (route) => {
      if (operation(route) !== "HazardList" || !broken) return route.fallback();
      await route.fulfill({ status: 503, json: { errors: [{ message: "服务正忙", extensions: { code: "UNAVAILABLE_NOW", retryable: true } }] } });
    });
    await page.goto("/#/hazards");
    await expect(page.locator(".list .state")).toContainText("服务正忙");
    broken = false;
    await page.getByRole("button", { name: "重试" }).click();
    await expect(page.locator(".list tbody tr").first()).toBeVisible();
    await expect(page.getByText("服务正忙")).toHaveCount(0);
  });

  test("without a network, what was there stays and is said to be older", async ({ page, context }) => {
    await enter(page, "/", "SAFETY_SECTION");
    await expect(page.locator(".curve canvas")).toBeVisible();
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    await context.setOffline(true);
    await expect(page.getByText("无法连接服务器").first()).toBeVisible();
    await expect(page.locator(".figures").first()).toBeVisible();
    await context.setOffline(false);
    await expect(page.getByText("无法连接服务器")).toHaveCount(0);
  });

  test("a server of a newer version, which no longer has this page's parts, is named and loaded again", async ({ page }) => {
    await enter(page, "/", "SAFETY_SECTION");
    let newer = true;
    await page.route(/\/pages\/Sampling-/, (route) => (newer ? route.fulfill({ status: 404, body: "" }) : route.fallback()));
    await page.getByRole("link", { name: "督查抽样" }).click();
    await expect(page.getByRole("alert")).toContainText("服务器已更新为新版本");
    newer = false;
    await page.getByRole("button", { name: "重新加载" }).click();
    await expect(page.getByRole("heading", { name: "督查抽样", level: 1 })).toBeVisible();
  });

  test("a record out of sight says that it is not found", async ({ page }) => {
    await enter(page, "/#/hazards/hazard_01939c1e-7a4e-7c7b-b1ba-2f6f4f7c0001", "SAFETY_SECTION");
    await expect(page.locator("p.problem")).toBeVisible();
  });
});
