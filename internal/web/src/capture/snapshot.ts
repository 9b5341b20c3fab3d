// The server's last answers about the viewer's work: kept, so that a phone without a network
// still knows its grids, the checklist and what is left.
import { signal } from "@preact/signals";
import { RequestError, asRequestError } from "../api/post";
import { signedIn } from "../api/session";
import { setZone } from "../ui/format";
import { ask, owner } from "./account";
import { behind } from "./clock";
import { Changes, Mine, Planned, SchoolGrids, SchoolWork, Schools, Start } from "./operations";
import type { Grid, Snapshot, Viewer } from "./schema";
import { database } from "./store";

/** The server's last answers about the signed-in person's work; null before there are any. */
export const snapshot = signal<Snapshot | null>(null);

/** Why the last refresh failed; null when it did not. */
export const staleBecause = signal<RequestError | null>(null);

// What belongs to the last person is not shown to the next.
owner.subscribe(async (o) => {
  if (o?.id !== snapshot.peek()?.viewer.user?.id) snapshot.value = null;
  if (!o || snapshot.peek()) return;
  const stored = await (await database()).get("snapshots", o.id);
  if (stored && owner.value?.id === o.id && !snapshot.peek()) show(stored);
});

function show(s: Snapshot): void {
  if (s.campaign) setZone(s.campaign.policy.timeZone);
  snapshot.value = s;
}

let running: Promise<void> | null = null;
let again = false;

/** Ask the server again; the last answer stays when it can't be reached. One at a time. */
export function refresh(): Promise<void> {
  if (running) {
    again = true;
    return running;
  }
  running = load()
    .then(
      () => void (staleBecause.value = null),
      (cause: unknown) => void (staleBecause.value = asRequestError(cause)),
    )
    .finally(() => {
      running = null;
      if (again) {
        again = false;
        void refresh();
      }
    });
  return running;
}

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** Pages of changes to follow in one refresh; the next one continues behind them. */
const pagesAtOnce = 20;

// Whether anything in sight has changed behind a cursor, and the new cursor.
async function followed(cursor: string | undefined): Promise<{ cursor: string | undefined; news: boolean }> {
  let news = cursor === undefined;
  for (let page = 0; page < pagesAtOnce; page++) {
    const { changes } = await ask(Changes, { since: cursor }).catch((cause: unknown) => {
      // A cursor that the server does not take, of another account or another database.
      if (cursor === undefined || !(cause instanceof RequestError && cause.code === "BAD_USER_INPUT")) throw cause;
      news = true;
      return ask(Changes, {});
    });
    if (!changes) break;
    cursor = changes.cursor;
    news ||= changes.resync || changes.changes.length > 0;
    if (!changes.hasMore) break;
  }
  return { cursor, news };
}

async function load(): Promise<void> {
  if (!signedIn.value) return;
  const last = snapshot.peek();
  const { cursor, news } = await followed(last?.cursor);
  const now = Date.now() + (behind.value ?? 0);
  // A new day alone changes what is overdue.
  if (last && !news && dayOf(last.at) === dayOf(now) && owner.value?.id === last.viewer.user?.id) {
    snapshot.value = { ...last, at: now };
    return;
  }
  const start = await ask(Start, {});
  if (!start.viewer?.user) return;
  const today = dayOf(now);
  const campaigns = start.campaigns ?? [];
  const campaign = campaigns.find((c) => c.startsOn <= today && today <= c.endsOn) ?? campaigns[0] ?? null;
  const s: Snapshot = { viewer: start.viewer, campaign, categories: start.hazardCategories ?? [], remaining: [], hazards: [], reports: [], schools: [], at: now, cursor };
  if (campaign) {
    s.remaining = (await ask(Mine, { campaign: campaign.id })).remainingForMe ?? [];
    for (const school of schoolsOf(s.viewer)) {
      const work = await ask(SchoolWork, { school: school.id, campaign: campaign.id });
      s.hazards.push(...(work.hazards?.edges.map((e) => e.node) ?? []));
      s.reports.push(...(work.reports?.edges.map((e) => e.node) ?? []));
    }
    if (s.viewer.roles.includes("INSPECTOR")) {
      s.schools = await schools(campaign.id);
      const planned = await plannedSchools(campaign.id, start.viewer.user.id);
      s.planned = planned.map((p) => p.id);
      // What was known of other schools stays: a visit may continue without a network.
      s.grids = { ...last?.grids, ...Object.fromEntries(planned.map((p) => [p.id, p.grids ?? []])) };
    }
  }
  await (await database()).put("snapshots", s, start.viewer.user.id).catch(() => undefined); // full: it is asked again
  if (owner.value?.id === start.viewer.user.id) show(s);
}

async function schools(campaign: string): Promise<Snapshot["schools"]> {
  const all: Snapshot["schools"] = [];
  for (let after: string | null = null; ; ) {
    const { schools: page }: { schools?: { edges: { node: { id: string; name: string } }[]; pageInfo: { hasNextPage: boolean; endCursor?: string | null } } | null } = await ask(Schools, { campaign, after });
    all.push(...(page?.edges.map((e) => e.node) ?? []));
    after = page?.pageInfo.endCursor ?? null;
    if (!page?.pageInfo.hasNextPage || all.length >= 1000) return all;
  }
}

async function plannedSchools(campaign: string, me: string) {
  const { plannedVisits } = await ask(Planned, { campaign });
  return (plannedVisits?.edges ?? []).flatMap(({ node: { team, school } }) => (school && team?.members?.some((m) => m.user?.id === me) ? [school] : []));
}

/** Learn the grids of a school that is visited, where they are not known yet. */
export async function learnGrids(school: string): Promise<void> {
  if (snapshot.value?.grids?.[school]) return;
  // Without a network the visit uses the whole school's list.
  const answer = await ask(SchoolGrids, { school }).catch(() => null);
  const s = snapshot.value;
  if (!answer?.school?.grids || !s?.viewer.user) return;
  const next = { ...s, grids: { ...s.grids, [school]: answer.school.grids } };
  snapshot.value = next;
  await (await database()).put("snapshots", next, s.viewer.user.id).catch(() => undefined);
}

/** The grids of a school, as far as they are known here. */
export const gridsOf = (school: string): Grid[] => snapshot.value?.grids?.[school] ?? (snapshot.value?.viewer.grids ?? []).filter((g) => g.school?.id === school);

/** The schools that a person belongs to, each once. */
export function schoolsOf(viewer: Viewer): { id: string; name: string }[] {
  const all = [...(viewer.memberships ?? []).map((m) => m.school), ...(viewer.grids ?? []).map((g) => g.school)];
  return [...new Map(all.flatMap((s) => (s ? [[s.id, s] as const] : []))).values()];
}
