// A supervision team at its desk while the campaign runs: its visits, its reports, its
// notices and rechecks. The server is the capture page's, whose month is on.
import { accessible, expect, fits, test } from "./browser";
import { api } from "./phone";
import { attach, inDays, monthOn, newID, personOf, unfold } from "./work-setup";

const county = monthOn();

interface School {
  id: string;
  position: { latitude: number; longitude: number };
}

/** The campaign, and the school of the first officer with the officer. */
async function place(): Promise<{ campaignId: string; school: School; officerId: string }> {
  const data = await api<{ campaigns: { id: string }[]; viewer: { user: { id: string }; memberships: { school: School }[] } }>(
    "officer1",
    "{ campaigns { id } viewer { user { id } memberships { school { id position { latitude longitude } } } } }",
  );
  return { campaignId: data.campaigns[0]!.id, school: data.viewer.memberships[0]!.school, officerId: data.viewer.user.id };
}

/** An inspection that inspector1 has begun on site, with a hazard found in it. */
async function inspection(description: string): Promise<{ reportId: string; schoolId: string }> {
  const { campaignId, school } = await place();
  const reportId = newID("report");
  await api("inspector1", "mutation($i: StartInspectionInput!) { startInspection(input: $i) { report { id } } }", {
    i: { id: reportId, campaignId, schoolId: school.id, kind: "SUPERVISION", checkIn: { latitude: school.position.latitude, longitude: school.position.longitude } },
  });
  const { campaign } = await api<{ campaign: { checklist: { items: { id: string }[] } } }>("inspector1", "query($id: ID!) { campaign(id: $id) { checklist { items { id } } } }", { id: campaignId });
  await api("inspector1", "mutation($i: RecordFindingsInput!) { recordFindings(input: $i) { report { id } } }", {
    i: { commandId: newID("command"), reportId, findings: [{ id: newID("finding"), itemId: campaign.checklist.items[0]!.id, result: "COMPLIANT", evidenceIds: [newID("evidence")] }] },
  });
  await api("inspector1", "mutation($i: ReportHazardInput!) { reportHazard(input: $i) { hazard { id } } }", {
    i: { id: newID("hazard"), campaignId, schoolId: school.id, reportId, place: "食堂后门", category: "FOOD", description, discoveredAt: new Date().toISOString(), evidenceIds: [newID("evidence"), newID("evidence")] },
  });
  return { reportId, schoolId: school.id };
}

test.describe("a team's member", () => {
  test("sees the visits of the team, those to make first of all", async ({ browser }) => {
    const { campaignId } = await place();
    const plan = newID("visitplan");
    await api("section", "mutation($i: ProposeVisitsInput!) { proposeVisits(input: $i) { plan { id } } }", { i: { id: plan, campaignId, seed: `种子 ${plan}` } });
    await api("section", "mutation($i: ConfirmVisitsInput!) { confirmVisits(input: $i) { plan { id } } }", { i: { commandId: newID("command"), planId: plan } });
    const page = await personOf(county, browser, "INSPECTOR", "/#/work");
    await page.getByRole("region", { name: /待督查的学校/ }).getByRole("link").first().click();
    await expect(page.getByRole("table", { name: "督查学校" })).toContainText("已确认");
    await expect(page.getByRole("table", { name: "督查组与分包单位" })).toContainText("第一督查组");
    await expect(page.getByRole("button", { name: /取消督查|调整|抽取|确认/ })).toHaveCount(0);
    await accessible(page);
    await fits(page, "work-team-visits");
    await page.context().close();
  });

  test("hands in a report from the desk, and drafts and issues the notice about it", async ({ browser }) => {
    test.slow();
    const description = `留样柜温度过高 ${Date.now()}`;
    await inspection(description);
    const page = await personOf(county, browser, "INSPECTOR", "/#/work/inspections");
    const reports = page.getByRole("region", { name: "我未提交的检查报告" });
    const report = reports.locator("details", { hasText: "督查 · 清河镇中心小学" }).first();
    await report.locator("summary").click();
    await attach(page, report, "kitchen.png");
    await accessible(page);
    await fits(page, "work-team-report");
    await report.getByRole("button", { name: "提交检查报告" }).click();
    await expect(page.getByText("检查报告已提交。")).toBeVisible();

    await page.goto("/#/work/notices");
    await page.locator("summary", { hasText: "起草通知书" }).click();
    const from = page.getByLabel("依据的督查报告");
    await page.getByRole("searchbox", { name: "查找 学校" }).fill("清河镇中心小学");
    await page.getByRole("combobox", { name: "学校" }).selectOption({ label: "清河镇中心小学" });
    await expect(from.locator("option", { hasNotText: /清河镇中心小学|请选择/ })).toHaveCount(0);
    await from.selectOption({ label: await from.locator("option", { hasText: "清河镇中心小学" }).first().innerText() });
    await page.getByRole("checkbox", { name: description }).check();
    await page.getByLabel("整改期限").fill(inDays(9));
    await page.getByLabel("整改要求").fill("三日内校准温度");
    await page.getByRole("button", { name: "存为草稿" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("整改通知书（草稿）");
    await page.getByRole("button", { name: "下发前核对" }).click();
    await expect(page.getByRole("dialog")).toContainText(description);
    await page.getByRole("dialog").getByRole("button", { name: "下发" }).click();
    await expect(page.getByText("已下发。")).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("第");
    await accessible(page);
    await page.context().close();
  });

  test("rechecks on site what a school has rectified", async ({ browser }) => {
    const { campaignId, school } = await place();
    const hazardId = newID("hazard");
    const description = `灭火器过期 ${Date.now()}`;
    await api("officer1", "mutation($i: ReportHazardInput!) { reportHazard(input: $i) { hazard { id } } }", {
      i: { id: hazardId, campaignId, schoolId: school.id, place: "教学楼一层", category: "FIRE", description, discoveredAt: new Date().toISOString(), evidenceIds: [newID("evidence")] },
    });
    await api("officer1", "mutation($i: MarkRectifiedInput!) { markRectified(input: $i) { hazard { id } } }", {
      i: { commandId: newID("command"), hazardId, measuresTaken: "已更换", evidenceIds: [newID("evidence")] },
    });
    const page = await personOf(county, browser, "INSPECTOR", "/#/work");
    await page.getByRole("region", { name: /待复查/ }).getByRole("link", { name: description }).click();
    const reject = await unfold(page, "复查不通过，退回");
    await reject.getByLabel("不通过的原因").fill("还有一只过期");
    await reject.getByLabel("新期限").fill(inDays(3));
    await attach(page, "复查不通过，退回", "expired.png");
    await accessible(page);
    await fits(page, "work-team-recheck");
    await reject.getByRole("button", { name: "复查不通过" }).click();
    await expect(page.getByText("复查结果已记录。")).toBeVisible();
    await expect(page.getByRole("list", { name: "经过" })).toContainText("还有一只过期");
    await page.context().close();
  });
});
