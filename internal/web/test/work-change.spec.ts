// What is asked for and decided, and what goes another way than straight to the close.
import { accessible, enter, expect, fits, test } from "./browser";
import { another, attach, client, closed, inDays, newID, planned, rectified, reported, step, unfold } from "./work-setup";

const at = (id: string) => `/#/work/hazard/${id}`;

test.describe("a hazard at work", () => {
  test("gets more time from the section, and the first deadline stays in sight", async ({ page, browser }) => {
    const id = await planned("等配件到货");
    await enter(page, at(id), "SCHOOL_SAFETY_OFFICER");
    const ask = await unfold(page, "申请延期");
    await ask.getByLabel("申请延至").fill(inDays(20));
    await ask.getByLabel("原因").fill("厂家供货延迟 <i>斜</i>");
    await accessible(page);
    await ask.getByRole("button", { name: "申请延期" }).click();
    await expect(page.getByText("延期申请已提交。")).toBeVisible();
    await expect(step(page, "申请延期")).toHaveCount(0);

    const section = await another(browser, "/#/work", "SAFETY_SECTION");
    await section.getByRole("region", { name: /待审批的延期/ }).getByRole("link", { name: "等配件到货" }).first().click();
    const decide = await unfold(section, "审批延期");
    await expect(decide).toContainText("厂家供货延迟 <i>斜</i>");
    await decide.getByLabel("审批意见").fill("仅此一次");
    await accessible(section);
    await fits(section, "work-extension");
    await decide.getByRole("button", { name: "同意", exact: true }).click();
    await expect(section.getByText("延期申请已审批。")).toBeVisible();
    await expect(section.getByRole("region", { name: "隐患情况" })).toContainText("最初期限");
    await section.context().close();
  });

  test("is lowered by a second person, or stays as it is", async ({ page, browser }) => {
    const id = await reported("围墙开裂");
    const ask = await client("SAFETY_SECTION");
    await ask("mutation($input: GradeHazardInput!) { gradeHazard(input: $input) { hazard { id } } }", { input: { commandId: newID("command"), hazardId: id, grade: "MAJOR" } });
    await enter(page, at(id), "SCHOOL_SAFETY_OFFICER");
    const grade = await unfold(page, "评定等级");
    await grade.getByLabel("原因").fill("裂缝已经专家鉴定");
    await grade.getByRole("button", { name: "评为一般隐患" }).click();
    await expect(page.getByText("等级已处理。")).toBeVisible();
    await expect(page.locator(".badges")).toContainText("重大隐患");

    const section = await another(browser, "/#/work", "SAFETY_SECTION");
    await section.getByRole("region", { name: /待审批的降级/ }).getByRole("link", { name: "围墙开裂" }).first().click();
    const decide = await unfold(section, "审批降级");
    await expect(decide).toContainText("裂缝已经专家鉴定");
    await accessible(section);
    await decide.getByRole("button", { name: "不同意" }).click();
    await expect(section.getByText("降级申请已审批。")).toBeVisible();
    await expect(section.locator(".badges")).toContainText("重大隐患");
    await section.context().close();

    await page.reload();
    await (await unfold(page, "评定等级")).getByLabel("原因").fill("附上鉴定报告");
    await page.getByRole("button", { name: "评为一般隐患" }).click();
    await expect(page.getByText("等级已处理。")).toBeVisible();
    const second = await another(browser, at(id), "SAFETY_SECTION");
    await (await unfold(second, "审批降级")).getByRole("button", { name: "同意", exact: true }).click();
    await expect(second.getByText("降级申请已审批。")).toBeVisible();
    await expect(second.locator(".badges")).not.toContainText("重大隐患");
    await second.context().close();
  });

  test("is voided as the repetition of another, which the school asked for", async ({ page, browser }) => {
    await reported("同一处隐患（先报）");
    const id = await reported("同一处隐患（后报）");
    await enter(page, at(id), "SCHOOL_SAFETY_OFFICER");
    const ask = await unfold(page, "申请作废");
    await ask.getByLabel("原因").fill("重复上报");
    await ask.getByRole("button", { name: "申请作废" }).click();
    await expect(page.getByText("作废申请已提交。")).toBeVisible();

    const section = await another(browser, at(id), "SAFETY_SECTION");
    await expect(section.getByRole("list", { name: "经过" })).toContainText("重复上报");
    const away = await unfold(section, "作废");
    await away.getByLabel("原因").fill("与先报的一条重复");
    const other = away.getByLabel("与哪条隐患重复");
    await expect(other.locator("option", { hasNotText: "（先报）" }).nth(1)).toBeAttached();
    await away.getByRole("searchbox", { name: "查找 隐患" }).fill("先报");
    await expect(other.locator("option", { hasNotText: /（先报）|不是重复/ })).toHaveCount(0);
    await other.selectOption({ label: await other.locator("option", { hasText: "同一处隐患（先报）" }).first().innerText() });
    await accessible(section);
    await away.getByRole("button", { name: "作废", exact: true }).click();
    await expect(section.getByText("已作废，不再计入。")).toBeVisible();
    await expect(section.locator(".badges")).toContainText("已作废");
    await expect(section.getByText("现在没有需要您办理的。")).toBeVisible();
    await fits(section, "work-voided");
    await section.context().close();
  });

  test("whose recheck fails goes back to the school with a new deadline", async ({ page, browser }) => {
    const id = await rectified("栏杆松动");
    await enter(page, "/#/work", "SAFETY_SECTION");
    await page.goto(at(id));
    const reject = await unfold(page, "复查不通过，退回");
    await attach(page, "复查不通过，退回", "still-loose.png");
    await reject.getByLabel("不通过的原因").fill("仍有两处松动");
    await reject.getByLabel("新期限").fill(inDays(5));
    await accessible(page);
    await reject.getByRole("button", { name: "复查不通过" }).click();
    await expect(page.getByText("复查结果已记录。")).toBeVisible();
    await expect(page.locator(".badges")).toContainText("整改中");
    await expect(page.getByRole("list", { name: "经过" })).toContainText("仍有两处松动");
    await fits(page, "work-rejected");

    const officer = await another(browser, "/#/work", "SCHOOL_SAFETY_OFFICER");
    await officer.getByRole("region", { name: /由我负责整改的隐患/ }).getByRole("link", { name: "栏杆松动" }).first().click();
    await expect(officer.getByLabel("做了什么")).toBeVisible();
    await officer.context().close();
  });

  test("is opened again after its close", async ({ page }) => {
    const id = await closed("井盖破损");
    await enter(page, at(id), "SAFETY_SECTION");
    const reopen = await unfold(page, "重新立案");
    await reopen.getByLabel("原因").fill("再次破损");
    await reopen.getByLabel("整改期限").fill(inDays(6));
    await attach(page, "重新立案", "broken-again.png");
    await reopen.getByRole("button", { name: "重新立案" }).click();
    await expect(page.getByText("已重新立案。")).toBeVisible();
    await expect(page.locator(".badges")).toContainText("整改中");
    await page.getByRole("button", { name: /查看 检查现场 照片/ }).first().click();
    await expect(page.getByRole("dialog")).toContainText("已核验");
    await accessible(page);
  });

  test("shows which evidence is missing, and takes it later", async ({ page }) => {
    const id = await reported("门锁损坏");
    await enter(page, at(id), "SCHOOL_SAFETY_OFFICER");
    await expect(page.getByText(/上报隐患：还缺 1 份照片/)).toBeVisible();
    const more = await unfold(page, "补充佐证材料");
    await expect(more.getByRole("button", { name: "补充" })).toBeDisabled();
    await attach(page, "补充佐证材料", "lock.png");
    await accessible(page);
    await more.getByRole("button", { name: "补充" }).click();
    await expect(page.getByText("材料已补充。")).toBeVisible();
    await expect(page.getByText(/上报隐患：还缺/)).toHaveCount(0);
    await expect(page.locator(".badges")).toContainText("已证实");
  });

  test("is placed under oversight by the section with a supervisor of the bureau", async ({ page }) => {
    const id = await reported("实验室通风不良");
    await enter(page, at(id), "SAFETY_SECTION");
    const order = await unfold(page, "挂牌督办");
    await order.getByLabel("防护措施").first().fill("停用实验室");
    await order.getByLabel("责任人").selectOption({ label: await order.locator("option", { hasText: "安全主任" }).first().innerText() });
    await order.getByLabel("整改期限").fill(inDays(9));
    await order.getByLabel("督办人").selectOption({ label: await order.locator("option", { hasText: "局领导" }).first().innerText() });
    await attach(page, "挂牌督办", "closed-room.png");
    await order.getByRole("button", { name: "挂牌督办" }).click();
    await expect(page.getByText("已挂牌督办。")).toBeVisible();
    await expect(page.getByRole("region", { name: "隐患情况" })).toContainText("督办人清格县教育体育局 局领导1");
  });
});

