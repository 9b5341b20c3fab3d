import "../ui/base.css";
import "./capture.css";
import { render } from "preact";
import { App } from "./App";
import { halfEntered } from "./drafts";
import { offerInstall } from "./installing";
import { prune } from "./queue";
import { startSending } from "./sender";
import { keepShell } from "./shell";
import { look, setRoomAside } from "./store";

offerInstall();
await look();
render(<App />, document.getElementById("page")!);
startSending();
void prune();
void setRoomAside().catch(() => undefined); // full already
void keepShell(halfEntered);
// Ask the browser not to clear away what waits to be sent.
void navigator.storage?.persist?.();
