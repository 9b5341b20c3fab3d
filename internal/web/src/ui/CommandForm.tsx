// A form that sends one command to the API.
import type { ComponentChildren } from "preact";
import type { RequestError } from "../api/client";
import type { TypedDocumentString } from "../api/gql/graphql";
import { clearFiles, waitsForFiles } from "./Attach";
import { type Action, Form, type Values } from "./Form";
import { type IDs, useCommand } from "./useCommand";

interface Props<T, I> {
  /** As the form's: under which what is typed is kept. */
  name: string;
  command: TypedDocumentString<T, { input: I }>;
  actions: Action[];
  /** The command's input, from what is typed and the action that was chosen. */
  input: (values: Values, ids: IDs, action: string) => NoInfer<I>;
  /** The text that is announced once the command is done. */
  done: string;
  /** Called once the command is done, with its answer. */
  changed: (answer: T) => void;
  /** As `useCommand`'s. */
  overtaken?: ((error: RequestError) => void) | undefined;
  /** Under which name the files of the command are attached: it waits for them. */
  files?: string;
  /** As the form's. */
  blocked?: string | undefined;
  /** As the form's. */
  conflictAt?: string;
  children?: ComponentChildren;
}

/** The fields are its children; it is empty again once the command is done. */
export function CommandForm<T, I>({ name, command: document, actions, input, done, changed, overtaken, files, blocked, conflictAt, children }: Props<T, I>) {
  const command = useCommand(document, { done, ...(overtaken ? { overtaken } : {}) });
  return (
    <Form
      name={name}
      actions={actions}
      busy={command.busy}
      error={command.error}
      blocked={blocked ?? (files === undefined ? undefined : waitsForFiles(files))}
      {...(conflictAt ? { conflictAt } : {})}
      onSubmit={async (values, action) => {
        const answer = await command.run((ids) => ({ input: input(values, ids, action) }));
        if (!answer) return false;
        if (files !== undefined) clearFiles(files);
        changed(answer);
        return true;
      }}
    >
      {children}
    </Form>
  );
}
