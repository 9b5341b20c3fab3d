// What a decision about a notice needs to see, and the commands.
import { graphql } from "../../api/client";
import type { NoticeAtWorkQuery } from "../../api/gql/graphql";
import type { Outcome } from "../Overtaken";

/** A notice with everything that its commands are decided by. */
export const NoticeAtWork = graphql(`
  query NoticeAtWork($id: ID!) {
    notice(id: $id) {
      id version status number requirements deadlineOn overdue allowedEvents
      school { id name } team { id name } 
      issuedAt issuedBy { id name } snapshotHash verifyCode
      acknowledgedAt acknowledgedBy { id name } opinion refusalReason witness
      repliedAt reply handedInAt handedInLate
      supersedes { id number } supersededBy { id number }
      evidence { ...EvidenceParts }
      missingEvidence { ...EvidenceGapParts }
      items { id position problem place basis requirement hazard { id status } }
      events { id kind actor { id name } happenedAt receivedAt details { name value } }
    }
  }
`);
export const Issue = graphql(`mutation IssueNotice($input: IssueNoticeInput!) { issueNotice(input: $input) { notice { id number } } }`);
export const Revise = graphql(`mutation ReviseNotice($input: ReviseNoticeInput!) { reviseNotice(input: $input) { notice { id version } } }`);
export const Discard = graphql(`mutation DiscardNotice($input: DiscardNoticeInput!) { discardNotice(input: $input) { notice { id version } } }`);
export const Supersede = graphql(`mutation SupersedeNotice($input: SupersedeNoticeInput!) { supersedeNotice(input: $input) { notice { id } } }`);
export const Acknowledge = graphql(`mutation AcknowledgeNotice($input: AcknowledgeNoticeInput!) { acknowledgeNotice(input: $input) { notice { id version } } }`);
export const Refuse = graphql(`mutation RefuseNotice($input: RefuseNoticeInput!) { refuseNotice(input: $input) { notice { id version } } }`);
export const Reply = graphql(`mutation ReplyToNotice($input: ReplyToNoticeInput!) { replyToNotice(input: $input) { notice { id version } } }`);

/** The notice of that query. */
export type Notice = NonNullable<NoticeAtWorkQuery["notice"]>;

/** What every form about a notice is given. */
export interface OnNotice extends Outcome {
  notice: Notice;
}

/** What every command on a notice says. */
export const about = (notice: Notice, ids: (noun: string) => string) => ({ commandId: ids("command"), noticeId: notice.id, expectedVersion: notice.version });
