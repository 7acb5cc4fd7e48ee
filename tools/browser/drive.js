// Drives one real browser for a Go test. It reads one JSON command per line and writes one JSON answer per line.
//
//   open       {width, height, script, dark, zone}   a page without history or cookies; script false turns JavaScript off; zone is the device's
//   goto       {url}                     → {status}
//   click      {selector}    fill {selector, value}    check {selector}
//   text       {selector}                → {text}
//   screenshot {path, full}
//   measure    {}                        → {width, font, targets}: overflow, and what is too small to tap
//   audit      {}                        → {violations}: axe-core's, with the elements they are about
//   download   {selector}                → {text, name}
//   pdf        {path}
//   arrive     {path}                    waits until the page at a path is shown
//   run        {code}                    → {text}: what an expression gives on the page
//   until      {code}                    waits until an expression is true on the page
//   offline    {on}                      takes the network away, or gives it back
//   forget     {}                        throws the cookies away
//   authenticator {}                     gives the page's browser a device with passkeys
//   copied     {}                        has that device count its uses from 0, as a copy of it would
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
let page, laboratory, cdp, authenticatorId;

const commands = {
  async open({ width = 360, height = 740, script = false, dark = false, zone }) {
    if (page) await page.context().close();
    const context = await browser.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled: script, viewport: { width, height }, deviceScaleFactor: width < 700 ? 2 : 1,
      hasTouch: width < 700, isMobile: width < 700, colorScheme: dark ? "dark" : "light", acceptDownloads: true, locale: "en-US", timezoneId: zone });
    context.setDefaultTimeout(10000);
    page = await context.newPage();
  },
  async goto({ url }) { return { status: (await page.goto(url)).status() }; },
  async click({ selector }) { await page.locator(selector).first().click(); await page.waitForLoadState(); },
  async fill({ selector, value }) { await page.locator(selector).first().fill(value); },
  async check({ selector }) { await page.locator(selector).first().check(); },
  async text({ selector = "body" }) { return { text: await page.locator(selector).first().innerText() }; },
  async screenshot({ path, full = false }) { await page.screenshot({ path, fullPage: full }); },
  async measure() {
    return page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      footer: (f => !!f && f.getBoundingClientRect().bottom <= innerHeight + 1 && f.getBoundingClientRect().top < innerHeight)(document.querySelector("footer")),
      small: [...document.querySelectorAll("button, .button, summary, input:not([type=hidden]), label.tick")]
        .filter(e => e.getClientRects().length && !e.classList.contains("quiet") && e.type !== "radio" && e.type !== "checkbox" && e.getBoundingClientRect().height < 32)
        .map(e => e.outerHTML.slice(0, 80)),
    }));
  },
  async audit() {
    // axe-core is a script, and the page is shown without scripts, so it checks a copy.
    laboratory ??= await browser.newPage({ ignoreHTTPSErrors: true });
    await laboratory.setViewportSize(page.viewportSize());
    await laboratory.emulateMedia({ colorScheme: await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light") });
    const html = (await page.content()).replace("<head>", `<head><base href="${new URL(page.url()).origin}">`);
    await laboratory.setContent(html, { timeout: 10000 });
    await laboratory.evaluate(axe);
    const found = await laboratory.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }));
    return { violations: found.violations.map(v => `${v.id}: ${v.help} (${v.nodes.map(n => n.target.join(" ")).join("; ")})`) };
  },
  async download({ selector }) {
    const [file] = await Promise.all([page.waitForEvent("download"), page.locator(selector).first().click()]);
    return { name: file.suggestedFilename(), text: readFileSync(await file.path(), "utf8") };
  },
  async arrive({ path }) { await page.waitForURL(url => url.pathname === path); await page.waitForLoadState(); },
  async run({ code }) { return { text: String(await page.evaluate(code)) }; },
  async until({ code }) { // Playwright's own waiting is refused by the pages' content policy
    for (const last = Date.now() + 15000; !(await page.evaluate(code));) {
      if (Date.now() > last) throw new Error(`never true; the page says ${(await page.locator("body").innerText()).slice(0, 600)}`);
      await new Promise(next => setTimeout(next, 50));
    }
  },
  async offline({ on }) { await page.context().setOffline(on); },
  async forget() { await page.context().clearCookies(); },
  async authenticator() {
    cdp = await page.context().newCDPSession(page);
    await cdp.send("WebAuthn.enable");
    ({ authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport: "internal", hasResidentKey: true,
      hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } }));
  },
  async copied() {
    const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
    for (const credential of credentials) {
      await cdp.send("WebAuthn.removeCredential", { authenticatorId, credentialId: credential.credentialId });
      await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: { ...credential, signCount: 0 } });
    }
  },
  async pdf({ path }) { await page.pdf({ path, format: "Letter" }); },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: name, ...fields } = JSON.parse(line);
  let answer;
  try {
    answer = { ...(await commands[name](fields)) };
  } catch (error) {
    answer = { error: String(error.message ?? error).split("\n")[0] };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
await browser.close();
