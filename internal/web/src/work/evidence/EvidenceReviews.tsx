// The files that wait for somebody to look at them, those that waited longest first,
// and what became of others.
import type { EvidenceReviewFilter } from "../../api/gql/graphql";
import { ListEnd, usePages } from "../../ui/List";
import { Empty, QueryState } from "../../ui/State";
import { texts } from "../../ui/language";
import { go, route } from "../../ui/route";
import { to } from "../to";
import { ReviewCard } from "./ReviewCard";
import { EvidenceReviews as Reviews } from "./query";

const t = texts({
  title: ["佐证材料复核", "Review of doubtful evidence"],
  note: ["存疑不等于有错：系统只是发现了需要看一眼的地方，由人来看、来定。", "A doubt is no accusation: something asks for a look, and a person looks and decides."],
  show: ["显示", "Show"],
  open: ["待复核", "Waiting for review"],
  cleared: ["已澄清", "Found in order"],
  upheld: ["疑点成立", "Doubt upheld"],
  destruction: ["待批准销毁", "Destruction to be approved"],
  none: ["没有这样的文件。", "There is no such file."],
  noneOpen: ["没有等待复核的文件。", "No file waits for a review."],
});

const filters = {
  open: { status: "OPEN" },
  cleared: { status: "CLEARED" },
  upheld: { status: "UPHELD" },
  destruction: { destructionRequested: true },
} as const satisfies Record<string, EvidenceReviewFilter>;

// Few a page: each is large, and shown with every file that it is like.
const atOnce = 10;

type Shown = keyof typeof filters;

/** The screen. */
export function EvidenceReviews() {
  const asked = route.value.query.get("show") ?? "";
  const shown: Shown = asked in filters ? (asked as Shown) : "open";
  const pages = usePages(Reviews, { filter: filters[shown] }, (d) => d.evidenceReviews, atOnce);
  return (
    <>
      <header>
        <h1>{t.title}</h1>
        <p class="soft">{t.note}</p>
      </header>
      <label class="pick">
        {t.show}
        <select value={shown} onChange={(e) => go(to(["evidence"], { show: e.currentTarget.value }), true)}>
          {(Object.keys(filters) as Shown[]).map((name) => <option key={name} value={name}>{t[name]}</option>)}
        </select>
      </label>
      <QueryState query={pages} />
      {pages.data?.length === 0 && !pages.loading && <Empty>{shown === "open" ? t.noneOpen : t.none}</Empty>}
      {pages.data?.map((file) => <ReviewCard key={file.id} file={file} />)}
      <ListEnd pages={pages} />
    </>
  );
}
