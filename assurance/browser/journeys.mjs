// Fill in each page of the service as a person would, and check what docs/pages.md promises.
//
//   node assurance/browser/journeys.mjs FOLDER ADDRESS
//
// Each journey uses the keyboard only, in a browser without script, at 1280 and at 360 px. Then the same
// journey is made in a browser with script, which axe-core needs, and its last page is printed.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { FOLDER, WIDTHS, ended, launched, judged, told } from "./common.mjs";

const SERVICE = process.argv[3];
const DAY = "29/11/2026"; // so that the journeys do not depend on the clock
const MOST_STOPS = 400; // from one stop of the keyboard to another
const SEVEN = [
  "Reference\tGrade\tShare of full time\tNewly-qualified period completed",
  "M-1\tPO\t1\tyes", "M-2\tPO\t1\tno", "M-3\tPSO\t1\t", "M-4\tPSO\t0.6\t", "M-5\tCA\t1\t", "M-6\tPQiP\t\t", "M-7\tPQiP\t\t",
].join("\n");

const EXPORT = "CRN,Order Type,Sentence Date,Hours Ordered,Adjustments,Team\n" +
  "X1,Community Order,23/06/2026,120,-10,North\nX2,Community Order,03/07/2026,80,,South\n";

// A keyboard on an open page: everything is reached by Tab, and the focus must be seen.
class Keyboard {
  constructor(page) { this.page = page; this.unseen = []; }

  async open(path) { await this.page.goto(SERVICE + path); }

  async to(selector) {
    for (let stop = 0; stop < MOST_STOPS; stop += 1) {
      const at = await this.page.evaluate((wanted) => {
        const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
        const inView = box.bottom > 0 && box.top < innerHeight && box.width > 0;
        const marked = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
        return { there: one.matches(wanted), seen: one === document.body || (inView && marked), what: one.outerHTML.slice(0, 80) };
      }, selector);
      if (!at.seen) this.unseen.push(at.what);
      if (at.there) return;
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`no way by keyboard to ${selector}`);
  }

  async type(id, text) {
    await this.to(`[id="${id}"]`);
    await this.page.keyboard.press("Control+a");
    await this.page.keyboard.insertText(text);
  }

  // Choose in a list by its first letters.
  async choose(id, text) {
    await this.to(`[id="${id}"]`);
    await this.page.keyboard.type(text);
  }

  // Choose one of the answers to a question: arrows move between them.
  async answer(id, word) {
    const place = { yes: 2, no: 1 }[word];
    await this.to(`[name="${id}"]`);
    for (let time = 0; time < place; time += 1) await this.page.keyboard.press("ArrowUp");
  }

  async press(selector) {
    await this.to(selector);
    const loaded = this.page.waitForEvent("load");
    await this.page.keyboard.press("Enter");
    await loaded;
  }

  // Choose a file. The dialog is the system's own, so only the way to it is by keyboard.
  async file(id, name, text) {
    await this.to(`[id="${id}"]`);
    await this.page.setInputFiles(`[id="${id}"]`, { name, mimeType: "text/csv", buffer: Buffer.from(text) });
  }

  // Press a button that opens a new tab, and return the text there.
  async opened(selector) {
    await this.to(selector);
    const opens = this.page.waitForEvent("popup");
    await this.page.keyboard.press("Enter");
    const tab = await opens;
    await tab.waitForLoadState();
    const text = await tab.innerText("body");
    await tab.close();
    return text;
  }

  async reads(text) {
    const found = (await this.page.innerText("body")).replace(/\s+/g, " ");
    return found.includes(text);
  }
}

