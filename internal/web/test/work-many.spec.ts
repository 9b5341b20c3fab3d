// Choosing among more than a list can show: a county of 300 schools.
import { accessible, expect, fits, test } from "./browser";
import { api } from "./phone";
import { monthOn, personOf } from "./work-setup";

const county = monthOn();

/** One of the last schools by name: not among the first that are offered. */
async function lateSchool(): Promise<{ id: string; name: string }> {
  const { schools } = await api<{ schools: { edges: { node: { id: string; name: string } }[] } }>("section", "{ schools(last: 100) { edges { node { id name } } } }");
  return schools.edges[Date.now() % 100]!.node;
}

test.describe("of three hundred schools", () => {
  test("one is found by its name, and its grids are shown", async ({ browser }) => {
    const school = await lateSchool();
    const page = await personOf(county, browser, "SAFETY_SECTION", "/#/work/grids");
    const choice = page.getByRole("combobox", { name: "学校" });
    await expect(page.getByText("还有更多")).toBeVisible();
    expect(await choice.locator("option").count()).toBeLessThan(60);
    await expect(choice.locator("option", { hasText: school.name })).toHaveCount(0);
    const find = page.getByRole("searchbox", { name: "查找 学校" });
    await find.fill("没有这样的学校 一"); // a word of one character is not looked for
    await expect(page.getByText("没有找到。")).toBeVisible();
    await find.fill(school.name);
    await choice.selectOption(school.id);
    await expect(page.getByRole("heading", { name: school.name })).toBeVisible();
    await expect(choice).toHaveValue(school.id);
    await page.reload();
    await expect(choice).toHaveValue(school.id); // though it is not among the first
    await accessible(page);
    await fits(page, "work-many");
    await page.context().close();
  });

  test("one becomes an area of a team, and keeps its name when other words are looked for", async ({ browser }) => {
    const school = await lateSchool();
    const page = await personOf(county, browser, "SAFETY_SECTION", "/#/work/visits");
    await page.getByRole("button", { name: "调整第五督查组" }).click();
    const form = page.locator("form", { has: page.getByRole("button", { name: "保存分包单位" }) });
    const areas = form.getByRole("combobox", { name: "分包单位" });
    const find = form.getByRole("searchbox", { name: "查找 学校" });
    await find.fill(school.name);
    await expect(areas.locator("option", { hasText: school.name })).toHaveCount(1);
    await areas.selectOption(school.id);
    await find.fill("清河镇");
    await expect(areas.locator("option", { hasText: "清河镇中心小学" })).toHaveCount(1);
    await expect(form.getByRole("list", { name: "分包单位" })).toContainText(school.name);
    await find.press("Enter"); // looks, and does not send the form
    await form.getByRole("button", { name: "保存分包单位" }).click();
    await expect(page.getByText("分包单位已调整。")).toBeVisible();
    await expect(page.getByRole("table", { name: "督查组与分包单位" }).getByRole("row", { name: "第五督查组" })).toContainText(school.name);
    await page.context().close();
  });
});
