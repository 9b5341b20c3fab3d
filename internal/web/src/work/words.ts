// What the values of the API's enums are called where the work is done: by enum,
// because the same value means different things in different ones.
import { texts } from "../ui/language";

type Pairs = Record<string, readonly [zh: string, en: string]>;

/** The names of one enum's values; an unknown value stays as the server wrote it. */
function names(pairs: Pairs): (value: string | null | undefined) => string {
  const t = texts(pairs) as Record<string, string>;
  return (value) => (value ? t[value]! : "");
}

export const hazardEventName = names({
  REPORTED: ["上报", "Reported"],
  GRADED: ["评级", "Graded"],
  DOWNGRADE_REQUESTED: ["申请降级", "Lower grade asked for"],
  DOWNGRADE_DECIDED: ["降级审批", "Lower grade decided"],
  RECTIFIED_AT_ONCE: ["立即整改", "Rectified at once"],
  LISTED: ["挂牌督办", "Listed"],
  LISTING_RAISED: ["提级挂牌", "Listed at a higher level"],
  PLAN_SUBMITTED: ["提交方案", "Plan submitted"],
  PLAN_APPROVED: ["批准方案", "Plan approved"],
  PLAN_RETURNED: ["退回方案", "Plan returned"],
  EXTENSION_REQUESTED: ["申请延期", "More time asked for"],
  EXTENSION_DECIDED: ["延期审批", "More time decided"],
  RECTIFIED: ["整改完成", "Rectified"],
  RECTIFICATION_ACCEPTED: ["复查通过，销号", "Recheck accepted, closed"],
  RECTIFICATION_REJECTED: ["复查不通过", "Recheck rejected"],
  VOID_REQUESTED: ["申请作废", "Voiding asked for"],
  VOIDED: ["作废", "Voided"],
  REOPENED: ["重新立案", "Reopened"],
  EVIDENCE_ADDED: ["补充佐证", "Evidence added"],
});

export const planStatusName = names({ SUBMITTED: ["待审批", "Waits for a decision"], APPROVED: ["已批准", "Approved"], RETURNED: ["已退回", "Returned"] });

export const stageName = names({
  BEFORE: ["整改前", "Before"],
  DURING: ["整改中", "During"],
  AFTER: ["整改后", "After"],
  SITE: ["检查现场", "On site"],
  SIGNATURE: ["签字", "Signature"],
  ARCHIVE: ["档案", "Archive"],
});

export const kindOfFileName = names({ PHOTO: ["照片", "photo"], VIDEO: ["视频", "video"], DOCUMENT: ["文档", "document"] });

export const levelName = names({ SCHOOL: ["校级", "School"], COUNTY: ["县级", "County"], CITY: ["市级", "City"], PROVINCE: ["省级", "Province"] });

export const noticeStatusName = names({
  DRAFT: ["草稿", "Draft"],
  ISSUED: ["已下发，待签收", "Issued, to be acknowledged"],
  ACKNOWLEDGED: ["已签收", "Acknowledged"],
  REFUSED: ["拒签", "Refused"],
  REPLIED: ["已回复", "Replied"],
  CLOSED: ["已办结", "Closed"],
  SUPERSEDED: ["已被取代", "Superseded"],
  DROPPED: ["已放弃", "Dropped"],
});

export const noticeEventName = names({
  DRAFTED: ["起草", "Drafted"],
  REVISED: ["修改草稿", "Draft revised"],
  DROPPED: ["放弃草稿", "Draft dropped"],
  ISSUED: ["下发", "Issued"],
  ACKNOWLEDGED: ["签收", "Acknowledged"],
  REFUSED: ["拒签", "Refused"],
  REPLIED: ["回复", "Replied"],
  CLOSED: ["办结", "Closed"],
  SUPERSEDED: ["被取代", "Superseded"],
  HANDED_IN: ["报送", "Handed in"],
});

export const caseKindName = names({
  LATE_REPORT: ["迟报", "Late report"],
  MISSED: ["应发现未发现", "Missed"],
  FALSE_REPORT: ["弄虚作假", "False report"],
  OVERDUE: ["应整改未整改", "Overdue"],
  NOT_CARRIED_OUT: ["视为未开展工作", "Not carried out"],
  SELF_DEALING: ["代查", "Self-dealing"],
});

export const caseStatusName = names({ OPEN: ["待研判", "Open"], CONFIRMED: ["认定", "Confirmed"], DISMISSED: ["不予追责", "Dismissed"], APPEALED: ["申诉", "Appealed"] });

export const assignmentName = names({ LEADER: ["网格长", "Leader"], MEMBER: ["网格员", "Member"], DEPUTY: ["代理", "Deputy"] });

export const visitStatusName = names({
  PROPOSED: ["待确认", "To be confirmed"],
  CONFIRMED: ["已确认", "Confirmed"],
  SUPERSEDED: ["已被取代", "Superseded"],
  FALLEN_OUT: ["已取消", "Fallen out"],
});

export const slotName = names({ MIDDLE: ["中学", "Middle school"], PRIMARY: ["小学", "Primary school"], PRIVATE: ["民办学校", "Private school"] });

export const lackName = names({
  NO_SUCH_SCHOOL: ["本乡镇学校不足", "too few schools of the kind"],
  NO_DISTINCT_SCHOOL: ["该校已占另一名额", "each such school stands for another place"],
  NOT_VISITED: ["尚无已证实的督查", "no proven visit yet"],
  NO_INDEPENDENT_TEAM: ["无可回避后的督查组", "no independent team"],
  SCHOOL_BARRED: ["该校已取消督查", "the school was taken off the plan"],
});

export const visitReasonName = names({
  FILLS_MIDDLE: ["占中学名额", "stands for the middle school"],
  FILLS_PRIMARY: ["占小学名额", "stands for the primary school"],
  FILLS_PRIVATE: ["占民办名额", "stands for the private school"],
  FILLS_TOTAL: ["补足学校数", "makes up the number"],
  OPEN_MAJOR_HAZARDS: ["有未销号重大隐患", "open major hazards"],
  LONG_UNVISITED: ["一年未督查", "not visited for a year"],
  FLAGGED: ["材料有疑点", "doubts about its records"],
  NO_OTHER_CHOICE: ["别无选择", "no other choice"],
  DRAWN: ["抽签决定", "decided by the draw"],
  TEAM_SWAPPED: ["本组须回避，换组", "another team goes"],
  TEAM_LENT: ["不在任何组的分包区", "lies in no team's area"],
  KEPT: ["保留原安排", "kept from the plan before"],
});
