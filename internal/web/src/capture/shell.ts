// The page's own copy on the phone: the service worker, and a newer version of it.
import { effect, signal } from "@preact/signals";
import { outdated } from "./account";

/** A newer version is ready; `update` changes to it. */
export const newer = signal<ServiceWorker | null>(null);

/** Keep the page on this phone. `busy` tells, by signals, whether something is half entered, so that nothing is replaced under a person's hands. */
export async function keepShell(busy: () => boolean): Promise<void> {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  const registration = await navigator.serviceWorker.register("/capture-worker.js", { scope: "/capture", updateViaCache: "none" }).catch(() => null);
  if (!registration) return;
  const ready = (worker: ServiceWorker | null, atStart: boolean) => {
    if (!worker || !navigator.serviceWorker.controller) return;
    newer.value = worker;
    if (atStart && !busy()) update();
  };
  // Another tab may have changed to the newer version: the files of this one are gone then.
  let had = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (had) effect(() => void (busy() || location.reload()));
    had = true;
  });
  ready(registration.waiting, true);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => worker.state === "installed" && ready(worker, false));
  });
  const look = () => void registration.update().catch(() => undefined);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
  outdated.subscribe((is) => is && look());
}

/** Change to the newer version, in every tab as soon as nothing is half entered there; everything entered is kept. */
export function update(): void {
  const worker = newer.value;
  // A message that is sent while the old worker is busy or starting may be delivered late.
  if (worker?.state !== "installed") return;
  worker.postMessage("take over");
  setTimeout(update, 1000);
}
