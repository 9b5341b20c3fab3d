// The frame of every screen: what is wrong just now at the top, the ways at the bottom.
import { useEffect } from "preact/hooks";
import { signOut, signedIn } from "../api/session";
import { Door } from "../ui/SignIn";
import { LanguageSwitch } from "../ui/LanguageSwitch";
import { fill, language, texts } from "../ui/language";
import { link, route } from "../ui/route";
import { outdated, owner } from "./account";
import { behind, clockIsOff } from "./clock";
import { Hazard } from "./Hazard";
import { Home } from "./Home";
import { Inspection } from "./Inspection";
import { unsent, unsentOfAll } from "./queue";
import { Records } from "./Records";
import { Rectifications, Rectify } from "./Rectify";
import { sending } from "./sender";
import { newer, update } from "./shell";
import { refresh, snapshot } from "./snapshot";
import { storageFull } from "./store";
import { halfEntered } from "./drafts";
import { Visit } from "./Visit";

const t = texts({
  title: ["隐患排查", "Inspection"],
  main: ["主要功能", "Main"],
  home: ["排查", "Inspect"],
  report: ["报隐患", "Report"],
  rectify: ["整改", "Rectify"],
  records: ["记录", "Records"],
  leave: ["退出", "Sign out"],
  leaveUnsent: ["还有 {n} 项没有传到服务器。退出后它们留在本机，要用“{name}”再次登录才会继续上传。仍要退出吗？", "{n} items have not reached the server. They stay on this phone and go on only when “{name}” signs in again. Sign out all the same?"],
  offline: ["没有网络：可以照常填写，联网后自动上传。", "No network: go on as usual, everything is sent when there is one."],
  clock: ["本机时间比服务器{way} {much}，一切按服务器时间计。请校准本机时间。", "This device's clock is {much} {way} the server's; the server's counts. Please set it right."],
  fast: ["快", "ahead of"],
  slow: ["慢", "behind"],
  days: ["{n} 天", "{n} days"],
  minutes: ["{n} 分钟", "{n} minutes"],
  full: ["手机存储空间不足，最后的填写没有存下，之前的都还在。请联网上传或清理空间。", "No room on this phone: the last input was not kept, everything before was. Send or clear something."],
  outdated: ["服务器已是新版本，本页更新后才能继续上传。已填内容都在本机。", "The server is of a newer version: nothing is sent before this page is updated. What was entered is kept."],
  newer: ["有新版本。", "There is a new version."],
  update: ["更新", "Update"],
  updateLater: ["填完当前内容后即可更新。", "It can be installed when this form is finished."],
  waiting: ["本机有 {n} 项待上传，请用原账号登录。", "{n} items on this device wait to be sent: sign in with the account that made them."],
});

export function App() {
  const account = owner.value?.id;
  useEffect(() => {
    if (signedIn.value) void refresh();
  }, [signedIn.value, account, language.value]);
  useEffect(() => {
    const back = () => void refresh();
    addEventListener("online", back);
    return () => removeEventListener("online", back);
  }, []);
  useEffect(() => {
    document.title = t.title;
  }, [language.value]);

  const total = unsentOfAll();
  return (
    <>
      {!signedIn.value && total > 0 && <p class="notice" role="status">{fill(t.waiting, { n: total })}</p>}
      <Door>
        <Frame />
      </Door>
    </>
  );
}

function Frame() {
  const [screen, ...rest] = route.value.parts;
  const mine = owner.value;
  const count = mine ? unsent(mine.id) : 0;

  function leave() {
    if (count > 0 && !confirm(fill(t.leaveUnsent, { n: count, name: mine?.name ?? "" }))) return;
    void signOut();
  }

  return (
    <div class="capture">
      <header>
        <h1>{t.title}</h1>
        <span class="soft who">{mine?.name}</span>
        <LanguageSwitch />
        <button type="button" class="quiet" onClick={leave}>{t.leave}</button>
      </header>
      <Notices />
      <main>
        {screen === "inspect" ? <Inspection where={rest} />
          : screen === "hazard" ? <Hazard key={`${rest[0]} ${snapshot.value !== null}`} id={rest[0]} />
          : screen === "rectify" ? (rest[0] ? <Rectify key={rest[0]} id={rest[0]} /> : <Rectifications />)
          : screen === "records" ? <Records />
          : screen === "visit" ? <Visit />
          : <Home />}
      </main>
      <nav aria-label={t.main}>
        <Tab to="" now={screen} text={t.home} />
        <Tab to="hazard" now={screen} text={t.report} />
        {!snapshot.value?.viewer.roles.includes("INSPECTOR") && <Tab to="rectify" now={screen} text={t.rectify} />}
        <Tab to="records" now={screen} text={t.records} count={count} />
      </nav>
    </div>
  );
}

function Tab({ to, now, text, count = 0 }: { to: string; now: string | undefined; text: string; count?: number }) {
  const here = to === (now ?? "") || (to === "" && (now === "inspect" || now === "visit"));
  return (
    <a href={to ? link([to]) : "#/"} aria-current={here ? "page" : undefined}>
      {text}
      {count > 0 && <span class="count">{count}</span>}
    </a>
  );
}

function Notices() {
  return (
    <div aria-live="polite">
      {sending.value === "offline" && <p class="notice">{t.offline}</p>}
      {storageFull.value && <p class="notice">{t.full}</p>}
      {clockIsOff() && <p class="notice">{clock(behind.value!)}</p>}
      {outdated.value && !newer.value && <p class="notice">{t.outdated}</p>}
      {newer.value && (
        <p class="notice">
          {t.newer} {halfEntered() ? t.updateLater : <button type="button" onClick={update}>{t.update}</button>}
        </p>
      )}
    </div>
  );
}

function clock(difference: number): string {
  const minutes = Math.round(Math.abs(difference) / 60_000);
  const much = minutes < 48 * 60 ? fill(t.minutes, { n: minutes }) : fill(t.days, { n: Math.round(minutes / 1440) });
  return fill(t.clock, { way: difference < 0 ? t.fast : t.slow, much });
}