const JOURNEYS = {
  start: { steps: async (keys) => { await keys.open("/"); }, reads: ["What you can do", "Nothing is stored"] },
  "unpaid-work-wrong": {
    steps: async (keys) => {
      await keys.open("/unpaid-work");
      await keys.type("sentence_date", "31/2/2026");
      await keys.type("required_minutes", "many");
      await keys.page.keyboard.press("Enter");
      await keys.page.waitForSelector(".problems");
    },
    reads: ["There is a problem", "Hours ordered must be a number"],
    kept: { sentence_date: "31/2/2026", required_minutes: "many" },
  },
  "unpaid-work-answered": {
    steps: async (keys) => {
      await keys.open("/unpaid-work");
      await keys.type("on", DAY);
      await keys.type("reference", "EX-1");
      await keys.choose("order_type", "Comm");
      await keys.type("sentence_date", "3/3/2026");
      await keys.type("required_minutes", "100");
      await keys.answer("imposed_on_breach", "no");
      await keys.type("completed_minutes", "40:30");
      await keys.answer("six_month_review_done", "yes");
      await keys.press("form button");
    },
    reads: ["EX-1 on 29 Nov 2026", "Nine-month review point", "40 h 30 min of 100 h done"],
    kept: { completed_minutes: "40:30" },
  },
  "pod-smallest-change": {
    steps: async (keys) => {
      await keys.open("/pod");
      await keys.type("on", DAY);
      await keys.type("a.reference", "POD-7");
      await keys.type("paste", SEVEN);
      await keys.press('[value="paste"]');
      await keys.press('[value="try.a.learner:-1"]');
    },
    reads: ["M-6 (PQiP) left POD-7", "number of learners: met, was requirement not met"],
  },
  "pod-two": {
    steps: async (keys) => {
      await keys.open("/pod");
      await keys.type("on", DAY);
      await keys.type("a.reference", "POD-7");
      await keys.type("paste", SEVEN);
      await keys.press('[value="paste"]');
      await keys.press('[value="second"]');
      await keys.type("b.reference", "POD-8");
      await keys.type("b.members.0.reference", "M-9");
      await keys.choose("b.members.0.grade", "PO");
      await keys.choose("b.members.0.nqo_completed", "Y");
      await keys.press('.team ~ * [value="check"], .teams + .press [value="check"]');
      await keys.press('[value="move.7"]');
    },
    reads: ["M-7 (PQiP) moved from POD-7 to POD-8", "Your changes, and the answers that changed"],
  },
  "curfew-variation": {
    steps: async (keys) => {
      await keys.open("/curfew-variation");
      await keys.type("on", DAY);
      await keys.type("reference", "EX-1");
      await keys.choose("order_type", "Comm");
      await keys.answer("adult", "yes");
      await keys.type("convicted_on", "2/3/2026");
      await keys.answer("order_in_force", "yes");
      await keys.answer("has_curfew_requirement", "yes");
      await keys.type("first_effect_on", "23/3/2026");
      await keys.type("curfew_ends_on", "20/1/2027");
      await keys.answer("has_monitoring_requirement", "no");
      await keys.press('[value="next"]');
      await keys.answer("circumstances_changed", "yes");
      await keys.answer("person_consents", "yes");
      await keys.press('[value="next"]');
      for (const [week, start, end] of [["current", "19:00", "07:00"], ["proposed", "20:00", "08:00"]]) {
        await keys.choose(`${week}.0.day`, "Every");
        await keys.type(`${week}.0.start`, start);
        await keys.type(`${week}.0.end`, end);
        await keys.type(`${week}.0.place`, "home");
      }
      await keys.answer("boundary_changes", "no");
      await keys.press('[value="next"]');
      await keys.answer("form_done", "no");
      await keys.press('[value="next"]');
    },
    reads: ["EX-1 on 29 Nov 2026", "May the officer vary the curfew? Yes", "Next step Form", "Who: practitioner"],
    kept: { "proposed.0.start": "20:00" },
  },
  "curfew-variation-wrong": {
    steps: async (keys) => {
      await keys.open("/curfew-variation");
      await keys.type("on", DAY);
      await keys.press('[value="all"]');
      await keys.type("current.0.start", "7pm");
      await keys.press('[value="next"]');
    },
    reads: ["There is a problem", "enter the start as 24-hour time"],
    kept: { "current.0.start": "7pm" },
  },
  file: {
    steps: async (keys) => {
      await keys.open("/file");
      await keys.type("on", DAY);
      await keys.file("file", "export.csv", EXPORT);
      await keys.press('[value="look"]');
      await keys.choose("column.4.unit", "Hours");
      const text = await keys.opened('[value="report"]');
      if (!text.includes("2 orders on 29 Nov 2026")) throw new Error("the report does not open");
    },
    reads: ["The file: export.csv, 2 rows", "How the columns are read", "Are the numbers hours or minutes?"],
  },
  rules: {
    steps: async (keys) => {
      await keys.open("/rules");
      await keys.type("q", "nine review");
      await keys.press("form button");
      await keys.press('a[href^="/rules/upw.review-9"]');
    },
    reads: ["The nine-month review is recorded", "What changed when", "Sources"],
  },
  "rules-changes": {
    steps: async (keys) => {
      await keys.open("/rules/changes");
      await keys.type("from", "1/1/2026");
      await keys.type("to", DAY);
      await keys.press("form button");
    },
    reads: ["11 May 2026", "Before:"],
  },
};

