// `#/hazards` is a list, `#/hazards/<id>` a hazard.
import { route } from "../../ui/route";
import { HazardList } from "./HazardList";
import { HazardPage } from "./HazardPage";

export function Hazards() {
  const id = route.value.parts[1];
  return id ? <HazardPage key={id} id={id} /> : <HazardList />;
}
