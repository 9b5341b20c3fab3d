// Putting the page on the phone's first screen, where the browser lets it be offered.
import { signal } from "@preact/signals";

// Chromium's own: in no standard yet.
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

const key = "cleargrid.capture.install";

let prompt: InstallPrompt | null = null;

/** How the page can be installed here: by the browser's question, by hand, or not at all, also when nobody wants it or it is done. */
export const installable = signal<"prompt" | "byHand" | null>(null);

/** Begin to listen; a browser asks only a page that takes its question early. */
export function offerInstall(): void {
  if (localStorage.getItem(key) || matchMedia("(display-mode: standalone)").matches) return;
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    prompt = event as InstallPrompt;
    installable.value = "prompt";
  });
  addEventListener("appinstalled", decline);
  // Safari alone has this property: false in its window, true on the first screen.
  if ("standalone" in navigator && !navigator.standalone) installable.value = "byHand";
}

/** Ask the person by the browser's own question, which it lets be asked once. */
export async function install(): Promise<void> {
  const asked = prompt;
  prompt = installable.value = null;
  await asked?.prompt();
}

/** Not now and not later, on this phone. */
export function decline(): void {
  localStorage.setItem(key, "no");
  installable.value = null;
}
