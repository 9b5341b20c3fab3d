// What the values of the API's enums are called. A value that this build does not
// know is shown as the server wrote it.
import { texts } from "./language";

const words = texts({
  // HazardStatus
  REPORTED: ["已上报", "Reported"],
  RECTIFYING: ["整改中", "Being rectified"],
  RECTIFIED: ["已整改待复查", "Rectified, awaiting recheck"],
  CLOSED: ["已销号", "Closed"],
  VOIDED: ["已作废", "Voided"],
  // HazardGrade
  GENERAL: ["一般隐患", "General"],
  MAJOR: ["重大隐患", "Major"],
  // HazardSource, report kinds
  SELF_INSPECTION: ["学校自查", "Self-inspection"],
  SUPERVISION: ["督查", "Supervision"],
  // Role
  PLATFORM_ADMIN: ["平台管理员", "Platform administrator"],
  BUREAU_LEADER: ["局领导", "Bureau leader"],
  SAFETY_SECTION: ["法规安全科", "Safety section"],
  INSPECTOR: ["督查组成员", "Inspector"],
  SCHOOL_LEADER: ["校长", "School leader"],
  SCHOOL_SAFETY_OFFICER: ["安全主任", "School safety officer"],
  GRID_MEMBER: ["网格员", "Grid member"],
  VIEWER: ["查看", "Viewer"],
  // FindingResult
  COMPLIANT: ["符合", "Compliant"],
  NON_COMPLIANT: ["不符合", "Non-compliant"],
  NOT_APPLICABLE: ["不涉及", "Not applicable"],
});

/** The name of an enum's value in the reader's language. */
export const word = (value: string | null | undefined): string => (value ? (words as Record<string, string>)[value]! : "");
