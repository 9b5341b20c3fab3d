// Names and their values.
import type { ComponentChildren } from "preact";

/** A value that is not there is left out with its name. */
export function Facts({ rows }: { rows: [name: string, value: ComponentChildren][] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value]) =>
        value === null || value === undefined || value === "" || value === false ? null : (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ),
      )}
    </dl>
  );
}
