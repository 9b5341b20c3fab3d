// What a person may do to a record now, each with its form.
import type { ComponentChildren, ComponentType } from "preact";
import { texts } from "../ui/language";
import { type Worker, useWorker } from "./viewer";

const t = texts({
  actions: ["可以办理", "What can be done"],
  nothing: ["现在没有需要您办理的。", "There is nothing for you to do now."],
});

/** Something that may be done to a record. */
export interface Step<Record, On extends object> {
  /** The event that it makes, as in the record's `allowedEvents`. */
  event: string;
  name: () => string;
  form: ComponentType<On>;
  /** Whether it is this person's; the server decides, this only keeps the screen short. */
  mine: (worker: Worker, record: Record) => boolean;
}

/** Those of `steps` that the record allows and that are this person's; the first is open. Children follow them. */
export function Steps<Record extends { allowedEvents: readonly string[] }, On extends object>({ steps, record, on, children }: {
  steps: Step<Record, On>[];
  record: Record;
  /** What each form is given. */
  on: On;
  children?: ComponentChildren;
}) {
  const worker = useWorker();
  const mine = steps.filter((s) => record.allowedEvents.includes(s.event) && s.mine(worker, record));
  return (
    <section class="steps" aria-label={t.actions}>
      <h2>{t.actions}</h2>
      {!mine.length && <p class="soft">{t.nothing}</p>}
      {mine.map(({ event, name, form: StepForm }, i) => (
        // A new state makes the first step another one: it opens by itself.
        <details class="card" key={`${event} ${i === 0}`} open={i === 0}>
          <summary>{name()}</summary>
          <StepForm {...on} />
        </details>
      ))}
      {children}
    </section>
  );
}
