// The way out of an inspection: handed in as a whole, once.
import { fill, texts } from "../ui/language";
import { go, link } from "../ui/route";
import { keeping } from "./files";
import { submit } from "./inspections";
import type { Entry, InspectionForm } from "./schema";

const t = texts({
  submit: ["提交检查报告（{n}/{all}）", "Hand in ({n} of {all})"],
  rest: ["还有 {n} 项没有填写。仍要提交吗？提交后不能再改。", "{n} items are still open. Hand in all the same? It can't be changed afterwards."],
  sure: ["提交后不能再改。确定提交？", "It can't be changed afterwards. Hand in?"],
});

/** Hands an inspection in, once something of its `all` items is recorded. */
export function HandIn({ entry, all }: { entry: Entry<InspectionForm>; all: number }) {
  const recorded = entry.form.findings.length;
  if (recorded === 0) return null;
  async function handIn() {
    if (!confirm(recorded < all ? fill(t.rest, { n: all - recorded }) : t.sure)) return;
    await submit(entry.id);
    go(link(["records"]));
  }
  return (
    <div class="bottom">
      <button type="button" class="primary wide" disabled={keeping.value > 0} onClick={() => void handIn()}>{fill(t.submit, { n: recorded, all })}</button>
    </div>
  );
}
