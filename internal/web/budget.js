// What a page loads before it shows anything, compressed as the server sends it,
// against its budget in KB. Fails the build when a page has grown beyond.
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";

const budgets = { index: 300, capture: 150 };
const dist = new URL("dist/", import.meta.url);
const read = (file) => readFileSync(new URL(file.replace(/^\//, ""), dist));

let over = false;
for (const [page, budget] of Object.entries(budgets)) {
  const html = read(`${page}.html`).toString();
  const files = new Set([`${page}.html`]);
  const follow = (file) => {
    if (files.has(file)) return;
    files.add(file);
    if (!file.endsWith(".js")) return;
    // Static imports only: what is imported by a call is loaded when it is needed.
    for (const [, name] of read(file).toString().matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g)) follow(`/pages/${name}`);
  };
  for (const [, file] of html.matchAll(/(?:src|href)="(\/pages\/[^"]+)"/g)) follow(file);
  const size = [...files].reduce((sum, file) => sum + gzipSync(read(file)).length, 0) / 1024;
  over ||= size > budget;
  console.log(`${page}: ${size.toFixed(1)} of ${budget} KB before the first paint, ${files.size} files`);
}
const all = readdirSync(new URL("pages/", dist)).length;
console.log(`${all} files in all`);
if (over) {
  console.error("A page is over its budget.");
  process.exit(1);
}
