// Dividing a school into grids: by the template for its kind of school, or by a list.
import { graphql } from "../../api/client";
import { CommandForm } from "../../ui/CommandForm";
import { Check, Choice, TextField } from "../../ui/Form";
import { localized, texts } from "../../ui/language";
import type { SchoolAtWork } from "./query";

const t = texts({
  title: ["划分网格", "Make grids"],
  template: ["按模板划分", "By the template"],
  templateHint: ["按学校类型、规模和设施，一次建立全部网格。", "By the school's kind, size and equipment, all at once."],
  canteen: ["有食堂", "It has a canteen"],
  bus: ["有校车", "It has school buses"],
  list: ["按清单划分", "By a list"],
  lines: ["每行一个：编号 名称", "One a line: code, then name"],
  kind: ["类型", "Kind"],
  parent: ["属于网格", "Part of"],
  top: ["顶层", "At the top"],
  submit: ["建立网格", "Make them"],
  done: ["网格已建立。", "The grids are made."],
});

const Send = graphql(`mutation CreateGrids($input: CreateGridsInput!) { createGrids(input: $input) { grids { id } } }`);

interface Props {
  school: SchoolAtWork;
  kinds: readonly { code: string; label: string; labelEn: string }[];
  changed: () => void;
}

/** For the school's leader and safety officer. */
export function Create({ school, kinds, changed }: Props) {
  return (
    <details class="card" open={!school.grids?.length}>
      <summary>{t.title}</summary>
      <div class="two-ways">
        <section aria-label={t.template}>
          <h2>{t.template}</h2>
          <p class="soft">{t.templateHint}</p>
          <CommandForm
            name={`grids-template ${school.id}`}
            command={Send}
            actions={[{ value: "create", label: t.submit, look: "primary" }]}
            input={(v, ids) => ({ commandId: ids("command"), schoolId: school.id, template: { canteen: v.canteen === "yes", schoolBus: v.schoolBus === "yes" } })}
            done={t.done}
            changed={changed}
          >
            <Check name="canteen" label={t.canteen} />
            <Check name="schoolBus" label={t.bus} />
          </CommandForm>
        </section>
        <section aria-label={t.list}>
          <h2>{t.list}</h2>
          <CommandForm
            name={`grids-list ${school.id}`}
            command={Send}
            actions={[{ value: "create", label: t.submit, look: "primary" }]}
            conflictAt="grids"
            input={(v, ids) => ({
              commandId: ids("command"),
              schoolId: school.id,
              grids: (v.grids ?? "").split("\n").map((line) => line.trim()).filter(Boolean).map((line, i) => {
                const [code = "", ...name] = line.split(/\s+/);
                return { id: ids("grid", i), code, name: name.join(" "), kind: v.kind!, parentId: v.parentId ?? null };
              }),
            })}
            done={t.done}
            changed={changed}
          >
            <TextField name="grids" label={t.lines} rows={4} required />
            <Choice name="kind" label={t.kind} required options={kinds.map((k) => ({ value: k.code, label: localized(k.label, k.labelEn) }))} />
            <Choice name="parentId" label={t.parent} none={t.top} options={(school.grids ?? []).map((g) => ({ value: g.id, label: `${g.code} ${g.name}` }))} />
          </CommandForm>
        </section>
      </div>
    </details>
  );
}