test.describe("a case", () => {
  test("is confirmed, answered by the person it is about, and decided once more", async ({ page, browser }) => {
    const person = page;
    await enter(person, "/#/work", "SCHOOL_SAFETY_OFFICER");
    await person.getByRole("region", { name: /关于我的追责线索/ }).getByRole("link").first().click();
    await expect(person.getByRole("region", { name: "研判" })).toBeVisible();
    const here = new URL(person.url()).hash;
    const leader = await another(browser, `/${here}`, "BUREAU_LEADER");
    await leader.getByRole("textbox", { name: "理由" }).fill("核实无误");
    await leader.getByRole("button", { name: "认定" }).click();
    await expect(leader.getByText("研判结果已记录。")).toBeVisible();
    await expect(leader.locator(".badges")).toContainText("认定");

    await person.reload();
    await person.getByRole("textbox", { name: "申诉内容" }).fill("当天停电，有供电所证明 <u>线</u>");
    await accessible(person);
    await fits(person, "work-case-appeal");
    await person.getByRole("button", { name: "申诉" }).click();
    await expect(person.getByText("申诉已记录。")).toBeVisible();

    await leader.reload();
    await expect(leader.getByText("有新的申诉，可以再研判一次。")).toBeVisible();
    await expect(leader.getByRole("list", { name: "研判与申诉" })).toContainText("当天停电，有供电所证明 <u>线</u>");
    await leader.getByRole("textbox", { name: "理由" }).fill("证明属实");
    await leader.getByRole("button", { name: "不予追责" }).click();
    await expect(leader.locator(".badges")).toContainText("不予追责");
    await leader.context().close();
  });
});
