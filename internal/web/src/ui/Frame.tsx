// What stands around every screen: the product, where one can go, who is signed in,
// and the way out.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { signOut } from "../api/session";
import { LanguageSwitch } from "./LanguageSwitch";
import { texts } from "./language";
import { route } from "./route";

const t = texts({
  skip: ["跳到正文", "Skip to the content"],
  product: ["校园安全隐患排查整治", "Campus safety hazard month"],
  menu: ["主菜单", "Main menu"],
  signOut: ["退出登录", "Sign out"],
});

/** One entry of the menu; `here` is the one whose screen is shown. */
export interface Entry {
  label: string;
  href: string;
  here: boolean;
}

/** The frame around a screen. `tools` stands below the menu: what all screens share, such as region and campaign. */
export function Frame({ entries, tools, who, children }: { entries: Entry[]; tools?: ComponentChildren; who?: string | undefined; children: ComponentChildren }) {
  const main = useRef<HTMLElement>(null);
  const place = route.value.parts.join("/");
  const before = useRef(place);
  const menu = useRef<HTMLElement>(null);
  // A new screen begins at its top, for eyes, keyboards and screen readers alike.
  useEffect(() => {
    if (before.current === place) return;
    before.current = place;
    main.current?.focus();
    scrollTo(0, 0);
  }, [place]);
  // Where the menu is one row that is pushed sideways, the entry in use is in sight.
  const used = entries.findIndex((e) => e.here);
  useEffect(() => {
    const entry = menu.current?.querySelector<HTMLElement>("[aria-current]");
    if (entry) menu.current!.scrollLeft = entry.offsetLeft - (menu.current!.clientWidth - entry.offsetWidth) / 2;
  }, [used]);

  return (
    <div class="frame">
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); main.current?.focus(); }}>{t.skip}</a>
      <header class="frame-head">
        <p class="product"><img src="/icon.svg" alt="" width="24" height="24" /> {t.product}</p>
        <div class="person">
          {who && <span>{who}</span>}
          <LanguageSwitch />
          <button type="button" class="quiet" onClick={() => void signOut()}>{t.signOut}</button>
        </div>
        <nav aria-label={t.menu} ref={menu}>
          <ul>
            {entries.map((e) => <li><a href={e.href} {...(e.here ? { "aria-current": "page" as const } : {})}>{e.label}</a></li>)}
          </ul>
        </nav>
      </header>
      {tools}
      <main ref={main} id="main" tabIndex={-1}>{children}</main>
    </div>
  );
}
