// Several of what can be chosen, in an order that matters, such as a team's members.
import { useState } from "preact/hooks";
import { type ChoiceProps, Labelled, type Option, useField, useOptionNames } from "./Form";
import { Tag } from "./Tag";
import { fill, texts } from "./language";

const t = texts({
  add: ["添加…", "Add…"],
  up: ["{name} 上移", "Move {name} up"],
  down: ["{name} 下移", "Move {name} down"],
  remove: ["移除 {name}", "Remove {name}"],
});

interface Props extends Omit<ChoiceProps, "initial"> {
  /** What is chosen at first. */
  initial?: Option[] | undefined;
  /** What a place in the order means, if anything; nothing can be moved without it. */
  meaning?: (position: number) => string | undefined;
}

/** What was chosen, as the form gives it: one text. */
export const chosenOf = (value: string | undefined): string[] => (value ?? "").split(" ").filter(Boolean);

/** The field: what is chosen in its order, and what can be added. */
export function Ordered(props: Props) {
  const { initial = [], ...others } = props;
  const field = useField({ ...others, initial: initial.map((o) => o.value).join(" ") });
  const [chosen, setChosen] = useState(chosenOf(field.value));
  const options = [...props.options, ...initial.filter((o) => !props.options.some((p) => p.value === o.value))];
  const names = useOptionNames(options);

  function change(next: string[], from: HTMLElement) {
    const { form } = from as HTMLButtonElement;
    setChosen(next);
    // A hidden field fires no input event of its own; the form keeps what is typed by that event.
    requestAnimationFrame(() => form?.dispatchEvent(new Event("input", { bubbles: true })));
  }
  const moved = (i: number, by: number) => {
    const next = [...chosen];
    next.splice(i + by, 0, ...next.splice(i, 1));
    return next;
  };

  return (
    <Labelled {...others} id={field.id} fault={field.fault}>
      <input type="hidden" name={props.name} value={chosen.join(" ")} />
      <ol class="ordered" aria-label={props.label}>
        {chosen.map((value, i) => {
          const name = names.get(value) ?? value;
          const meaning = props.meaning?.(i);
          return (
            <li key={value}>
              <span>{name} {meaning && <Tag>{meaning}</Tag>}</span>
              {props.meaning && (
                <>
                  <button type="button" class="quiet" disabled={i === 0} aria-label={fill(t.up, { name })} onClick={(e) => change(moved(i, -1), e.currentTarget)}>↑</button>
                  <button type="button" class="quiet" disabled={i === chosen.length - 1} aria-label={fill(t.down, { name })} onClick={(e) => change(moved(i, 1), e.currentTarget)}>↓</button>
                </>
              )}
              <button type="button" class="quiet" aria-label={fill(t.remove, { name })} onClick={(e) => change(chosen.filter((v) => v !== value), e.currentTarget)}>×</button>
            </li>
          );
        })}
      </ol>
      {props.search}
      <select
        id={field.id}
        aria-invalid={field.control["aria-invalid"]}
        aria-describedby={field.control["aria-describedby"]}
        value=""
        onChange={(e) => {
          const { value } = e.currentTarget;
          e.currentTarget.value = "";
          if (value) change([...chosen, value], e.currentTarget);
        }}
      >
        <option value="">{t.add}</option>
        {options.filter((o) => !chosen.includes(o.value)).map((o) => <option key={o.value} value={o.value}>{o.label}</option>)}
      </select>
    </Labelled>
  );
}
