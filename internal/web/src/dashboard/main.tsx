import "../ui/base.css";
import { render } from "preact";
import { Door } from "../ui/SignIn";
import { Work } from "../work/Work";

// Until the dashboard's frame is here: the working screens alone.
render(<Door><Work /></Door>, document.getElementById("page")!);
