// The offer to install the page.
import { texts } from "../ui/language";
import { decline, install, installable } from "./installing";

const t = texts({
  title: ["装到手机桌面", "Put it on your home screen"],
  why: ["装好后像应用一样打开，没有网络也能用。", "It then opens like an app, also without a network."],
  byHand: ["点浏览器的“分享”，再选“添加到主屏幕”。装好后像应用一样打开，没有网络也能用。", "Tap Share, then “Add to Home Screen”. It then opens like an app, also without a network."],
  install: ["安装", "Install"],
  no: ["不用了", "No, thanks"],
});

export function Install() {
  if (!installable.value) return null;
  return (
    <section class="card stack" aria-labelledby="install">
      <h2 id="install">{t.title}</h2>
      <p>{installable.value === "prompt" ? t.why : t.byHand}</p>
      <div class="buttons">
        <button type="button" onClick={decline}>{t.no}</button>
        {installable.value === "prompt" && <button type="button" class="primary" onClick={() => void install()}>{t.install}</button>}
      </div>
    </section>
  );
}
