// A part of the page that is loaded when it is needed, with a text for while it loads and
// one for when it can't be loaded: no network, or a newer build on the server.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { texts } from "./language";

const t = texts({
  loading: ["正在打开…", "Opening…"],
  failed: ["这个页面未能加载：网络不通，或者服务器已更新为新版本。", "This screen could not be loaded: there is no network, or the server has a newer version."],
  again: ["重新加载", "Load again"],
});

/** The component that `load` gives; another `load` needs another `key`. */
export function Loaded({ load }: { load: () => Promise<ComponentType> }) {
  const [part, setPart] = useState<{ Show: ComponentType } | "failed">();
  useEffect(() => {
    let gone = false;
    load().then(
      (Show) => !gone && setPart({ Show }),
      () => !gone && setPart("failed"),
    );
    return () => {
      gone = true;
    };
  }, []);
  if (part === "failed") {
    return (
      <p class="problem" role="alert">
        {t.failed} <button type="button" onClick={() => location.reload()}>{t.again}</button>
      </p>
    );
  }
  return part ? <part.Show /> : <p class="soft" aria-busy="true">{t.loading}</p>;
}
