// What is half entered: kept at each input, found again on the first screen.
import { route } from "../ui/route";
import { owner } from "./account";
import { keeping } from "./files";
import type { Entry, HazardForm, RectificationForm } from "./schema";
import { kept } from "./store";

/** The half-entered forms of the signed-in person, the latest first. */
export const drafts = (): Entry<HazardForm | RectificationForm>[] =>
  kept.value.entries
    .filter((e): e is Entry<HazardForm | RectificationForm> => e.draft && e.owner === owner.value?.id && e.form.kind !== "inspection")
    .sort((a, b) => b.at - a.at);

/** Whether a form is open just now, or a file is being kept. */
export const halfEntered = (): boolean => ["hazard", "rectify"].includes(route.value.parts[0] ?? "") || keeping.value > 0;
