// A short mark beside a text.
import type { ComponentChildren } from "preact";
import type { HazardStatus } from "../api/gql/graphql";
import { word } from "./words";

/** How a mark looks; plain when it says neither good nor bad. */
export type Look = "good" | "warn" | "bad";

export function Tag({ look, children }: { look?: Look | undefined; children: ComponentChildren }) {
  return <span class={`tag ${look ?? ""}`}>{children}</span>;
}

const looks: Partial<Record<HazardStatus, Look>> = { CLOSED: "good", RECTIFIED: "warn" };

/** A hazard's status. */
export const HazardStatusTag = ({ status }: { status: HazardStatus }) => <Tag look={looks[status]}>{word(status)}</Tag>;
