// The schema of the database on the phone: what people entered, its files, the queue of
// commands, and the last answers of the server.
import type { DBSchema } from "idb";
import type { AnnounceEvidenceInput, CaptureMineQuery, CaptureSchoolQuery, CaptureStartQuery, EvidenceStep, MarkRectifiedInput, RecordFindingsInput, ReportHazardInput, StartInspectionInput, SubmitInspectionReportInput, SupplementEvidenceInput } from "../api/gql/graphql";
import type { Instant } from "./clock";

/** The commands that a phone queues, by the name of their mutation. */
export interface Inputs {
  startInspection: StartInspectionInput;
  recordFindings: RecordFindingsInput;
  submitInspectionReport: SubmitInspectionReportInput;
  reportHazard: ReportHazardInput;
  markRectified: MarkRectifiedInput;
  supplementEvidence: SupplementEvidenceInput;
}

/** Why the server refused something, in its own words. */
export interface Refusal {
  code: string;
  message: string;
  fields: { path: string; message: string }[];
}

/** One queued command. Its ids never change, so that it is done once however often it is sent. */
export interface Command<N extends keyof Inputs = keyof Inputs> {
  /** Its place in the queue. */
  sequence?: number;
  owner: string;
  /** The entry that it is part of. */
  entry: string;
  name: N;
  input: Inputs[N];
  /** Instants of the device's clock, by their field; they become part of the input when it is first sent. */
  instants: Record<string, Instant>;
  /** Sent at least once: nothing of it may change any more. */
  frozen: boolean;
  state: "waiting" | "done" | "refused";
  refusal?: Refusal;
  /** When it was queued, and when the server had received it, by the device's clock. */
  queued?: number;
  done?: number;
}

/** One result of an inspection. */
export interface FindingForm {
  id: string;
  itemId: string;
  gridId: string | null;
  result: "COMPLIANT" | "NON_COMPLIANT" | "NOT_APPLICABLE";
  note: string;
  evidenceIds: string[];
}

/** One inspection on this phone. */
export interface InspectionForm {
  kind: "inspection";
  supervision: boolean;
  gridId: string | null;
  findings: FindingForm[];
  /** The files of the visit as a whole. */
  evidenceIds: string[];
  submitted: boolean;
}

/** One hazard, as far as it has been entered. */
export interface HazardForm {
  kind: "hazard";
  gridId: string | null;
  place: string;
  category: string;
  description: string;
  reportId: string | null;
  findingId: string | null;
  supervision: boolean;
  discovered: Instant;
  evidenceIds: string[];
}

/** What was done about a hazard, as far as it has been entered. */
export interface RectificationForm {
  kind: "rectification";
  hazardId: string;
  expectedVersion: number;
  measures: string;
  evidenceIds: string[];
}

/** One thing that a person entered: what the list of records shows. */
export interface Entry<F = InspectionForm | HazardForm | RectificationForm> {
  /** The id of what it makes: a report, a hazard, or the command itself. */
  id: string;
  owner: string;
  title: string;
  schoolId: string;
  campaignId: string;
  /** Entered last, by the device's clock. */
  at: number;
  /** Half entered: nothing of it is queued yet. */
  draft: boolean;
  form: F;
}

/** One file, without its bytes. */
export interface FileRecord {
  /** The evidence's id. */
  id: string;
  owner: string;
  entry: string;
  /** What it belongs to, for a file that takes a refused one's place. */
  subject?: { id: string; step?: EvidenceStep };
  announcement: Omit<AnnounceEvidenceInput, "sha256" | "deviceTime"> & { sha256?: string };
  /** Announced at least once: what was said of it may not change any more. */
  frozen: boolean;
  /** `waiting`, then as the server says: ANNOUNCED, RECEIVED, VERIFIED, REJECTED. */
  status: string;
  /** How many bytes the server has. */
  received: number;
  /** How long it waited on the device, as the server says, in ms. */
  queuedMs?: number | null;
  /** Why the server refused it. */
  refusal?: Refusal;
}

// What the server says, in the parts that screens show.
export type Viewer = NonNullable<CaptureStartQuery["viewer"]>;
export type Campaign = NonNullable<CaptureStartQuery["campaigns"]>[number];
export type Item = NonNullable<NonNullable<Campaign["checklist"]>["items"]>[number];
export type Remaining = NonNullable<CaptureMineQuery["remainingForMe"]>[number];
export type OpenHazard = NonNullable<CaptureSchoolQuery["hazards"]>["edges"][number]["node"];
export type Report = NonNullable<CaptureSchoolQuery["reports"]>["edges"][number]["node"];
export type Grid = NonNullable<Viewer["grids"]>[number];

/** The server's last answers. */
export interface Snapshot {
  viewer: Viewer;
  campaign: Campaign | null;
  categories: NonNullable<CaptureStartQuery["hazardCategories"]>;
  remaining: Remaining[];
  hazards: OpenHazard[];
  reports: Report[];
  /** The schools that an inspector may visit. */
  schools: { id: string; name: string }[];
  /** Those that the viewer's team is to visit, by id. */
  planned?: string[];
  /** The grids of schools that are visited, by school. */
  grids?: Record<string, Grid[]>;
  /** When it was read, by the server's clock, in ms. */
  at: number;
  /** The cursor of the changes that it includes. */
  cursor: string | undefined;
}

export interface Shape extends DBSchema {
  entries: { key: string; value: Entry };
  commands: { key: number; value: Command };
  files: { key: string; value: FileRecord };
  blobs: { key: string; value: Blob };
  snapshots: { key: string; value: Snapshot };
}
