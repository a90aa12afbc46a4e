// What the checks of pages share: the browser, axe-core, and the list of failures.
//
// The first argument of a check is a folder with `node_modules`. Screenshots and prints for a person to
// look at go to its folder `seen`. CHROMIUM names the browser if it is not `chromium`.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

export const FOLDER = resolve(process.argv[2]);
const require = createRequire(join(FOLDER, "node_modules/"));
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const WIDTHS = [1280, 360];
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const failures = [];

// Print whether something is as it should be, and remember it if not.
export function told(page, what, good, detail = "") {
  console.log(`${good ? "ok  " : "FAIL"} ${page}: ${what}${detail && ` (${detail})`}`);
  if (!good) failures.push(`${page}: ${what}`);
}

// End with 1 if anything failed.
export function ended() {
  console.log(failures.length ? `${failures.length} failed` : "nothing failed");
  process.exit(failures.length ? 1 : 0);
}

// Check an open page with axe-core. Its context must bypass the page's own policy.
export async function judged(page, name, where) {
  await page.evaluate(AXE);
  const found = await page.evaluate((tags) => axe.run(document, { runOnly: tags }), TAGS);
  for (const one of found.violations) {
    console.log(`     ${one.id}: ${one.help}`);
    for (const node of one.nodes.slice(0, 3)) console.log(`       ${node.html.slice(0, 160)}\n       ${node.failureSummary.replaceAll("\n", " ")}`);
  }
  const unsure = found.incomplete.map((one) => `${one.id} ${one.nodes.length}`).join(", ");
  told(name, `${where}: axe finds no violation`, found.violations.length === 0,
    `${found.passes.length} rules passed${unsure && `; to be looked at: ${unsure}`}`);
}

export async function launched() {
  const named = process.env.CHROMIUM ?? "chromium";
  let path;
  try {
    path = execFileSync("which", [named], { encoding: "utf8" }).trim();
  } catch {
    console.error(`error: there is no ${named} here; install the package chromium, or name a browser in CHROMIUM`);
    process.exit(2);
  }
  const browser = await chromium.launch({ executablePath: path, args: ["--no-sandbox"] });
  console.log(`Chromium ${browser.version()}`);
  return browser;
}
