import { ask, tabTo } from "./dashboard";
import type { Page } from "@playwright/test";
import { enter, expect, signIn, test } from "./browser";
import { reported } from "./work-setup";

test("everything is reached with the keyboard alone", async ({ page }) => {
  await enter(page, "/", "BUREAU_LEADER");
  await expect(page.locator(".figures a").first()).toBeVisible();
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press("Tab");
  await expect(page.getByText("跳到正文")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();

  await tabTo(page, ".figure a[aria-label^='已销号']");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("隐患清单");
  await expect(page.getByRole("main")).toBeFocused();
  await expect(page.locator(".list tbody th a").first()).toBeVisible();
  await tabTo(page, ".list tbody th a");
  await page.keyboard.press("Enter");
  await expect(page.locator("button.piece").first()).toBeVisible();
  await tabTo(page, "button.piece");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.locator("button.piece").first()).toBeFocused();
});

test("signing out ends the page at once, in every tab", async ({ page, context }) => {
  await signIn(page, "/#/hazards?open=true", "BUREAU_LEADER");
  await expect(page.locator(".list tbody tr").first()).toBeVisible();
  const other = await context.newPage();
  await other.goto("/");
  await expect(other.locator(".figures").first()).toBeVisible();

  await page.getByRole("button", { name: "退出登录" }).click();
  for (const p of [page, other]) {
    await expect(p.locator(".door")).toBeVisible();
    await expect(p.locator(".frame")).toHaveCount(0);
  }
});

test("a place can be sent: signing in leads to it", async ({ page }) => {
  await enter(page, "/#/hazards?grade=MAJOR&open=true", "SAFETY_SECTION");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("隐患清单");
  await expect(page.getByLabel("等级")).toHaveValue("MAJOR");
  await page.getByLabel("等级").selectOption("GENERAL");
  await expect(page).toHaveURL(/grade=GENERAL/);
});

test("English is complete", async ({ page }) => {
  await enter(page, "/", "SAFETY_SECTION");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  for (const screen of ["", "hazards", "schools", "reports", "notices", "discrepancies", "cases", "sampling", "changes", "wall"]) {
    await page.goto(`/#/${screen}`);
    await expect(page.locator("main h1")).toBeVisible();
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    const words = page.locator("h2, h3, label, thead th, .figure dt, .wall dt, nav li a:not(.crumbs a), button, summary");
    for (const text of await words.allTextContents()) expect(text.replace("中文", ""), screen).not.toMatch(/\p{Script=Han}/u);
  }
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
});

test.describe("who may see less", () => {
  test("a viewer sees the figures without links, and reads that the rows are out of sight", async ({ page }) => {
    await enter(page, "/", "VIEWER");
    await expect(page.locator(".figure", { hasText: "累计发现" })).toHaveText(/累计发现\d+/);
    await expect(page.getByRole("main").getByRole("link", { name: /^累计发现 / })).toHaveCount(0);
    await page.goto("/#/hazards");
    await expect(page.locator(".list .empty")).toContainText("数字可能包含");
  });

  test("a grid member sees its school and the way to capture", async ({ page }) => {
    await enter(page, "/", "GRID_MEMBER");
    await expect(page.getByRole("link", { name: "现场采集" })).toHaveAttribute("href", "/capture");
    const { schools } = await ask<{ schools: { edges: { node: { name: string } }[] } }>(page, "{ schools(first: 2) { edges { node { name } } } }");
    expect(schools.edges).toHaveLength(1);
    await expect(page.getByText("仅含您可查看的学校")).toContainText(schools.edges[0]!.node.name);
    await page.getByRole("link", { name: "学校", exact: true }).click();
    await expect(page.getByRole("link", { name: schools.edges[0]!.node.name })).toBeVisible();
  });

  test("a campaign out of sight is not there", async ({ page }) => {
    await enter(page, "/#/?campaign=campaign_01939c1e-7a4e-7c7b-b1ba-2f6f4f7c0001", "SAFETY_SECTION");
    await expect(page.getByText("没有这个活动")).toBeVisible();
  });
});

