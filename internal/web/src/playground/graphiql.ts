// GraphiQL with an explorer, the history of this browser, examples for each role
// and files for uploads.
import "graphiql/style.css";
import "@graphiql/plugin-explorer/style.css";
import "./playground.css";
import { explorerPlugin } from "@graphiql/plugin-explorer";
import { setNonce } from "get-nonce";
import { GraphiQL } from "graphiql";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { signOut } from "../api/session";
import { language, texts } from "../ui/language";
import { examples, examplesPlugin } from "./examples";
import { fetcher } from "./fetcher";
import { filesPlugin } from "./files";

const t = texts({ leave: ["退出登录", "Sign out"] });

/** Show GraphiQL in an element until the function that it returns is called. */
export function mount(place: HTMLElement): () => void {
  // Its menus add a style sheet while they are open, which the policy allows with this nonce.
  setNonce(document.querySelector<HTMLMetaElement>("meta[name=style-nonce]")!.content);
  const root = createRoot(place);
  root.render(
    createElement(
      GraphiQL,
      {
        fetcher,
        plugins: [explorerPlugin(), examplesPlugin(), filesPlugin()],
        defaultQuery: examples[0]!.text,
        isHeadersEditorEnabled: false,
      },
      createElement(GraphiQL.Logo, null, createElement("span", { lang: language.value }, "Cleargrid")),
      createElement(
        GraphiQL.Footer,
        null,
        createElement("button", { type: "button", className: "graphiql-button", onClick: () => void signOut() }, t.leave),
      ),
    ),
  );
  return () => root.unmount();
}
