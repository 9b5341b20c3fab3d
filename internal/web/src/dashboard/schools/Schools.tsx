// `#/schools` is a list, `#/schools/<id>` a school.
import { route } from "../../ui/route";
import { SchoolList } from "./SchoolList";
import { SchoolPage } from "./SchoolPage";

export function Schools() {
  const id = route.value.parts[1];
  return id ? <SchoolPage key={id} id={id} /> : <SchoolList />;
}
