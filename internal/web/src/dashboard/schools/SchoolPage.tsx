// A school: what it is, how far it has come, and the ways on to its hazards, reports
// and notices.
import { graphql } from "../../api/client";
import { Facts } from "../../ui/Facts";
import { Claimed } from "../../ui/Figure";
import { Table } from "../../ui/List";
import { Position } from "../../ui/Position";
import { Empty } from "../../ui/State";
import { Tag } from "../../ui/Tag";
import { day, names, number } from "../../ui/format";
import { texts } from "../../ui/language";
import { useQuery } from "../../ui/useQuery";
import { itemName, word } from "../../ui/words";
import { RecordPage } from "../RecordPage";
import { to } from "../place";
import { useScene } from "../scene";

const t = texts({
  list: ["学校名单", "Schools"],
  region: ["所属", "Belongs to"],
  code: ["学校标识码", "Code"],
  stages: ["学段", "Stages"],
  ownership: ["办学性质", "Run by"],
  students: ["学生数", "Pupils"],
  boarding: ["寄宿", "boarding"],
  group: ["活动领导小组", "Leading group"],
  noGroup: ["未成立", "missing"],
  formed: ["成立于", "Formed on"],
  ways: ["记录", "Records"],
  open: ["未销号隐患", "Open hazards"],
  hazards: ["全部隐患", "All hazards"],
  reports: ["检查报告", "Reports"],
  notices: ["整改通知书", "Notices"],
  cases: ["追责线索", "Cases"],
  position: ["位置与边界", "Position and boundary"],
  coverage: ["自查覆盖", "Coverage of the self-inspection"],
  claimed: ["上报", "Claimed"],
  proven: ["证实", "Proven"],
  of: ["应查", "due"],
  grids: ["网格", "Grids"],
  cells: ["网格 × 内容", "Grid × item"],
  gaps: ["未证实的内容", "What is not proven"],
  item: ["排查内容", "Item"],
  grid: ["网格", "Grid"],
  state: ["状态", "State"],
  whole: ["全校", "Whole school"],
  noGaps: ["应查内容均已证实。", "All that is due is proven."],
});

const Query = graphql(`
  query SchoolPage($id: ID!, $campaign: ID!, $asOf: DateTime) {
    school(id: $id) {
      id name code stages ownership boarding studentCount
      region { id name }
      position { latitude longitude } boundaryMeters boundary { latitude longitude }
      leadingGroup(campaignId: $campaign) { formedOn documentNumber members { position user { name } } }
      coverage(campaignId: $campaign, asOf: $asOf) {
        dueCount claimedCount provenCount gridsDueCount gridsClaimedCount gridsProvenCount
        gaps { state item { id number text textEn } grid { id name } }
      }
    }
  }
`);

export function SchoolPage({ id }: { id: string }) {
  const { campaign, asOf } = useScene();
  const query = useQuery(Query, { id, campaign: campaign.id, asOf });
  const words = { claimed: t.claimed, proven: t.proven, of: t.of };
  return (
    <RecordPage back={to(["schools"])} list={t.list} query={query} record={query.data?.school}>
      {(s) => (
        <>
          <header class="title"><h1>{s.name}</h1></header>
          <div class="columns">
            <section class="card">
              <Facts
                rows={[
                  [t.region, s.region?.name],
                  [t.code, s.code],
                  [t.stages, names(s.stages.map((x) => word(x)))],
                  [t.ownership, names([word(s.ownership), s.boarding && t.boarding])],
                  [t.students, number(s.studentCount)],
                  [t.group, s.leadingGroup ? `${t.formed} ${day(s.leadingGroup.formedOn)} · ${names(s.leadingGroup.members?.map((m) => m.user?.name) ?? [])}` : <Tag look="bad">{t.noGroup}</Tag>],
                ]}
              />
              <h2>{t.ways}</h2>
              <ul class="ways">
                <li><a href={to(["hazards"], { schoolId: id, open: "true" })}>{t.open}</a></li>
                <li><a href={to(["hazards"], { schoolId: id })}>{t.hazards}</a></li>
                <li><a href={to(["reports"], { schoolId: id })}>{t.reports}</a></li>
                <li><a href={to(["notices"], { schoolId: id })}>{t.notices}</a></li>
                <li><a href={to(["cases"], { schoolId: id })}>{t.cases}</a></li>
              </ul>
            </section>
            <section class="card" aria-labelledby="position">
              <h2 id="position">{t.position}</h2>
              <Position school={s.position} boundary={s.boundary} radius={s.boundaryMeters} marks={[]} />
            </section>
          </div>
          {s.coverage && (
            <section class="card" aria-labelledby="coverage">
              <h2 id="coverage">{t.coverage}</h2>
              <Claimed label={t.grids} words={words} whole={s.coverage.gridsDueCount} claimed={s.coverage.gridsClaimedCount} proven={s.coverage.gridsProvenCount} />
              <Claimed label={t.cells} words={words} whole={s.coverage.dueCount} claimed={s.coverage.claimedCount} proven={s.coverage.provenCount} />
              {s.coverage.gaps.length === 0 ? <Empty>{t.noGaps}</Empty> : (
                <Table
                  caption={t.gaps}
                  rows={s.coverage.gaps}
                  id={(g) => `${g.item?.id}${g.grid?.id}`}
                  columns={[
                    { title: t.item, names: true, cell: (g) => g.item && itemName(g.item) },
                    { title: t.grid, cell: (g) => g.grid?.name ?? t.whole },
                    { title: t.state, cell: (g) => <Tag look={g.state === "CLAIMED" ? "warn" : "bad"}>{word(g.state)}</Tag> },
                  ]}
                />
              )}
            </section>
          )}
        </>
      )}
    </RecordPage>
  );
}
