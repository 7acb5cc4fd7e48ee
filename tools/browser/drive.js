// Drives one real browser for the tests of a Go package. It reads one JSON command per line and writes one JSON answer per line. Each command is
// of a visitor, whose number it has in "from" and its answer in "to". Visitors have pages of their own and know nothing of each other; the
// commands of one are done in turn.
//
//   open       {width, height, script, dark, zone, as}   a page without history or cookies; script false turns JavaScript off; zone is the
//                                        device's; as names it, and pages of other names stay open
//   turn       {as}                      goes on with the page of this name
//   reach      {selector}                → {keys}: presses Tab until an element has the focus, which it must get
//   enter      {selector}                → {keys}: reaches a link or button, presses Enter, and waits for what it leads to
//   type       {name, value}             → {keys}: reaches a field of a form by Tab and gives it a value by keys alone
//   goto       {url}                     → {status}
//   click      {selector}    fill {selector, value}    check {selector}
//   paste      {selector}                what was copied, into a field
//   text       {selector}                → {text}
//   screenshot {path, full}
//   measure    {}                        → {width, footer, small, squeezed, outside}: overflow, what is too small to tap, text in columns of a letter, and text that sticks out of its box
//   audit      {width, height, dark}     → {violations, …}: axe-core's, with the elements they are about, and all that measure gives, of a copy of the page on such a screen;
//                                        without a width, on its own
//   download   {selector}                → {text, name}
//   pdf        {path}
//   arrive     {path}                    waits until the page at a path is shown
//   run        {code}                    → {text}: what an expression gives on the page
//   until      {code}                    waits until an expression is true on the page
//   offline    {on}                      takes the network away, or gives it back
//   forget     {}                        throws the cookies away
//   scripts    {on}                      turns JavaScript off or on in a page that was opened with it, and loads the page again
//   authenticator {}                     gives the page's browser a device with passkeys
//   copied     {}                        has that device count its uses from 0, as a copy of it would
//   leave      {}                        closes the visitor's pages
//
// Usage: node drive.js CHROMIUM
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [executablePath] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath, args, headless: true, timeout: 30000 });
const sessions = new WeakMap(); // of Chromium's own protocol, by page
const devices = new WeakMap(); // ids of devices with passkeys, by page

// chromiumOf gives the page's session of Chromium's own protocol, which must stay the same: what it switches on goes with it.
async function chromiumOf(page) {
  if (!sessions.has(page)) sessions.set(page, await page.context().newCDPSession(page));
  return sessions.get(page);
}

// mostTabs is how often Tab is pressed before an element counts as out of reach.
const mostTabs = 300;

// between counts what Tab certainly stops at from the focus to an element; groups of radio buttons are left out.
function between(wanted) {
  const stops = [...document.querySelectorAll("a[href], button, summary, input, select, textarea")]
    .filter(e => e === wanted || (e.getClientRects().length && !e.disabled && e.tabIndex >= 0 && e.type !== "radio" && e.type !== "hidden"));
  return stops.indexOf(wanted) - stops.indexOf(document.activeElement) - 1;
}

// holdTab presses Tab so many times by holding it down, which costs a tenth of single presses.
async function holdTab(page, times) {
  if (times === 0) return;
  const chromium = await chromiumOf(page), send = (type, autoRepeat) => chromium.send("Input.dispatchKeyEvent", { type, autoRepeat, key: "Tab", code: "Tab", windowsVirtualKeyCode: 9 });
  await Promise.all([...Array.from({ length: times }, (_, n) => send("rawKeyDown", n > 0)), send("keyUp", false)]);
}

