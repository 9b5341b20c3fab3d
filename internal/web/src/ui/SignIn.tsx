// The form to sign in: every page shows it when nobody is signed in.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { RequestError } from "../api/post";
import { signIn, signedIn } from "../api/session";
import { LanguageSwitch } from "./LanguageSwitch";
import { texts } from "./language";

const t = texts({
  product: ["校园安全隐患排查整治", "Campus safety hazard month"],
  account: ["账号", "Account"],
  password: ["密码", "Password"],
  enter: ["登录", "Sign in"],
  entering: ["正在登录…", "Signing in…"],
});

/** Shows its children to a signed-in person, else the form to sign in. */
export function Door({ children }: { children: ComponentChildren }) {
  return signedIn.value ? <>{children}</> : <SignIn />;
}

function SignIn() {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function enter(event: SubmitEvent) {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setProblem(undefined);
    try {
      await signIn(String(form.get("account")), String(form.get("password")));
    } catch (error) {
      setProblem(error instanceof RequestError ? error.message : String(error));
      setBusy(false);
    }
  }

  return (
    <main class="door">
      <h1>{t.product}</h1>
      <form onSubmit={enter}>
        <label>
          {t.account}
          <input name="account" autocomplete="username" required autofocus />
        </label>
        <label>
          {t.password}
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <p class="problem" role="alert">{problem}</p>
        <button class="primary" disabled={busy}>{busy ? t.entering : t.enter}</button>
      </form>
      <LanguageSwitch />
    </main>
  );
}
