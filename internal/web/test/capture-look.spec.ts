// How the capture page looks and feels: both languages, both palettes, every width,
// targets for a thumb, and the offer to install it.
import type { Page } from "@playwright/test";
import { expect, fits, readableInTheDark } from "./browser";
import { accessible, enterAs, enterHazard, photo, test, unique } from "./phone";

/** What can be pressed and is smaller than a thumb. */
const small = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button, a, select, textarea, input:not(.visually-hidden), label.button")]
      .filter((e) => e.checkVisibility() && !e.closest("[inert]"))
      .map((e) => ({ name: e.textContent || e.getAttribute("name"), ...e.getBoundingClientRect().toJSON() }) as { name: string; width: number; height: number })
      .filter(({ width, height }) => width < 48 || height < 48)
      .map(({ name, width, height }) => `${name}: ${width} × ${height}`));

async function good(page: Page, name: string): Promise<void> {
  await accessible(page);
  await readableInTheDark(page);
  expect(await small(page), name).toEqual([]);
  await fits(page, name);
  if (!process.env.PICTURES) return;
  await page.emulateMedia({ colorScheme: "dark" });
  await fits(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: "light" });
}

/** The screens of a grid member, by their addresses. */
const screens = { home: "#/", hazard: "#/hazard", rectify: "#/rectify", records: "#/records" };

for (const [language, code] of [["中文", "zh"], ["English", "en"]] as const) {
  test(`every screen, by day and by night: ${language}`, async ({ page }) => {
    test.setTimeout(150_000);
    await enterAs(page, "grid1");
    await enterHazard(page, unique("看看页面"), [photo()]);
    await page.getByRole("button", { name: "提交隐患" }).click();
    await expect(page.getByText("服务器已全部收到并核验")).toBeVisible();
    if (language === "English") await page.getByRole("button", { name: language }).click();
    for (const [name, address] of Object.entries(screens)) {
      await page.goto(`/capture${address}`);
      await expect(page.getByRole("heading", { level: 2 }).first()).toBeVisible();
      await good(page, `capture-${code}-${name}`);
    }
    await page.goto("/capture#/");
    await page.getByRole("link", { name: /教学楼/ }).click();
    await expect(page.getByRole("listitem").first()).toBeVisible();
    await good(page, `capture-${code}-inspection`);
  });
}

test("the page is offered to be installed, once", async ({ page }) => {
  await enterAs(page, "grid1");
  await expect(page.getByRole("heading", { name: "装到手机桌面" })).toHaveCount(0);
  const offered = () =>
    page.evaluate(() => {
      const event = Object.assign(new Event("beforeinstallprompt", { cancelable: true }), { prompt: async () => void Object.assign(globalThis, { asked: true }) });
      dispatchEvent(event);
      return event.defaultPrevented;
    });
  expect(await offered()).toBe(true);
  const offer = page.getByRole("region", { name: "装到手机桌面" });
  await expect(offer).toBeVisible();
  await good(page, "capture-install");
  await offer.getByRole("button", { name: "安装" }).click();
  expect(await page.evaluate(() => "asked" in globalThis)).toBe(true);
  await expect(offer).toHaveCount(0);
  await offered();
  await offer.getByRole("button", { name: "不用了" }).click();
  await page.reload();
  await expect(page.getByText(/数据截至/)).toBeVisible();
  expect(await offered()).toBe(false);
  await expect(offer).toHaveCount(0);
});

test("where the browser does not offer it, the page says how", async ({ page }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, "standalone", { value: false }));
  await enterAs(page, "grid1");
  const offer = page.getByRole("region", { name: "装到手机桌面" });
  await expect(offer).toContainText("添加到主屏幕");
  await offer.getByRole("button", { name: "不用了" }).click();
  await page.reload();
  await expect(page.getByText(/数据截至/)).toBeVisible();
  await expect(offer).toHaveCount(0);
});
