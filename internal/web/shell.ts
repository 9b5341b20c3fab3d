// Tells the service worker of /capture which files of this build the page consists
// of: what its entry imports, at once or later, and what that needs.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

// Files whose names do not tell what is in them.
const fixed = ["icon.svg", "icon-192.png", "icon-512.png", "capture.webmanifest"];

export function shell(): Plugin {
  return {
    name: "capture-shell",
    enforce: "post",
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((o) => o.type === "chunk");
      const files = new Set(fixed.map((name) => `/${name}`));
      const follow = (name: string) => {
        const chunk = chunks.find((c) => c.fileName === name);
        if (!chunk || files.has(`/${name}`)) return;
        files.add(`/${name}`);
        for (const css of chunk.viteMetadata?.importedCss ?? []) files.add(`/${css}`);
        for (const asset of chunk.viteMetadata?.importedAssets ?? []) files.add(`/${asset}`);
        for (const next of [...chunk.imports, ...chunk.dynamicImports]) follow(next);
      };
      const entry = chunks.find((c) => c.isEntry && c.name === "capture");
      const worker = chunks.find((c) => c.name === "capture-worker");
      if (!entry || !worker) throw new Error("the capture page or its service worker is not in the build");
      follow(entry.fileName);
      for (const name of Object.keys(bundle)) if (name.includes("hash.worker")) files.add(`/${name}`);
      const list = [...files].sort();
      const hash = createHash("sha256").update(list.join("\n"));
      for (const name of ["capture.html", ...fixed.map((name) => `public/${name}`)]) hash.update(readFileSync(new URL(name, import.meta.url)));
      const version = hash.digest("hex").slice(0, 12);
      worker.code = worker.code.replace(/(["'`])__FILES__\1/, JSON.stringify(JSON.stringify(list))).replaceAll("__VERSION__", version);
    },
  };
}
