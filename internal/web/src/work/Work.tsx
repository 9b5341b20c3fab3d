// The working screens of the section, the school and the teams: what waits for me,
// and where it is done. Addresses: #/work, #/work/<topic>, #/work/<topic>/<id>.
import "./work.css";
import { texts } from "../ui/language";
import { Announcement } from "../ui/announce";
import { route } from "../ui/route";
import { CaseWork } from "./CaseWork";
import { EvidenceReviews } from "./evidence/EvidenceReviews";
import { EvidenceWork } from "./evidence/EvidenceWork";
import { VisitsWork } from "./visits/VisitsWork";
import { GridsWork } from "./grids/GridsWork";
import { GroupsWork } from "./groups/GroupsWork";
import { HazardWork } from "./hazard/HazardWork";
import { Inbox } from "./inbox/Inbox";
import { InspectionWork } from "./inspection/InspectionWork";
import { NoticeWork } from "./notices/NoticeWork";
import { NoticesWork } from "./notices/NoticesWork";
import { to } from "./to";
import { WithWorker, type Worker, useWorker } from "./viewer";

const t = texts({
  work: ["工作台", "Work"],
  inbox: ["待办", "Waiting"],
  notices: ["整改通知书", "Notices"],
  grids: ["网格", "Grids"],
  visits: ["督查安排", "Visits"],
  groups: ["领导小组", "Leading groups"],
  evidence: ["佐证复核", "Evidence"],
  inspections: ["检查", "Inspections"],
  nowhere: ["没有这个页面。", "There is no such screen."],
});

/** Everything below #/work. */
export function Work() {
  return (
    <div class="work">
      <WithWorker>
        <Frame />
      </WithWorker>
    </div>
  );
}

// What is worth a link for this person; the server decides what may be done there.
function topicsOf(worker: Worker): { topic: string; name: string }[] {
  const bureau = worker.is("SAFETY_SECTION", "BUREAU_LEADER");
  const school = worker.is("SCHOOL_LEADER", "SCHOOL_SAFETY_OFFICER");
  return [
    { topic: "", name: t.inbox },
    { topic: "notices", name: t.notices },
    ...(school || bureau ? [{ topic: "grids", name: t.grids }] : []),
    ...(bureau || worker.is("INSPECTOR") ? [{ topic: "visits", name: t.visits }] : []),
    ...(school || worker.is("INSPECTOR", "GRID_MEMBER") ? [{ topic: "inspections", name: t.inspections }] : []),
    ...(bureau ? [{ topic: "evidence", name: t.evidence }] : []),
    ...(school || bureau ? [{ topic: "groups", name: t.groups }] : []),
  ];
}

function Frame() {
  const worker = useWorker();
  const [, topic = "", id = ""] = route.value.parts;
  return (
    <>
      <nav class="topics" aria-label={t.work}>
        {topicsOf(worker).map((place) => (
          <a key={place.topic} href={to([place.topic].filter(Boolean))} aria-current={place.topic === topic ? "page" : undefined}>
            {place.name}
          </a>
        ))}
      </nav>
      <Announcement />
      <Screen topic={topic} id={id} />
    </>
  );
}

function Screen({ topic, id }: { topic: string; id: string }) {
  switch (topic) {
    case "":
      return <Inbox />;
    case "hazard":
      return <HazardWork key={id} id={id} />;
    case "case":
      return <CaseWork key={id} id={id} />;
    case "notices":
      return <NoticesWork />;
    case "notice":
      return <NoticeWork key={id} id={id} />;
    case "evidence":
      return id ? <EvidenceWork key={id} id={id} /> : <EvidenceReviews />;
    case "grids":
      return <GridsWork key={id} schoolId={id} />;
    case "groups":
      return <GroupsWork />;
    case "inspections":
      return <InspectionWork />;
    case "visits":
      return <VisitsWork />;
    default:
      return <p>{t.nowhere}</p>;
  }
}