test.describe("the wall", () => {
  test.use({ viewport: { width: 1920, height: 1080 } });

  test("is read from afar and needs no scrolling", async ({ page }) => {
    await enter(page, "/#/wall", "BUREAU_LEADER");
    await expect(page.locator(".wall-numbers dd").first()).toHaveText(/\d/);
    await expect(page.locator(".wall canvas")).toBeVisible();
    for (const language of ["zh", "en"]) {
      if (language === "en") {
        await page.evaluate(() => localStorage.setItem("cleargrid.language", "en"));
        await page.reload();
        await expect(page.locator(".wall canvas")).toBeVisible();
      }
      const { tall, wide, small, cut } = await page.evaluate(() => {
        const texts = [...document.querySelectorAll(".wall h1, .wall h2, .wall header > p:not(.wall-tools), .wall dt, .wall dd, .wall li > *:not(.bar)")];
        const numbers = [...document.querySelectorAll<HTMLElement>(".wall-numbers > div")];
        return {
          tall: document.documentElement.scrollHeight, wide: document.documentElement.scrollWidth,
          small: texts.filter((e) => parseFloat(getComputedStyle(e).fontSize) < 32).map((e) => e.textContent),
          cut: [...numbers, ...document.querySelectorAll<HTMLElement>(".wall-regions")].filter((e) => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1).map((e) => e.textContent),
        };
      });
      expect({ tall, wide, small, cut }, language).toEqual({ tall: 1080, wide: 1920, small: [], cut: [] });
    }
  });

  test("of a county of 300 schools, on a lower screen, shows seven figures in a row and whole regions", async ({ page }) => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.route("/graphql", async (route) => {
      if (!(route.request().postData() ?? "").includes("query Overview")) return route.fallback();
      const answer = await route.fetch();
      const body = (await answer.json()) as { data: { dashboard: { total: object; children: object[] } } };
      const { dashboard } = body.data;
      Object.assign(dashboard.total, { open: 241, clearRate: 0.601, overdue: 47, majorOpen: 71, underOversight: 105, schoolsDue: 300, schoolsSelfProven: 200, schoolsVisitedProven: 148 });
      dashboard.children = Array.from({ length: 17 }, () => dashboard.children[0]!);
      await route.fulfill({ response: answer, json: body });
    });
    await enter(page, "/#/wall", "BUREAU_LEADER");
    await expect(page.locator(".wall-numbers")).toContainText("148/300");
    const tops = (selector: string) => page.locator(selector).evaluateAll((all) => all.map((e) => e.getBoundingClientRect().top));
    expect(new Set(await tops(".wall-numbers > div")).size).toBe(1);
    const rows = await page.locator(".wall-regions li").evaluateAll((all) => {
      const room = all[0]!.parentElement!.getBoundingClientRect();
      return all.map((e) => e.getBoundingClientRect()).filter((r) => r.left < room.right).map((r) => r.bottom <= room.bottom + 1);
    });
    expect(rows.length).toBeGreaterThan(6);
    expect(rows).not.toContain(false);
  });

  const asksAgain = (page: Page) => page.waitForRequest((r) => r.url().endsWith("/graphql") && (r.postData() ?? "").includes("query Overview"));

  test("shows what changes, until somebody signs out", async ({ page, context }) => {
    const told = page.waitForEvent("websocket").then(async (socket) => { // at once: the first word may come before the door is gone
      await socket.waitForEvent("framereceived", (f) => String(f.payload).includes('"next"'));
      return socket;
    });
    await signIn(page, "/#/wall", "BUREAU_LEADER");
    const socket = await told;
    const open = page.locator(".wall-numbers > div").filter({ hasText: "未销号" }).first().locator("dd");
    const before = Number(await open.textContent());
    const again = asksAgain(page);
    await reported("大屏应当立即看到的隐患");
    await again;
    await expect.poll(async () => Number(await open.textContent())).toBeGreaterThan(before);

    const closed = socket.waitForEvent("close");
    const other = await context.newPage();
    await other.goto("/");
    await other.getByRole("button", { name: "退出登录" }).click();
    await closed;
    await expect(page.locator(".door")).toBeVisible();
  });

  test("asks every minute while it can't be told", async ({ page }) => {
    await page.clock.install();
    await page.routeWebSocket("/graphql", (socket) => void socket.close());
    await enter(page, "/#/wall", "BUREAU_LEADER");
    await expect(page.locator(".wall canvas")).toBeVisible();
    for (let minute = 0; minute < 2; minute++) {
      const again = asksAgain(page);
      await page.clock.fastForward(61_000);
      await again;
    }
  });
});

test("prints on white A4 without what only a screen needs", async ({ page }) => {
  await enter(page, "/", "SAFETY_SECTION");
  await expect(page.locator(".curve canvas")).toBeVisible();
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await expect(page.locator(".frame-head nav")).toBeHidden();
  await expect(page.locator(".as-of")).toBeHidden();
  await expect(page.locator(".figures").first()).toBeVisible();
  const colors = await page.locator(".card").first().evaluate((e) => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]);
  expect(colors).toEqual(["rgb(255, 255, 255)", "rgb(0, 0, 0)"]);
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  expect(pdf.toString("latin1")).toMatch(/\/MediaBox \[0 0 59[45](\.\d+)? 84[12]/);
});

test("hazards are found by words of their description, and the address keeps them", async ({ page }) => {
  await enter(page, "/#/hazards", "SAFETY_SECTION");
  const rows = page.locator(".list tbody tr");
  const name = await rows.first().locator("th a").innerText();
  const words = name.slice(0, 3);
  await page.getByLabel("搜索").fill(words);
  await page.getByLabel("搜索").press("Enter");
  await expect(page).toHaveURL(/search=/);
  await expect(rows.first()).toContainText(words);
  await page.reload();
  await expect(page.getByLabel("搜索")).toHaveValue(words);
  await page.getByLabel("搜索").fill("并不存在的词");
  await page.getByLabel("搜索").press("Enter");
  await expect(rows).toHaveCount(0);
});

test("a notice is printed with the code of its check", async ({ page }) => {
  await enter(page, "/#/notices?figure=ISSUED", "SAFETY_SECTION");
  await page.locator(".list tbody th a").first().click();
  await page.getByRole("button", { name: "打印件" }).click();
  await expect(page).toHaveURL(/\/notices\/notice_[0-9a-f-]+\/print\?/);
  await expect(page.locator("img[src^='data:image/png']")).toBeVisible();
});
