// `#/reports` is a list, `#/reports/<id>` one inspection of a school.
import { route } from "../../ui/route";
import { ReportList } from "./ReportList";
import { ReportPage } from "./ReportPage";

export function Reports() {
  const id = route.value.parts[1];
  return id ? <ReportPage key={id} id={id} /> : <ReportList />;
}
