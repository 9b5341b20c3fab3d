import { accessible, enter, expect, fits, test } from "./browser";
import { another, attach, draft, inDays, issued, step, unfold } from "./work-setup";

test.describe("a notice", () => {
  test("is issued, acknowledged with a signature and replied to", async ({ page, browser }) => {
    const id = await draft("限期上锁 <script>alert(1)</script>");
    await enter(page, `/#/work/notice/${id}`, "SAFETY_SECTION");
    await page.getByRole("button", { name: "下发前核对" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("限期上锁 <script>alert(1)</script>");
    await expect(dialog).toContainText("配电箱未上锁");
    await accessible(page);
    await dialog.getByRole("button", { name: "下发" }).click();
    await expect(page.getByText("已下发。")).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("第");
    const number = await page.getByRole("heading", { level: 1 }).innerText();
    await expect(page.getByRole("link", { name: /^\/verify\// })).toBeVisible();
    await fits(page, "work-notice-issued");

    const head = await another(browser, "/#/work", "SCHOOL_LEADER");
    await head.getByRole("region", { name: /待签收的通知书/ }).getByRole("link", { name: number }).click();
    await head.getByLabel("学校意见").fill("情况属实，按期整改");
    await head.getByRole("button", { name: "签收" }).click();
    await expect(head.getByRole("alert").filter({ hasText: /佐证|材料|照片/ })).toBeVisible();
    await attach(head, "签收", "signature.png");
    await head.getByRole("button", { name: "签收" }).click();
    await expect(head.getByText("已签收。")).toBeVisible();
    await head.getByLabel("整改情况").fill("已全部上锁");
    await head.getByRole("button", { name: "回复" }).click();
    await expect(head.getByText("已回复。")).toBeVisible();
    await expect(head.locator(".badges")).toContainText("已回复");
    await accessible(head);
    await head.context().close();
  });

  test.describe("of hazards that are on another one", () => {
    test.use({ allowed: /4\d\d/ });
    test("is not drafted from their report, and the server's word is shown", async ({ page }) => {
      await enter(page, "/#/work/notices", "SAFETY_SECTION");
      await page.locator("summary", { hasText: "起草通知书" }).click();
      const reports = page.getByLabel("依据的督查报告");
      await expect(reports.locator("option")).not.toHaveCount(1);
      const submit = page.getByRole("button", { name: "存为草稿" });
      const none = page.getByText("这份报告没有未销号的隐患。");
      for (const report of (await reports.locator("option").evaluateAll((all) => all.map((o) => (o as HTMLOptionElement).value))).slice(1)) {
        await reports.selectOption(report);
        await expect(submit.or(none)).toBeVisible();
        if (await submit.isVisible()) break;
      }
      // The teams of the played month have put all that they found on their notices.
      await page.getByRole("checkbox", { name: /已在其他通知书上/, checked: false }).first().check();
      await page.getByLabel("整改期限").fill(inDays(20));
      await page.getByLabel("整改要求").fill("立即整改");
      await accessible(page);
      await fits(page, "work-notices");
      await submit.click();
      await expect(page.getByRole("alert").filter({ hasText: /通知书/ })).toBeVisible();
      await expect(page.getByLabel("整改要求")).toHaveValue("立即整改");
    });
  });

  test("is changed while it is a draft, and given up", async ({ page }) => {
    const id = await draft("立即整改");
    await enter(page, "/#/work", "SAFETY_SECTION");
    await expect(page.getByRole("region", { name: /待下发的通知书/ })).toBeVisible();
    await page.goto(`/#/work/notice/${id}`);
    const revise = await unfold(page, "修改草稿");
    await revise.getByLabel("整改要求").fill("三日内整改");
    const item = revise.locator(".notice-items > div", { has: page.getByRole("checkbox", { name: "配电箱未上锁", checked: true }) }).first();
    await item.locator("summary").click();
    await item.getByLabel("依据").fill("《中小学幼儿园安全管理办法》第十八条");
    await accessible(page);
    await fits(page, "work-notice-draft");
    await revise.getByRole("button", { name: "修改草稿" }).click();
    await expect(page.getByText("草稿已修改。")).toBeVisible();
    await expect(page.locator(".facts").first()).toContainText("三日内整改");
    await expect(page.locator(".items")).toContainText("《中小学幼儿园安全管理办法》第十八条");
    await (await unfold(page, "放弃草稿")).getByRole("button", { name: "放弃草稿" }).click();
    await expect(page.getByText("草稿已放弃。")).toBeVisible();
    await expect(page.getByText("现在没有需要您办理的。")).toBeVisible();
  });

  test("is handed in by the team's leader, and who is late is said", async ({ page }) => {
    await enter(page, "/#/work", "BUREAU_LEADER");
    await page.getByRole("region", { name: /待报送的通知书/ }).getByRole("link").first().click();
    const form = page.getByRole("region", { name: /报送整改通知书/ });
    const boxes = form.getByRole("checkbox");
    await expect(boxes.first()).toBeVisible();
    const before = await boxes.count();
    for (let i = 1; i < before; i++) await boxes.nth(i).uncheck();
    await accessible(page);
    await form.getByRole("button", { name: "报送" }).click();
    await expect(page.getByText("已报送。")).toBeVisible();
    await expect(page.getByRole("table", { name: "各督查组报送情况" })).toContainText("逾期报送");
    if (before > 1) await expect(boxes).toHaveCount(before - 1);
  });

  test("is printed, and superseded by another that counts once it is issued", async ({ page }) => {
    const id = await issued("限期上锁");
    await enter(page, `/#/work/notice/${id}`, "SAFETY_SECTION");
    const number = await page.getByRole("heading", { level: 1 }).innerText();
    const supersede = await unfold(page, "以新通知书取代");
    await supersede.getByLabel("整改期限").fill(inDays(15));
    await supersede.getByLabel("整改要求").fill("限期上锁，并报照片");
    await supersede.getByRole("button", { name: "以新通知书取代" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("整改通知书（草稿）");
    await expect(page.getByRole("link", { name: number })).toBeVisible();
    await page.getByRole("button", { name: "下发前核对" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "下发" }).click();
    await expect(page.getByText("已下发。")).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).not.toHaveText("整改通知书（草稿）");
    const newer = await page.getByRole("heading", { level: 1 }).innerText();
    expect(newer).not.toBe(number);

    await page.getByRole("link", { name: number }).click();
    await expect(page.locator(".badges")).toContainText("已被取代");
    await expect(page.getByRole("link", { name: newer })).toBeVisible();
    await accessible(page);
    await fits(page, "work-notice-superseded");
    await page.getByRole("button", { name: "打印通知书" }).click();
    await expect(page).toHaveURL(new RegExp(`/notices/${id}/print`));
    await expect(page.locator("body")).toContainText(number);
  });

  test("that the school does not sign is recorded with the witness, and the school can still reply", async ({ page, browser }) => {
    const id = await issued("立即停用");
    await enter(page, `/#/work/notice/${id}`, "SAFETY_SECTION");
    const refusal = await unfold(page, "记录拒签");
    await refusal.getByLabel("拒签原因").fill("校长不在场，其他人不肯签 <b>粗</b>");
    await refusal.getByLabel("见证人").fill("乡镇中心校 张老师");
    await accessible(page);
    await refusal.getByRole("button", { name: "记录拒签" }).click();
    await expect(page.getByText("拒签已记录。")).toBeVisible();
    await expect(page.locator(".badges")).toContainText("拒签");
    await expect(page.locator(".facts").nth(1)).toContainText("乡镇中心校 张老师");
    await expect(page.getByRole("list", { name: "经过" })).toContainText("校长不在场，其他人不肯签 <b>粗</b>");
    await fits(page, "work-notice-refused");

    const officer = await another(browser, `/#/work/notice/${id}`, "SCHOOL_SAFETY_OFFICER");
    await expect(step(officer, "签收")).toHaveCount(0);
    await officer.getByLabel("整改情况").fill("已停用");
    await officer.getByRole("button", { name: "回复" }).click();
    await expect(officer.getByText("已回复。")).toBeVisible();
    await officer.context().close();
  });
});
