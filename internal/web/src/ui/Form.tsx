// Forms whose fields have names, marks for what is required, and the server's
// faults at the field that they are about. What is typed is kept until it is sent.
import "./form.css";
import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useId, useRef, useState } from "preact/hooks";
import type { RequestError } from "../api/client";
import { forgetKept, keptAs } from "./kept";
import { texts } from "./language";

const t = texts({
  sending: ["正在提交…", "Sending…"],
  required: ["带 * 的必须填写。", "Fields with * are required."],
});

/** The texts of a form by field, trimmed; what is empty is left out. */
export type Values = Record<string, string | undefined>;

/** A button that sends the form. */
export interface Action {
  value: string;
  label: string;
  look?: "primary" | "danger";
}

interface Shown {
  faults: Map<string, string>;
  typed: Values;
}

const Fields = createContext<Shown>({ faults: new Map(), typed: {} });

interface FormProps {
  /** Under which what is typed is kept; one for each intention and record. */
  name: string;
  actions: Action[];
  busy: boolean;
  error: RequestError | undefined;
  /** Send; true when it is done, and the form is empty again. */
  onSubmit: (values: Values, action: string) => Promise<boolean>;
  /** Why it can't be sent yet; nothing when it can. */
  blocked?: string | undefined;
  /** The field that a CONFLICT is about, when it can only be about one. */
  conflictAt?: string;
  children?: ComponentChildren;
}

/** A form; `input.x` in a fault of the server is the field named `x`. */
export function Form({ name, actions, busy, error, onSubmit, blocked, conflictAt, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [round, setRound] = useState(0);
  const typed = keptAs<Values>(`form ${name}`, {});
  const faults = new Map<string, string>();
  for (const { path, message } of error?.fields ?? []) faults.set(path.replace(/^input\./, "").split(/[.[]/)[0]!, message);
  if (error?.code === "CONFLICT" && conflictAt) faults.set(conflictAt, error.message);

  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [error]);

  const read = (): Values =>
    Object.fromEntries([...new FormData(form.current!)].flatMap(([field, value]) => (typeof value === "string" && value.trim() ? [[field, value.trim()]] : [])));

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    if (busy || blocked) return;
    const done = await onSubmit(read(), (event.submitter as HTMLButtonElement | null)?.value ?? actions[0]!.value);
    if (!done) return;
    forgetKept(`form ${name}`);
    setRound(round + 1);
  }

  const atNoField = [...faults].filter(([field]) => !form.current?.elements.namedItem(field)).map(([, message]) => message);
  return (
    <Fields.Provider value={{ faults, typed: typed.peek() }}>
      <form class="form" key={round} ref={form} onSubmit={submit} onInput={() => (typed.value = read())}>
        {children}
        <p class="problem" role="alert">{error && [...new Set([...(faults.has(conflictAt ?? "") ? [] : [error.message]), ...atNoField])].join(" ")}</p>
        {blocked && <p class="soft">{blocked}</p>}
        <div class="buttons">
          {actions.map((action) => (
            <button key={action.value} value={action.value} class={action.look ?? ""} disabled={busy || Boolean(blocked)}>
              {busy ? t.sending : action.label}
            </button>
          ))}
        </div>
      </form>
    </Fields.Provider>
  );
}

/** What every field is given. */
export interface FieldProps {
  name: string;
  label: string;
  hint?: string | undefined;
  required?: boolean;
  initial?: string | undefined;
}

/** What every field has: its label, its hint, its fault. */
export function useField({ name, hint, required, initial }: FieldProps) {
  const { faults, typed } = useContext(Fields);
  const id = useId();
  const fault = faults.get(name);
  const described = [hint && `${id}h`, fault && `${id}f`].filter(Boolean).join(" ");
  return {
    id,
    fault,
    value: typed[name] ?? initial ?? "",
    control: {
      id,
      name,
      required: required ?? false,
      "aria-invalid": Boolean(fault),
      ...(described ? { "aria-describedby": described } : {}),
    },
  };
}

/** A field under its label. */
export function Labelled({ id, label, hint, required, fault, children }: FieldProps & { id: string; fault: string | undefined; children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={id}>
        <span>
          {label}
          {required && <span class="required" aria-hidden="true" title={t.required}> *</span>}
        </span>
      </label>
      {hint && <p class="soft" id={`${id}h`}>{hint}</p>}
      {children}
      {fault && <p class="problem" id={`${id}f`}>{fault}</p>}
    </div>
  );
}

/** One line, a day, or a number; `rows` makes it several lines. */
export function TextField(props: FieldProps & { rows?: number; type?: "text" | "date" | "number"; min?: string; max?: string; step?: string; maxLength?: number }) {
  const field = useField(props);
  const { rows, type = "text", min, max, step, maxLength } = props;
  const control = { ...field.control, defaultValue: field.value, ...(min ? { min } : {}), ...(max ? { max } : {}), ...(step ? { step } : {}), ...(maxLength ? { maxLength } : {}) };
  const input = { text: () => <input {...control} type="text" />, date: () => <input {...control} type="date" />, number: () => <input {...control} type="number" /> };
  return (
    <Labelled {...props} id={field.id} fault={field.fault}>
      {rows ? <textarea {...field.control} rows={rows} defaultValue={field.value} /> : input[type]()}
    </Labelled>
  );
}

/** What can be chosen. */
export interface Option {
  value: string;
  label: string;
}

/** A field to choose in. */
export interface ChoiceProps extends FieldProps {
  options: Option[];
  /** The SearchField that narrows the options. */
  search?: ComponentChildren;
}

/** The names of what is or was offered while the page is open: what is chosen keeps its own when other options come. */
export function useOptionNames(options: Option[]): Map<string, string> {
  const names = keptAs("names of options", new Map<string, string>()).peek();
  for (const { value, label } of options) names.set(value, label);
  return names;
}

/** One of several values. */
export function Choice(props: ChoiceProps & { none?: string }) {
  const field = useField(props);
  const [chosen, setChosen] = useState(field.value);
  const names = useOptionNames(props.options);
  const options = [...props.options];
  if (names.has(chosen) && !options.some((o) => o.value === chosen)) options.unshift({ value: chosen, label: names.get(chosen)! });
  return (
    <Labelled {...props} id={field.id} fault={field.fault}>
      {props.search}
      <select {...field.control} onChange={(e) => setChosen(e.currentTarget.value)}>
        <option value="">{props.none ?? "—"}</option>
        {options.map(({ value, label }) => (
          <option key={value} value={value} selected={value === chosen}>{label}</option>
        ))}
      </select>
    </Labelled>
  );
}

/** Yes or no. */
export function Check(props: FieldProps) {
  const field = useField(props);
  return (
    <label class="check">
      <input type="checkbox" id={field.id} name={props.name} value="yes" defaultChecked={field.value === "yes"} />
      {props.label}
    </label>
  );
}
