// Opens every report of a folder in a headless Chromium and proves of each that it fetches nothing, that nothing in it runs,
// that axe-core finds nothing to object to, in light and in dark, and that it fits a narrow screen.
//
//   node check.mjs FOLDER [--shots FOLDER]     CHROMIUM=/path/to/chromium where it is not /usr/bin/chromium
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const [folder, flag, shots] = process.argv.slice(2);
if (!folder || !existsSync(executablePath)) {
  console.error(folder ? `there is no Chromium at ${executablePath}` : "usage: node check.mjs FOLDER [--shots FOLDER]");
  process.exit(2);
}

const args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// Opens a page with its ears open: every request, every word on the console, every dialog.
async function opened(browser, file, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const heard = { requests: [], errors: [] };
  page.on("request", (request) => heard.requests.push(request.url()));
  page.on("console", (message) => heard.errors.push(`console ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => heard.errors.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { heard.errors.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("popup", () => heard.errors.push("a window was opened"));
  await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
  // Whatever an image or a refresh would do, it does by now.
  await page.waitForTimeout(150);
  return { context, page, heard };
}

// What a report may be made of. The hostile texts of the samples set `pwned` if anything of them runs.
function anatomy() {
  const found = [];
  if ("pwned" in window) found.push("something ran: window.pwned is set");
  const banned = document.querySelectorAll("script,img,iframe,object,embed,form,base,audio,video,input,button,template");
  for (const node of banned) found.push(`<${node.localName}> in the page: ${node.outerHTML.slice(0, 120)}`);
  for (const node of document.querySelectorAll("*")) {
    for (const { name, value } of node.attributes) {
      if (name.startsWith("on")) found.push(`handler ${name} on <${node.localName}>`);
      const link = ["href", "src", "action", "xlink:href", "formaction"].includes(name);
      if (link && !value.startsWith("#") && value !== "data:,") found.push(`${name}=${value} on <${node.localName}>`);
      if (link && value.length > 1 && value.startsWith("#") && !document.getElementById(value.slice(1))) found.push(`${value} leads nowhere`);
      if (name === "style" && !/^--w:\d+\.\d%$/.test(value)) found.push(`style ${value}`);
    }
  }
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  if (!document.documentElement.lang) found.push("no lang");
  if (!document.querySelector("meta[http-equiv=Content-Security-Policy]")) found.push("no policy");
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  for (const id of ids.filter((id, at) => ids.indexOf(id) !== at)) found.push(`id ${id} twice`);
  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(document.documentElement.outerHTML)) {
    found.push("a character that terminals or browsers obey");
  }
  return found;
}

async function accessible(page, rules) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((node) => { node.open = true; }));
  if (!await page.evaluate(() => "axe" in window)) await page.evaluate(axe);
  const result = await page.evaluate((tags) => axe.run(document, { runOnly: tags, resultTypes: ["violations"] }), rules);
  return result.violations.map((own) => `axe ${own.id}: ${own.help}: ${own.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(" | ")}`);
}

async function problems(browser, file) {
  const found = [];
  const take = async (heard, page) => {
    found.push(...heard.errors, ...heard.requests.slice(1).map((url) => `request: ${url}`));
    found.push(...await page.evaluate(anatomy));
  };
  const own = await opened(browser, file, { colorScheme: "light", viewport: { width: 1200, height: 900 } });
  await take(own.heard, own.page);
  found.push(...await accessible(own.page, RULES));
  await own.page.emulateMedia({ colorScheme: "dark" });
  found.push(...(await accessible(own.page, ["cat.color"])).map((one) => `dark: ${one}`));
  await own.page.setViewportSize({ width: 400, height: 800 });
  const width = await own.page.evaluate(() => document.documentElement.scrollWidth);
  if (width > 400) found.push(`400 wide, it needs ${width}`);
  await own.context.close();
  // Once without its policy: the markup alone must be harmless too.
  const bare = await opened(browser, file, { bypassCSP: true });
  await take(bare.heard, bare.page);
  await bare.context.close();
  return [...new Set(found)];
}

async function pictures(browser, file) {
  const name = basename(file, ".html");
  const looks = [["light", { colorScheme: "light", viewport: { width: 1200, height: 900 } }],
    ["dark", { colorScheme: "dark", viewport: { width: 1200, height: 900 } }],
    ["narrow", { colorScheme: "light", viewport: { width: 400, height: 800 } }]];
  for (const [look, options] of looks) {
    const { context, page } = await opened(browser, file, options);
    await page.screenshot({ path: join(shots, `${name}-${look}.png`), fullPage: true });
    if (look === "light") await page.pdf({ path: join(shots, `${name}.pdf`), format: "A4", margin: { top: "15mm", bottom: "15mm", left: "15mm", right: "15mm" } });
    await context.close();
  }
}

// A page that does all that a report must not: a check that finds nothing in it is no check.
const CONTROL = `<!doctype html><html><title>x</title><body><img src="http://127.0.0.1:9/p.png" onerror="window.pwned=1">
<script>window.pwned=1;console.log("ran")</script><a href="javascript:alert(1)">x</a><p style="color:#ccc;background:#fff">pale</p>
<div style="width:900px">wide</div></body></html>`;
const CAUGHT = [/window\.pwned/, /<script>/, /handler onerror/, /href=javascript/, /request: http/, /axe color-contrast/, /axe html-has-lang/, /console/, /no policy/, /it needs 9/];

const browser = await chromium.launch({ executablePath, args });
const began = Date.now();
let bad = 0;
try {
  const scratch = mkdtempSync(join(tmpdir(), "whodunit-browser-"));
  const control = join(scratch, "control.html");
  writeFileSync(control, CONTROL);
  const caught = await problems(browser, control);
  rmSync(scratch, { recursive: true });
  for (const want of CAUGHT.filter((want) => !caught.some((own) => want.test(own)))) {
    bad += 1;
    console.error(`the check is blind: nothing like ${want} in\n  ${caught.join("\n  ")}`);
  }
  const files = readdirSync(folder).filter((name) => name.endsWith(".html")).sort();
  if (files.length === 0) throw new Error(`no report in ${folder}`);
  if (flag === "--shots") mkdirSync(shots, { recursive: true });
  for (const name of files) {
    const file = resolve(folder, name);
    const found = await problems(browser, file);
    console.log(`${found.length === 0 ? "ok  " : "BAD "} ${name}`);
    found.forEach((own) => console.error(`  ${own}`));
    bad += found.length;
    if (flag === "--shots") await pictures(browser, file);
  }
  console.log(`${files.length} reports, ${bad} problems, ${Date.now() - began} ms`);
} finally {
  await browser.close();
}
process.exit(bad === 0 ? 0 : 1);
