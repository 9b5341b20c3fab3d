// Files for operations with a variable of type Upload.
import type { GraphiQLPlugin } from "@graphiql/react";
import { createElement } from "react";
import { texts } from "../ui/language";

const t = texts({
  title: ["文件", "Files"],
  explain: [
    "选择的文件会作为下一次操作中类型为 Upload 的变量发送。",
    "The file goes with the next operation, as its variable of type Upload.",
  ],
  choose: ["选择文件", "Choose a file"],
});

let file: File | null = null;

/** The file that was chosen, if any. */
export const chosen = (): File | null => file;

function Files() {
  return createElement(
    "section",
    { "aria-label": t.title },
    createElement("h2", { className: "graphiql-doc-explorer-title" }, t.title),
    createElement("p", null, t.explain),
    createElement(
      "label",
      null,
      t.choose,
      createElement("input", {
        type: "file",
        onChange: (event: { currentTarget: HTMLInputElement }) => {
          file = event.currentTarget.files?.[0] ?? null;
        },
      }),
    ),
    createElement("output", null, file?.name),
  );
}

const Icon = () => createElement("span", { "aria-hidden": true, className: "plugin-icon" }, "⇧");

/** The plugin that chooses the file to send. */
export const filesPlugin = (): GraphiQLPlugin => ({ title: t.title, content: Files, icon: Icon });