// tabTo presses Tab until the focus is where test wants it, and gives the number of keys. near is the element, or one before it.
async function tabTo(page, test, argument, near, words) {
  let keys = near ? Math.max(0, await near.evaluate(between)) : 0;
  await holdTab(page, keys);
  for (; keys <= mostTabs; keys++) {
    if (await page.evaluate(test, argument)) return keys;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${words}; the page says ${(await page.locator("body").innerText()).slice(0, 600)}`);
}

// typed gives what is typed into a field of a kind for a value of its form. Dates are typed as an American keyboard has them.
function typed(type, value) {
  const [day, time] = value.split("T");
  if (type !== "date" && type !== "datetime-local") return [value];
  const [year, month, date] = day.split("-");
  if (!time) return [month + date + year];
  const [hour, minute] = time.split(":").map(Number);
  return [month + date + year, "ArrowRight", String(hour % 12 || 12).padStart(2, "0") + String(minute).padStart(2, "0") + (hour < 12 ? "AM" : "PM")];
}

// pressAll presses keys: names of keys, or texts to type. It gives their number.
async function pressAll(page, texts) {
  let keys = 0;
  for (const text of texts) {
    if (text.startsWith("Arrow")) { await page.keyboard.press(text); keys++; } else { await page.keyboard.type(text); keys += text.length; }
  }
  return keys;
}

// measured gives what measure says of the page in which it runs.
const measured = () => ({
  width: document.documentElement.scrollWidth,
  footer: (f => !!f && f.getBoundingClientRect().bottom <= innerHeight + 1 && f.getBoundingClientRect().top < innerHeight)(document.querySelector("footer")),
  small: [...document.querySelectorAll("button, .button, summary, input:not([type=hidden]), label.tick")]
    .filter(e => e.getClientRects().length && !e.classList.contains("quiet") && e.type !== "radio" && e.type !== "checkbox" && e.getBoundingClientRect().height < 32)
    .map(e => e.outerHTML.slice(0, 80)),
  squeezed: [...document.querySelectorAll("main *")]
    .filter(e => [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.textContent.trim().length > 5))
    .filter(e => { const { width, height } = e.getBoundingClientRect(), em = parseFloat(getComputedStyle(e).fontSize); return width > 1 && width < 3 * em && height > 5 * em; })
    .map(e => e.textContent.trim().slice(0, 60)),
  outside: [...document.querySelectorAll("main *:not(svg *)")]
    .flatMap(e => [...e.childNodes].filter(n => n.nodeType === Node.TEXT_NODE && n.textContent.trim()))
    .filter(n => {
      const box = n.parentElement.closest("li, p, dd, dt, td, th, section, div, main"), range = document.createRange();
      range.selectNodeContents(n);
      const { right, width } = box.getBoundingClientRect(), { paddingRight, overflowX } = getComputedStyle(box);
      return width > 1 && overflowX === "visible" && [...range.getClientRects()].some(r => r.width > 1 && r.right > right - parseFloat(paddingRight) + 2);
    })
    .map(n => n.textContent.trim().slice(0, 60)),
});

// The laboratory is the one page in which copies of all pages are checked, one after the other, so that axe-core is loaded and compiled once.
let laboratory, copied, audits = Promise.resolve(); // copied: the content of the laboratory

// audit checks a copy of a page, on a screen of a size. axe-core is a script, and the pages themselves are shown without scripts.
async function audit(html, size, colorScheme) {
  laboratory ??= await browser.newPage({ ignoreHTTPSErrors: true });
  await laboratory.setViewportSize(size);
  await laboratory.emulateMedia({ colorScheme });
  if (html !== copied) {
    copied = "";
    await laboratory.setContent(html, { timeout: 30000 });
    if (!(await laboratory.evaluate(() => !!window.axe))) await laboratory.evaluate(axe); // it outlives the content
    copied = html;
  }
  const found = await laboratory.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], resultTypes: ["violations"], preload: false, iframes: false }));
  return { ...await laboratory.evaluate(measured), violations: found.violations.map(v => `${v.id}: ${v.help} (${v.nodes.map(n => n.target.join(" ")).join("; ")})`) };
}

const commands = {
  async open({ width = 360, height = 740, script = false, dark = false, zone, as = "" }, visitor) {
    if (visitor.pages[as]) await visitor.pages[as].context().close();
    const context = await browser.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled: script, viewport: { width, height }, deviceScaleFactor: width < 700 ? 2 : 1,
      hasTouch: width < 700, isMobile: width < 700, colorScheme: dark ? "dark" : "light", acceptDownloads: true, permissions: ["clipboard-write"], locale: "en-US", timezoneId: zone });
    context.setDefaultTimeout(30000);
    visitor.page = visitor.pages[as] = await context.newPage();
  },
  async turn({ as }, visitor) { visitor.page = visitor.pages[as]; await visitor.page.bringToFront(); },
  async reach({ selector }, { page }) {
    const wanted = await page.locator(selector).first().elementHandle();
    return { keys: await tabTo(page, e => e === document.activeElement, wanted, wanted, selector) };
  },
  async enter({ selector }, { page }) {
    const wanted = await page.locator(selector).first().elementHandle();
    const leads = await wanted.evaluate(e => e.tagName !== "SUMMARY");
    const keys = await tabTo(page, e => e === document.activeElement, wanted, wanted, selector);
    await Promise.all([leads ? page.waitForNavigation() : undefined, page.keyboard.press("Enter")]);
    return { keys: keys + 1 };
  },
  async type({ name, value }, { page }) {
    const field = page.locator(`[name="${name}"]:visible`).first();
    const type = (await field.count()) ? await field.evaluate(e => e.type) : "none";
    if (type === "none") throw new Error(`there is no field ${name}; the page says ${(await page.locator("body").innerText()).slice(0, 600)}`);
    let keys = await tabTo(page, ([name, value, type]) => {
      const e = document.activeElement;
      return e.name === name && (type !== "checkbox" || e.value === value);
    }, [name, value, type], type === "radio" ? null : await field.elementHandle(), `the field ${name}`);
    if (type === "checkbox") return await page.keyboard.press("Space"), { keys: keys + 1 };
    if (type === "radio" || type === "select-one") {
      const is = ([value]) => document.activeElement.value === value && document.activeElement.checked !== false;
      if (type === "radio" && (await page.evaluate(() => !document.activeElement.checked))) { await page.keyboard.press("Space"); keys++; }
      for (let n = 0; !(await page.evaluate(is, [value])); n++, keys++) {
        if (n > 40) throw new Error(`the field ${name} has no ${value}`);
        await page.keyboard.press("ArrowDown");
      }
      return { keys };
    }
    if (type !== "date" && type !== "datetime-local" && (await page.evaluate(() => document.activeElement.value))) { await page.keyboard.press("Control+A"); keys++; }
    keys += await pressAll(page, typed(type, value));
    return { keys };
  },
  async goto({ url }, { page }) { return { status: (await page.goto(url)).status() }; },
  async click({ selector }, { page }) { await page.locator(selector).first().click(); await page.waitForLoadState(); },
  async fill({ selector, value }, { page }) { await page.locator(selector).first().fill(value); },
  async paste({ selector }, { page }) { await page.locator(selector).first().focus(); await page.keyboard.press("Control+V"); },
  async check({ selector }, { page }) { await page.locator(selector).first().check(); },
  async text({ selector = "body" }, { page }) { return { text: await page.locator(selector).first().innerText() }; },
  async screenshot({ path, full = false }, { page }) { await page.screenshot({ path, fullPage: full }); },
  async measure(_, { page }) { return page.evaluate(measured); },
  async audit({ width, height, dark }, { page }) {
    const size = width ? { width, height } : page.viewportSize();
    dark ??= await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches);
    const html = (await page.content()).replace("<head>", `<head><base href="${new URL(page.url()).origin}">`);
    return audits = audits.catch(() => {}).then(() => audit(html, size, dark ? "dark" : "light"));
  },
  async download({ selector }, { page }) {
    const [file] = await Promise.all([page.waitForEvent("download"), page.locator(selector).first().click()]);
    return { name: file.suggestedFilename(), text: readFileSync(await file.path(), "utf8") };
  },
  async arrive({ path }, { page }) { await page.waitForURL(url => url.pathname === path); await page.waitForLoadState(); },
  async run({ code }, { page }) { return { text: String(await page.evaluate(code)) }; },
  async until({ code }, { page }) { // Playwright's own waiting is refused by the pages' content policy
    for (const last = Date.now() + 60000; !(await page.evaluate(code));) {
      if (Date.now() > last) throw new Error(`never true; the page says ${(await page.locator("body").innerText()).slice(0, 600)}`);
      await new Promise(next => setTimeout(next, 50));
    }
  },
  async offline({ on }, { page }) { await page.context().setOffline(on); },
  async forget(_, { page }) { await page.context().clearCookies(); },
  async scripts({ on }, { page }) {
    await (await chromiumOf(page)).send("Emulation.setScriptExecutionDisabled", { value: !on });
    if (page.url() !== "about:blank") await page.reload();
  },
  async authenticator(_, { page }) {
    const chromium = await chromiumOf(page);
    await chromium.send("WebAuthn.enable");
    const { authenticatorId } = await chromium.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport: "internal", hasResidentKey: true,
      hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
    devices.set(page, authenticatorId);
  },
  async copied(_, { page }) {
    const chromium = await chromiumOf(page), authenticatorId = devices.get(page);
    const { credentials } = await chromium.send("WebAuthn.getCredentials", { authenticatorId });
    for (const credential of credentials) {
      await chromium.send("WebAuthn.removeCredential", { authenticatorId, credentialId: credential.credentialId });
      await chromium.send("WebAuthn.addCredential", { authenticatorId, credential: { ...credential, signCount: 0 } });
    }
  },
  async pdf({ path }, { page }) { await page.pdf({ path, format: "Letter" }); },
  async leave(_, { pages }) { await Promise.all(Object.values(pages).map(page => page.context().close())); },
};

// visitors are the tests that use the browser, by number: their pages, and the last of their commands.
const visitors = new Map();

// answer carries a command out, and gives its answer or its error.
async function answer(visitor, name, fields) {
  try {
    return { ...(await commands[name](fields, visitor)) };
  } catch (error) {
    return { error: String(error.message ?? error).split("\n")[0] };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { from, do: name, ...fields } = JSON.parse(line);
  if (!visitors.has(from)) visitors.set(from, { pages: {}, last: Promise.resolve() });
  const visitor = visitors.get(from);
  visitor.last = visitor.last.then(async () => process.stdout.write(JSON.stringify({ to: from, ...(await answer(visitor, name, fields)) }) + "\n"));
}
await browser.close();
