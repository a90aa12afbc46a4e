// Open each page in Chromium and hold it to what docs/morning-report.md promises.
//
//   node assurance/browser/check.mjs FOLDER
//
// FOLDER holds `pages/*.html` and `node_modules`. Screenshots and prints for a person to look at go
// to FOLDER/seen. CHROMIUM names the browser if it is not `chromium`. Ends with 1 if anything fails.

import { mkdirSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";

import { FOLDER, WIDTHS, ended, launched, judged, told } from "./common.mjs";

const MANY = "many"; // the page that is timed
const TIMES = 5;
const MOST_MS = 2000;
const MOST_STOPS = 2500; // of a keyboard walk

// Nothing is said on the console, no request leaves the page, it does not scroll sideways.
async function quiet(browser, name, address) {
  for (const width of WIDTHS) {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const said = [], asked = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(String(error)));
    page.on("dialog", (dialog) => { said.push("a dialog"); dialog.dismiss(); });
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(address);
    const sizes = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.scrollingElement;
      return { scrollWidth, clientWidth, scripts: document.scripts.length, images: document.images.length };
    });
    told(name, `${width} px: nothing on the console`, said.length === 0, said.join("; "));
    told(name, `${width} px: no request but for itself`, asked.length === 1 && asked[0] === address, asked.slice(1).join(" "));
    told(name, `${width} px: does not scroll sideways`, sizes.scrollWidth <= sizes.clientWidth, `${sizes.scrollWidth}`);
    told(name, `${width} px: no script, no image`, sizes.scripts + sizes.images === 0);
    await page.screenshot({ path: join(FOLDER, "seen", `${name}-${width}.png`), fullPage: name !== MANY });
    await page.close();
  }
}

async function accessible(browser, name, address) {
  for (const width of WIDTHS) {
    // The page forbids foreign scripts and styles; the checker needs both, in this context only.
    const context = await browser.newContext({ viewport: { width, height: 900 }, bypassCSP: true });
    const page = await context.newPage();
    await page.goto(address);
    await page.addStyleTag({ content: ".block { content-visibility: visible !important }" });
    await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
    await judged(page, name, `${width} px`);
    await context.close();
  }
}

// Tab reaches every stop in the order of the page, each can be seen, and the first skips ahead.
async function walkable(browser, name, address) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(address);
  const stops = await page.evaluate(() => {
    const found = [...document.querySelectorAll("a[href], summary, [tabindex='0']")];
    const shown = found.filter((one) => !one.closest("details:not([open])") || one.tagName === "SUMMARY");
    shown.forEach((one, place) => { one.dataset.stop = place; });
    return shown.length;
  });
  let wrong = 0, unseen = 0;
  const walked = Math.min(stops, MOST_STOPS);
  for (let place = 0; place < walked; place += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
      const inView = box.bottom > 0 && box.top < innerHeight && box.width > 0;
      return { stop: Number(one.dataset.stop), seen: inView && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
    });
    wrong += at.stop !== place;
    unseen += !at.seen;
  }
  told(name, `${walked} of ${stops} stops of the keyboard are reached in order`, wrong === 0, `${wrong} not`);
  told(name, "the focus can be seen at each", unseen === 0, `${unseen} not`);
  await page.reload();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const main = await page.evaluate(() => document.activeElement.tagName);
  told(name, "the first stop skips to the main content", main === "MAIN", main);
  await page.close();
}

async function timed(browser, name, address) {
  const found = [];
  for (let time = 0; time < TIMES; time += 1) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    const watch = await context.newCDPSession(page);
    await watch.send("Performance.enable", { timeDomain: "threadTicks" });
    await page.goto(address);
    const times = await page.evaluate(async () => {
      await new Promise((done) => { requestAnimationFrame(() => setTimeout(done)); });
      const [way] = performance.getEntriesByType("navigation");
      const paint = performance.getEntriesByName("first-contentful-paint")[0].startTime;
      const ready = performance.now(); // loaded, laid out and drawn
      return { content: way.domContentLoadedEventEnd, load: way.loadEventEnd, paint, ready };
    });
    const { metrics } = await watch.send("Performance.getMetrics");
    found.push({ ...times, processor: 1000 * metrics.find((one) => one.name === "TaskDuration").value });
    await context.close();
  }
  const median = (key) => found.map((one) => one[key]).sort((a, b) => a - b)[Math.floor(TIMES / 2)];
  // The fastest is what the page takes; the others show how busy the machine was.
  const fastest = Math.min(...found.map((one) => one.ready));
  const said = ["paint", "content", "load", "ready", "processor"].map((key) => `${key} ${median(key).toFixed(0)} ms`).join(", ");
  told(name, `opens in less than ${MOST_MS} ms`, fastest < MOST_MS, `fastest of ${TIMES}: ${fastest.toFixed(0)} ms; medians: ${said}`);
}

async function printed(browser, name, address) {
  const page = await browser.newPage();
  await page.goto(address);
  const path = join(FOLDER, "seen", `${name}.pdf`);
  const text = (await page.pdf({ path, format: "A4", printBackground: false })).toString("latin1");
  const sheets = (text.match(/\/Type\s*\/Page\b/g) ?? []).length;
  told(name, "prints", sheets > 0, `${sheets} sheets`);
  await page.close();
}

mkdirSync(join(FOLDER, "seen"), { recursive: true });
const browser = await launched();
for (const file of readdirSync(join(FOLDER, "pages")).filter((one) => one.endsWith(".html")).sort()) {
  const name = basename(file, ".html"), address = pathToFileURL(join(FOLDER, "pages", file)).href;
  await quiet(browser, name, address);
  if (name === MANY) {
    await timed(browser, name, address);
    continue;
  }
  await accessible(browser, name, address);
  await walkable(browser, name, address);
  await printed(browser, name, address);
}
await browser.close();
ended();
