import "../ui/base.css";
import "../ui/parts.css";
import "./dashboard.css";
import { render } from "preact";
import { Door } from "../ui/SignIn";
import { App } from "./App";

render(<Door><App /></Door>, document.getElementById("page")!);
