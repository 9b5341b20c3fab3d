import { accessible, enter, expect, fits, test } from "./browser";
import { type County, personOf, running } from "./work-setup";

test.describe("the visits of the month that is over", () => {
  test.use({ allowed: /4\d\d/ });
  test("are shown with their seed and proof; no more are drawn", async ({ page }) => {
    await enter(page, "/#/work/visits", "SAFETY_SECTION");
    await expect(page.getByRole("region", { name: "抽签记录" })).toContainText("公开抽签");
    await expect(page.getByRole("table", { name: "督查学校" })).toContainText("已督查");
    await expect(page.getByRole("table", { name: "各乡镇是否达到抽查要求" })).toContainText("未达到");
    await expect(page.getByRole("table", { name: "督查组与分包单位" })).toBeVisible();
    await page.locator("summary", { hasText: "抽签" }).first().click();
    await page.getByLabel("种子").fill("20260101");
    await page.getByRole("button", { name: "抽取学校" }).click();
    await expect(page.getByRole("alert").filter({ hasText: /结束/ })).toBeVisible();
    await accessible(page);
    await fits(page, "work-visits");
  });
});

test.describe("in a campaign that is running", () => {
  test.describe.configure({ mode: "serial" });
  let county: County;
  test.beforeAll(async () => {
    test.setTimeout(180_000);
    county = await running();
  });
  test.afterAll(() => county.stop());

  test("the section forms a team, with its members in order, and gives it areas", async ({ browser }) => {
    const page = await personOf(county, browser, "SAFETY_SECTION", "/#/work/visits");
    const table = page.getByRole("table", { name: "督查组与分包单位" });
    await page.getByRole("button", { name: "调整第一督查组" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: /^移除 .*督查员2/ }).click();
    await dialog.getByRole("button", { name: /督查员1.* 上移$/ }).click();
    await expect(dialog.getByRole("list", { name: "成员" }).getByRole("listitem").first()).toContainText(/督查员1.*组长/);
    await accessible(page);
    await dialog.getByRole("button", { name: "保存成员" }).click();
    await expect(page.getByText("成员已调整。")).toBeVisible();
    await expect(table).toContainText(/督查员1.*局领导1/);
    await page.getByRole("button", { name: "调整第一督查组" }).click();
    await dialog.getByRole("button", { name: "移除 柳沟乡" }).click();
    await dialog.getByRole("button", { name: "保存分包单位" }).click();
    await expect(page.getByText("分包单位已调整。")).toBeVisible();
    await expect(table).not.toContainText("柳沟乡");

    const form = page.locator("details", { has: page.locator("summary", { hasText: "成立督查组" }) });
    await form.locator("summary").click();
    await form.getByRole("button", { name: "成立督查组" }).click();
    await expect(form.getByLabel("名称")).toBeFocused();
    await form.getByLabel("名称").fill("第二督查组");
    const members = form.getByRole("combobox", { name: "成员" });
    await expect(members.locator("option", { hasText: "数据查看员" })).toHaveCount(0);
    await members.selectOption({ label: await members.locator("option", { hasText: "督查员2" }).innerText() });
    await form.getByRole("combobox", { name: "分包单位" }).selectOption({ label: "柳沟乡" });
    await accessible(page);
    await fits(page, "work-teams");
    await form.getByRole("button", { name: "成立督查组" }).click();
    await expect(page.getByText("督查组已成立。")).toBeVisible();
    await expect(table).toContainText("第二督查组");
    await page.context().close();
  });

  test("visits are drawn with a seed and confirmed; one is taken off and another drawn", async ({ browser }) => {
    const page = await personOf(county, browser, "SAFETY_SECTION", "/#/work/visits");
    const visits = page.getByRole("table", { name: "督查学校" });
    await expect(page.getByText("还没有抽签。")).toBeVisible();
    await page.locator("summary", { hasText: "抽签" }).first().click();
    await page.getByLabel("种子").fill("开奖号码 0612");
    await page.getByRole("button", { name: "抽取学校" }).click();
    await expect(page.getByText("已抽取，等待确认。")).toBeVisible();
    await expect(page.getByRole("region", { name: "抽签记录" })).toContainText("开奖号码 0612");
    await expect(visits).toContainText("抽签决定");
    await page.getByRole("button", { name: "确认安排" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "确认安排" }).click();
    await expect(page.getByText("安排已确认")).toBeVisible();
    await expect(visits).not.toContainText("待确认");

    const drop = visits.getByRole("button", { name: /^取消督查/ }).first();
    const school = (await drop.getAttribute("aria-label"))!.replace("取消督查：", "");
    await drop.click();
    await page.getByRole("dialog").getByLabel("原因").fill("学校停课");
    await accessible(page);
    await page.getByRole("dialog").getByRole("button", { name: "取消督查" }).click();
    await expect(page.getByText("已取消，可补抽。")).toBeVisible();
    await expect(visits).not.toContainText(school);
    await page.getByRole("button", { name: "补抽" }).first().click();
    await expect(page.getByText("已补抽。")).toBeVisible();
    await expect(visits).not.toContainText(school);

    const exemption = page.getByRole("table", { name: "各乡镇是否达到抽查要求" }).locator("details").first();
    await exemption.locator("summary").click();
    await exemption.getByLabel("依据").fill("乡镇无此类学校");
    await exemption.getByRole("button", { name: "确认豁免" }).click();
    await expect(page.getByText("豁免已确认。")).toBeVisible();
    await fits(page, "work-visits-running");
    await page.context().close();
  });

  test("bureau and school form their leading groups; who has none is a list", async ({ browser }) => {
    const section = await personOf(county, browser, "SAFETY_SECTION", "/#/work/groups");
    const missing = section.getByRole("table", { name: "尚未成立领导小组的学校" });
    await expect(missing).toContainText("清河镇中心小学");
    const bureau = section.getByRole("region", { name: "局活动领导小组" });
    await bureau.getByLabel("组长").selectOption({ label: await bureau.locator("option", { hasText: "局领导1" }).first().innerText() });
    await bureau.getByLabel("文号").fill("清教体〔2026〕8号");
    await accessible(section);
    await fits(section, "work-groups");
    await bureau.getByRole("button", { name: "成立领导小组" }).click();
    await expect(section.getByText("领导小组已成立。")).toBeVisible();
    await expect(bureau).toContainText("清教体〔2026〕8号");

    const school = await personOf(county, browser, "SCHOOL_LEADER", "/#/work/groups");
    const group = school.getByRole("region", { name: "清河镇中心小学" });
    await group.getByLabel("组长").selectOption({ label: await group.locator("option", { hasText: "校长" }).first().innerText() });
    const others = group.getByRole("combobox", { name: "其他成员" });
    await others.selectOption({ label: await others.locator("option", { hasText: "安全主任" }).first().innerText() });
    await group.getByRole("button", { name: "成立领导小组" }).click();
    await expect(school.getByText("领导小组已成立。")).toBeVisible();
    await expect(group).toContainText(/组长.*校长/);
    await group.locator("summary", { hasText: "撤销" }).click();
    await group.getByLabel("原因").fill("人员调整");
    await group.getByRole("button", { name: "撤销领导小组" }).click();
    await expect(school.getByText("领导小组已撤销。")).toBeVisible();
    await expect(group).toContainText("还没有成立领导小组。");
    await section.context().close();
    await school.context().close();
  });

  test("a school says that its self-inspection is done, and sees what is not proven", async ({ browser }) => {
    const page = await personOf(county, browser, "SCHOOL_SAFETY_OFFICER", "/#/work/inspections");
    const region = page.getByRole("region", { name: "清河镇中心小学自查" });
    await expect(region.getByRole("table", { name: "未证实的内容" })).toContainText("未开展");
    await region.locator("summary").click();
    await expect(region).toContainText(/还有 \d+ 项未证实/);
    await region.getByLabel("说明").fill("已排查，材料陆续上传");
    await accessible(page);
    await region.getByRole("button", { name: "提交自查完成情况" }).click();
    await expect(page.getByText("自查完成情况已提交。")).toBeVisible();
    await expect(region).toContainText("已排查，材料陆续上传");
    await expect(region.getByRole("button", { name: "提交自查完成情况" })).toHaveCount(0);
    await fits(page, "work-self-inspection");
    await page.context().close();
  });
});
