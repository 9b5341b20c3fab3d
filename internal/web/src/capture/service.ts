// The service worker of /capture: the page opens without a network. It keeps the
// page's own files and nothing else: no answer of the API, no other page.

// What is used of a service worker's own types; those of the whole would replace the page's.
interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Lasting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Events {
  install: Lasting;
  activate: Lasting;
  message: MessageEvent<string>;
  fetch: Fetching;
}
interface Service {
  addEventListener<N extends keyof Events>(name: N, listener: (event: Events[N]) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}
const service = self as unknown as Service;

// Written in by vite.config.ts: the files of this build.
const files: string[] = JSON.parse("__FILES__");
const cacheName = "cleargrid.capture.__VERSION__";
const page = "/capture";

service.addEventListener("install", (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll([page, ...files].map((file) => new Request(file, { cache: file.startsWith("/pages/") ? "default" : "reload" })))));
});

service.addEventListener("activate", (event) => {
  const clean = async () => {
    for (const name of await caches.keys()) if (name.startsWith("cleargrid.capture.") && name !== cacheName) await caches.delete(name);
    await service.clients.claim();
  };
  event.waitUntil(clean());
});

service.addEventListener("message", (event) => {
  if (event.data === "take over") void service.skipWaiting();
});

service.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  const file = mode === "navigate" ? (pathname === page ? page : null) : files.includes(pathname) ? pathname : null;
  if (!file) return;
  event.respondWith(caches.open(cacheName).then(async (cache) => (await cache.match(file)) ?? fetch(event.request)));
});

export {};
