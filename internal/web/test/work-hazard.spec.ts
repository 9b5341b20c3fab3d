import { accessible, accountOf, enter, expect, fillDoor, fits, test } from "./browser";
import { another, attach, inDays, planned, reported } from "./work-setup";

const at = (id: string) => `/#/work/hazard/${id}`;

test.describe("a hazard at work", () => {
  test("goes from its oversight order to its close, the school on one side and the section on the other", async ({ page, browser }) => {
    test.slow();
    const id = await reported("消防水压不足 <img src=x onerror=alert(1)>");
    const school = page;
    await enter(school, at(id), "SCHOOL_SAFETY_OFFICER");
    await expect(school.getByRole("heading", { level: 1 })).toHaveText("消防水压不足 <img src=x onerror=alert(1)>");
    await expect(school.locator("h1 img")).toHaveCount(0);

    const step = (name: string) => school.locator("details", { has: school.locator("summary", { hasText: name }) });
    const order = step("挂牌督办");
    await order.getByLabel("防护措施").first().fill("停用并设警示");
    await order.getByLabel("责任人").selectOption({ label: await order.locator("option", { hasText: "安全主任" }).first().innerText() });
    await order.getByLabel("整改期限").fill(inDays(10));
    await attach(school, "挂牌督办", "protected.png");
    await accessible(school);
    await order.getByRole("button", { name: "挂牌督办" }).click();
    await expect(school.getByText("已挂牌督办。")).toBeVisible();

    const plan = step("提交整改方案"); // what comes next opens by itself
    await plan.getByLabel("措施：怎么整改").fill("更换阀门");
    await plan.getByLabel("资金（元）").fill("1200.50");
    await plan.getByLabel("预案").fill("备用灭火器就位");
    await plan.getByRole("button", { name: "提交方案" }).click();
    await expect(school.getByText("整改方案已提交。")).toBeVisible();

    const section = await another(browser, at(id), "SAFETY_SECTION");
    await expect(section.getByRole("table", { name: "整改方案" })).toContainText("¥1,200.50");
    await section.getByRole("button", { name: "退回" }).click();
    await expect(section.getByLabel("审批意见")).toHaveAttribute("aria-invalid", "true");
    await expect(section.getByLabel("审批意见")).toBeFocused();
    await section.getByLabel("审批意见").fill("资金不够");
    await section.getByRole("button", { name: "退回" }).click();
    await expect(section.getByText("整改方案已审批。")).toBeVisible();

    await school.goto("/#/work");
    await school.locator("section", { hasText: "被退回的方案" }).getByRole("link", { name: /消防水压不足/ }).first().click();
    await expect(school.getByRole("table", { name: "整改方案" })).toContainText("资金不够");
    await plan.getByLabel("资金（元）").fill("3000");
    await plan.getByRole("button", { name: "提交方案" }).click();
    await expect(school.getByRole("columnheader", { name: "第 2 版" })).toBeVisible();

    await section.reload();
    await section.getByRole("button", { name: "批准" }).click();
    await expect(section.getByText("整改方案已审批。")).toBeVisible();

    await school.reload();
    await school.getByLabel("做了什么").fill("阀门已更换");
    await attach(school, "报整改完成", "after.png");
    await school.getByRole("button", { name: "整改完成" }).click();
    await expect(school.getByText("已报整改完成")).toBeVisible();

    await section.reload();
    await expect(section.getByRole("button", { name: "查看 整改后 照片 已核验" })).toBeVisible();
    await attach(section, "复查通过", "recheck.png");
    await section.getByRole("button", { name: "复查通过，销号" }).click();
    await expect(section.getByText("复查结果已记录。")).toBeVisible();
    await expect(section.locator(".badges")).toContainText("已销号");
    await accessible(section);
    await fits(section, "work-hazard-closed");
    await section.context().close();
  });

  test.describe("when two decide at once", () => {
    test.use({ allowed: /4\d\d/ });
    test("shows the second who won and what is now true", async ({ page, browser }) => {
      const id = await planned("两人同时审批");
      await enter(page, at(id), "SAFETY_SECTION");
      const other = await another(browser, at(id), "SAFETY_SECTION");
      await expect(other.getByRole("button", { name: "退回" })).toBeVisible();
      await page.getByRole("button", { name: "批准" }).click();
      await expect(page.getByText("整改方案已审批。")).toBeVisible();

      await other.getByLabel("审批意见").fill("我要退回");
      await other.getByRole("button", { name: "退回" }).click();
      await expect(other.getByRole("alert").filter({ hasText: "别人刚刚处理过" })).toContainText("批准整改方案 · 清格县教育体育局 法规安全科");
      await expect(other.getByRole("table", { name: "整改方案" })).toContainText("已批准");
      await expect(other.getByRole("button", { name: "退回" })).toHaveCount(0);
      await other.context().close();
    });
  });

  test.describe("when the session ends in the middle", () => {
    test.use({ allowed: /401/ });
    test("keeps what was typed until it is sent", async ({ page }) => {
      const id = await planned("会话过期");
      await enter(page, at(id), "SAFETY_SECTION");
      await page.getByLabel("审批意见").fill("写了一半的意见");
      await page.evaluate(() => {
        const session = JSON.parse(localStorage.getItem("cleargrid.session")!);
        localStorage.setItem("cleargrid.session", JSON.stringify({ ...session, accessToken: "gone", refreshToken: "gone" }));
        dispatchEvent(new StorageEvent("storage", { key: "cleargrid.session" }));
      });
      await page.getByRole("button", { name: "退回" }).click();
      await expect(page.locator(".door")).toBeVisible();
      await fillDoor(page, accountOf("SAFETY_SECTION"));
      await expect(page.getByLabel("审批意见")).toHaveValue("写了一半的意见");
      await page.getByRole("button", { name: "退回" }).click();
      await expect(page.getByText("整改方案已审批。")).toBeVisible();
    });
  });

  test.describe("when the answer is lost", () => {
    test.use({ allowed: /ERR_FAILED/ });
    test("sends the same command again, and it is done once", async ({ page }) => {
      const id = await planned("网络中断");
      await enter(page, at(id), "SAFETY_SECTION");
      const sent: string[] = [];
      let cut = true;
      await page.route("**/graphql", async (route) => {
        const body = route.request().postDataJSON() as { query: string; variables: { input?: { commandId: string } } };
        if (!body.query.includes("ApprovePlan")) return route.continue();
        sent.push(body.variables.input!.commandId);
        if (!cut) return route.continue();
        cut = false;
        await route.fetch();
        return route.abort("failed");
      });
      await page.getByRole("button", { name: "批准" }).click();
      await expect(page.getByRole("alert").filter({ hasText: "无法连接服务器" })).toBeVisible();
      await page.getByRole("button", { name: "批准" }).click();
      await expect(page.getByText("整改方案已审批。")).toBeVisible();
      expect(new Set(sent).size).toBe(1);
      expect(sent).toHaveLength(2);
    });
  });
});