async function walked(browser, name, journey, width) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled: false });
  const page = await context.newPage();
  const said = [], elsewhere = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  page.on("request", (request) => { if (!request.url().startsWith(`${SERVICE}/`)) elsewhere.push(request.url()); });
  const keys = new Keyboard(page);
  await journey.steps(keys);
  for (const text of journey.reads) told(name, `${width} px, keyboard only, no script: reads "${text}"`, await keys.reads(text));
  for (const [id, text] of Object.entries(journey.kept ?? {})) {
    const value = await page.inputValue(`[id="${id}"]`);
    told(name, `${width} px: ${id} is kept`, value === text, value);
  }
  told(name, `${width} px: the focus can be seen at each stop`, keys.unseen.length === 0, keys.unseen.slice(0, 2).join(" "));
  told(name, `${width} px: nothing on the console`, said.length === 0, said.join("; "));
  told(name, `${width} px: no request elsewhere`, elsewhere.length === 0, elsewhere.join(" "));
  told(name, `${width} px: no cookie`, (await context.cookies()).length === 0);
  const personal = /EX-|POD-|M-\d/.test(page.url());
  told(name, `${width} px: nothing about a case in the address`, !personal, page.url());
  const { scrollWidth, clientWidth } = await page.evaluate(() => ({
    scrollWidth: document.scrollingElement.scrollWidth, clientWidth: document.scrollingElement.clientWidth,
  }));
  told(name, `${width} px: does not scroll sideways`, scrollWidth <= clientWidth, `${scrollWidth}`);
  await page.screenshot({ path: join(FOLDER, "seen", `service-${name}-${width}.png`), fullPage: true });
  await context.close();
}

async function examined(browser, name, journey, width) {
  // The page forbids all script; the checker needs it, in this context only.
  const context = await browser.newContext({ viewport: { width, height: 900 }, bypassCSP: true });
  const page = await context.newPage();
  await journey.steps(new Keyboard(page));
  if (width === WIDTHS[0]) {
    const pdf = (await page.pdf({ path: join(FOLDER, "seen", `service-${name}.pdf`), format: "A4" })).toString("latin1");
    told(name, "prints", (pdf.match(/\/Type\s*\/Page\b/g) ?? []).length > 0);
  }
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  await judged(page, name, `${width} px`);
  await context.close();
}

mkdirSync(join(FOLDER, "seen"), { recursive: true });
const browser = await launched();
for (const [name, journey] of Object.entries(JOURNEYS)) {
  for (const width of WIDTHS) {
    try {
      await walked(browser, name, journey, width);
      await examined(browser, name, journey, width);
    } catch (error) {
      told(name, `${width} px: the journey ends`, false, String(error).split("\n")[0]);
    }
  }
}
await browser.close();
ended();
