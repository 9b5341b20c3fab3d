// Three pages out of one project. Nothing is inlined, so that the strict
// Content-Security-Policy of web.go holds for what is built here.
import { resolve } from "node:path";
import preact from "@preact/preset-vite";
import { defineConfig } from "vite";
import { shell } from "./shell.ts";

// A developer's server: `cleargrid serve` on its default port answers the API.
const backend = process.env.CLEARGRID_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [preact({ reactAliasesEnabled: false }), shell()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    emptyOutDir: true,
    assetsDir: "pages",
    rollupOptions: {
      input: {
        ...Object.fromEntries(["index", "capture", "playground"].map((page) => [page, resolve(import.meta.dirname, `${page}.html`)])),
        "capture-worker": resolve(import.meta.dirname, "src/capture/service.ts"),
      },
      // A service worker's address stays, or the old one would never be replaced.
      output: { entryFileNames: (chunk) => (chunk.name === "capture-worker" ? "capture-worker.js" : "pages/[name]-[hash].js") },
    },
  },
  // As objects: with the short form Vite changes the host, for which the URLs of evidence are signed.
  server: { proxy: { "/graphql": { target: backend, ws: true }, "/uploads": { target: backend }, "/evidence": { target: backend }, "/verify": { target: backend }, "/notices": { target: backend } } },
});
