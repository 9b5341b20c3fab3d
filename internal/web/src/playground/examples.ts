// Operations to begin with, one file a role, so that the author of a client
// sees what that role asks. TestExamples holds them against the schema.
import { useEditorContext, type GraphiQLPlugin } from "@graphiql/react";
import { createElement } from "react";
import { texts } from "../ui/language";
import { word } from "../ui/words";

const t = texts({ title: ["示例", "Examples"] });

const files = import.meta.glob<string>("./examples/*.graphql", { query: "?raw", import: "default", eager: true });

const order = ["platform-admin", "bureau-leader", "safety-section", "inspector", "school-leader", "school-safety-officer", "grid-member", "viewer"];

/** The operations of each role, in the order of their reach. */
export const examples = order.map((name) => ({
  role: name.toUpperCase().replaceAll("-", "_"),
  text: files[`./examples/${name}.graphql`]!,
}));

function Examples() {
  const { addTab, queryEditor } = useEditorContext({ nonNull: true });
  return createElement(
    "section",
    { "aria-label": t.title },
    createElement("h2", { className: "graphiql-doc-explorer-title" }, t.title),
    createElement(
      "ul",
      { className: "examples" },
      examples.map(({ role, text }) =>
        createElement(
          "li",
          { key: role },
          createElement(
            "button",
            {
              type: "button",
              className: "graphiql-button",
              onClick: () => {
                addTab();
                queryEditor?.setValue(text);
              },
            },
            word(role),
          ),
        ),
      ),
    ),
  );
}

const Icon = () => createElement("span", { "aria-hidden": true, className: "plugin-icon" }, "★");

/** The plugin that opens an example in a new tab. */
export const examplesPlugin = (): GraphiQLPlugin => ({ title: t.title, content: Examples, icon: Icon });
