// Inspections that are under way: for a school how far its self-inspection has come and
// its submission, and for everybody their own reports that are not handed in.
import { texts } from "../../ui/language";
import { useWorker } from "../viewer";
import { OpenReports } from "./OpenReports";
import { SelfInspection } from "./SelfInspection";

const t = texts({ title: ["检查", "Inspections"] });

/** The screen. */
export function InspectionWork() {
  const worker = useWorker();
  return (
    <>
      <h1>{t.title}</h1>
      {worker.is("SCHOOL_LEADER", "SCHOOL_SAFETY_OFFICER") && worker.schools.map((s) => <SelfInspection key={s.id} schoolId={s.id} />)}
      <OpenReports />
    </>
  );
}
