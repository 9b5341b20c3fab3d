// The playground: GraphiQL for administrators, from this server alone.
import "../ui/base.css";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { graphql } from "../api/client";
import { signOut } from "../api/session";
import { Door } from "../ui/SignIn";
import { texts } from "../ui/language";
import { useQuery } from "../ui/useQuery";

const t = texts({
  forAdmins: ["本页仅供平台管理员使用。", "This page is for platform administrators."],
  loading: ["正在加载…", "Loading…"],
  leave: ["退出登录", "Sign out"],
});

const Roles = graphql(`
  query PlaygroundRoles { viewer { roles } }
`);

function Playground() {
  const { data, error } = useQuery(Roles, {});
  if (!data) return <p role="status" class="card">{error?.message ?? t.loading}</p>;
  if (data.viewer?.roles.includes("PLATFORM_ADMIN")) return <Workbench />;
  return (
    <main class="card">
      <p role="alert">{t.forAdmins}</p>
      <button type="button" onClick={() => void signOut()}>{t.leave}</button>
    </main>
  );
}

// GraphiQL is React's and large: it is loaded for those who may use it.
function Workbench() {
  const place = useRef<HTMLDivElement>(null);
  const [ready, setReady] = useState(false);
  useEffect(() => {
    let leave: (() => void) | undefined;
    let gone = false;
    void import("./graphiql").then(({ mount }) => {
      if (gone) return;
      leave = mount(place.current!);
      setReady(true);
    });
    return () => {
      gone = true;
      leave?.();
    };
  }, []);
  return (
    <>
      {!ready && <p role="status">{t.loading}</p>}
      <div ref={place} class="workbench" />
    </>
  );
}

render(<Door><Playground /></Door>, document.getElementById("page")!);
