import "../ui/base.css";
import { render } from "preact";
import { Door } from "../ui/SignIn";

render(<Door>…</Door>, document.getElementById("page")!);
