// What the pages of the staff console do besides, if the browser runs scripts: they show changes without jumping, keep drafts, run the
// clock of an infusion, say the zone of a time, and say when the practice cannot be reached. Every page works without it.

const main = document.querySelector("main");
const zone = document.documentElement.dataset.zone;
const background = { "Kapflow-Background": "1" }; // such a request does not keep the session open
const working = () => main.contains(document.activeElement) && document.activeElement !== main || typedIn(main) || !getSelection().isCollapsed && main.contains(getSelection().anchorNode);
const timeOf = date => new Intl.DateTimeFormat("en-US", { hour: "numeric", minute: "2-digit", timeZone: zone }).format(date);

// typedIn says whether a part of the page has an input that somebody changed.
function typedIn(part) {
  return [...part.querySelectorAll("input, textarea, select")].some(e =>
    e.type === "radio" || e.type === "checkbox" ? e.checked !== e.defaultChecked
      : e.tagName === "SELECT" ? [...e.options].some(o => o.selected !== o.defaultSelected) && e.selectedIndex > 0
      : e.type !== "hidden" && e.value !== e.defaultValue);
}

// ask sends a request of the script's own. It gives undefined if the practice cannot be reached or nobody is signed in, and says so.
async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { ...options, headers: background, redirect: "manual", cache: "no-store" });
  } catch {
    return tell({ offline: true });
  }
  if (answer.type === "opaqueredirect" || answer.status === 403) return tell({ out: true });
  if (answer.status >= 500) return tell({ offline: true });
  tell({ offline: false });
  return answer;
}

// --- What all windows of this browser know.

const windows = new BroadcastChannel("kapflow");
let away = false, out = false;
windows.onmessage = event => hear(event.data);

function tell(news) {
  if (news.offline === false && !navigator.onLine) return; // an answer that was under way
  if ("offline" in news && news.offline === away) return;
  windows.postMessage(news);
  hear(news);
}

function hear(news) {
  if (out) return;
  if ("offline" in news) sayOffline(news.offline);
  if (news.out) signedOut();
  if (news.change) refetch();
}

// bar gives one of the lines at the bottom of the window.
function bar(name, role) {
  let at = document.querySelector(".bars > ." + name);
  if (!at) {
    const bars = document.querySelector(".bars") ?? document.body.appendChild(Object.assign(document.createElement("div"), { className: "bars" }));
    bars.append(at = Object.assign(document.createElement("div"), { className: name, hidden: true }));
    at.setAttribute("role", role);
  }
  return at;
}

function sayOffline(yes) {
  const at = bar("offline", "alert");
  if (yes && !away) at.textContent = `Offline since ${timeOf(new Date())}. Nothing is saved until this line is gone. What you typed stays on this page.`;
  at.hidden = !yes;
  if (away && !yes) refetch();
  away = yes;
}

// signedOut says that the session ended. A page of clients shows them no longer; a form stays, since it comes back after the sign-in.
function signedOut() {
  out = true;
  bar("changes", "status").hidden = true;
  const at = bar("offline", "alert");
  at.hidden = false;
  if (!document.querySelector("form[data-form]") && !typedIn(main)) {
    at.textContent = "You are signed out.";
    const again = Object.assign(document.createElement("a"), { href: "/sign-in?next=" + encodeURIComponent(location.pathname + location.search), textContent: "Sign in again", className: "button" });
    const words = Object.assign(document.createElement("p"), { textContent: "You are signed out, so this page is not shown any more." });
    main.replaceChildren(Object.assign(document.createElement("h1"), { textContent: "Signed out" }), words, again);
    return;
  }
  at.textContent = "You are signed out. What you typed is still here and not recorded: send it, sign in, and it comes back filled in.";
}

// --- One stream of changes for all windows.

function stream(done) {
  const source = new EventSource("/live");
  source.onopen = () => tell({ offline: false });
  source.onmessage = event => tell({ change: event.data });
  source.addEventListener("end", () => { source.close(); tell({ out: true }); done(); });
  source.onerror = async () => {
    if (source.readyState === EventSource.CONNECTING) return void ask("/live");
    if (await ask("/live")) tell({ change: "0" }); // the stream was refused, such as with too many of them: ask now and then
    if (out) return done();
    setTimeout(() => stream(done), 15000);
  };
}
const listen = () => new Promise(stream);
if (navigator.locks) navigator.locks.request("kapflow-live", listen);
else listen();
addEventListener("online", () => ask("/live"));
addEventListener("offline", () => tell({ offline: true }));

// --- A page is fetched again, and is shown when nobody is at work in it.

const live = "live" in (main?.dataset ?? {});
const leastGap = 2000; // milliseconds between two fetches of a page
let shown = live ? sense(main) : "", lastFetch = 0, planned = false, pending = null, lastFocus = "";

// sense is what a page says, without what differs each time it is made.
function sense(part) {
  return part.innerHTML.replaceAll(/name="_once" value="[^"]*"/g, "").replaceAll(/<(time|span) [^>]*(data-now|"plain")[^>]*>[^<]*/g, "").replaceAll(/\s+/g, " ");
}

function refetch() {
  if (!live || out || planned) return;
  if (document.hidden) return void document.addEventListener("visibilitychange", refetch, { once: true });
  planned = true;
  setTimeout(fetchAgain, Math.max(0, lastFetch + leastGap - Date.now()) + Math.random() * 300);
}

async function fetchAgain() {
  lastFetch = Date.now();
  planned = false;
  const answer = await ask(location.href);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelector("main[data-live]");
  if (!now) return;
  const places = document.querySelector(".top nav"), placesNow = page.querySelector(".top nav");
  if (places && placesNow && !places.contains(document.activeElement)) places.replaceChildren(...placesNow.childNodes);
  if (sense(now) === shown) return hideChanges();
  pending = now;
  if (working()) offerChanges(countChanges(now, "li, tr"), countChanges(now, "[role=alert]"));
  else showChanges();
}

// countChanges counts the rows of a sort that the page did not have.
function countChanges(now, sort) {
  const rows = part => [...part.querySelectorAll(sort)].map(row => row.textContent.replaceAll(/\s+/g, " "));
  const old = document.createElement("main");
  old.innerHTML = shown;
  const had = new Map();
  for (const text of rows(old)) had.set(text, (had.get(text) ?? 0) + 1);
  return rows(now).filter(text => {
    const left = had.get(text) ?? 0;
    had.set(text, left - 1);
    return left <= 0;
  }).length;
}

// offerChanges says how many rows wait. An alert is said as one, since it does not wait long.
function offerChanges(rows, alerts) {
  const at = bar("changes", "status"), n = alerts || Math.max(1, rows), what = alerts ? "alert" : "change";
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: `${n} ${alerts ? "new " : ""}${what}${n === 1 ? "" : "s"} – show` });
  at.classList.toggle("urgent", alerts > 0);
  button.onclick = showChanges;
  at.replaceChildren(button);
  at.hidden = false;
}

function hideChanges() {
  pending = null;
  bar("changes", "status").hidden = true;
}

// showChanges puts the page as it is now in the place of the one that is shown. Scroll, open parts and focus stay.
function showChanges() {
  const open = [...main.querySelectorAll("details")].map(d => d.open), left = scrollX, top = scrollY;
  shown = sense(pending);
  main.replaceChildren(...document.importNode(pending, true).childNodes);
  hideChanges();
  main.querySelectorAll("details").forEach((d, i) => { d.open = open[i] ?? false; });
  decorate();
  if (lastFocus) ([...main.querySelectorAll("a, button, input, select, textarea, summary")].find(e => nameOf(e) === lastFocus) ?? main).focus({ preventScroll: true });
  scrollTo({ left, top, behavior: "instant" });
}

// nameOf names an element so that it is found again on the next page.
function nameOf(e) { return [e.tagName, e.id, e.getAttribute("href"), e.name, e.value].join(" "); }
main?.addEventListener("focusin", event => { lastFocus = event.target === main ? "" : nameOf(event.target); });
main?.addEventListener("focusout", event => { if (!event.relatedTarget) lastFocus = ""; });

// --- Drafts.

const draftAfter = 2000; // milliseconds after somebody typed

function keepDrafts(form) {
  const say = form.appendChild(Object.assign(document.createElement("p"), { className: "soft kept-at" }));
  say.setAttribute("role", "status");
  let timer = 0;
  const keep = async () => {
    if (!timer) return;
    clearTimeout(timer);
    timer = 0;
    const body = new URLSearchParams(new FormData(form));
    body.set("_about", form.dataset.about);
    body.set("_form", form.dataset.form);
    const answer = await ask("/draft", { method: "POST", body, keepalive: true });
    if (answer?.status === 204) say.textContent = `Draft kept at ${timeOf(new Date(answer.headers.get("Date")))}. It is not recorded yet.`;
    else say.textContent = "The draft could not be kept. What you typed is on this page only.";
  };
  form.addEventListener("input", () => {
    if ("offered" in form.dataset) say.textContent = "Continue or discard the form that you began before. Until then no draft of this one is kept.";
    else timer ||= setTimeout(keep, draftAfter);
  });
  document.addEventListener("visibilitychange", keep);
  addEventListener("pagehide", keep);
  form.addEventListener("submit", () => { clearTimeout(timer); timer = 0; });
}

// A form is not sent into the void: while the practice cannot be reached, it stays as it is.
document.addEventListener("submit", async event => {
  const { target: form, submitter } = event;
  if (!away && navigator.onLine || form.method !== "post") return;
  event.preventDefault();
  if (await ask("/live")) form.requestSubmit(submitter);
  else bar("offline", "alert").textContent = "Offline: this was not sent. What you typed stays on this page. Try again when this line is gone.";
});

// --- Clock and zones.

const elsewhere = (() => {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone, now = new Date(), half = new Date(now.getTime() + 182 * 864e5);
  const wall = (at, timeZone) => at.toLocaleString("en-US", { timeZone });
  return name => [now, half].some(at => wall(at, name) !== wall(at, here));
})();
const zoneName = name => new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "shortGeneric" }).formatToParts(new Date()).find(p => p.type === "timeZoneName").value;

// sayZones adds the zone to every time of the page, if the clock of this device shows another one.
function sayZones() {
  if (!zone || !elsewhere(zone)) return;
  const name = zoneName(zone), times = /\b\d{1,2}:\d{2} [AP]M(?! [A-Z]{1,4}T\b)/g;
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT, { acceptNode: node => node.parentElement.closest("script, style, textarea, svg, .zone") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT });
  const found = [];
  while (walker.nextNode()) if (walker.currentNode.data.search(times) >= 0) found.push(walker.currentNode);
  for (const node of found) node.data = node.data.replaceAll(times, "$& " + name);
  for (const input of main.querySelectorAll("input[type=datetime-local]")) {
    if (!input.nextElementSibling?.classList.contains("zone")) input.after(Object.assign(document.createElement("span"), { className: "bare zone", textContent: name }));
  }
}

// offerCopy puts a button beside each text that is taken to another program.
function offerCopy() {
  for (const field of navigator.clipboard ? main.querySelectorAll("input[data-copy]:not([data-ready])") : []) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "second", textContent: "Copy" });
    field.dataset.ready = "";
    field.after(button);
    button.addEventListener("click", async () => {
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Selected";
      }
    });
  }
}

// runClock shows the time since the start of an infusion. The practice's clock decides: this device only counts on from what the page
// says.
function runClock() {
  for (const clock of main.querySelectorAll("time[data-start]:not([data-runs])")) {
    const began = performance.now(), ahead = Date.parse(clock.dataset.now) - Date.parse(clock.dataset.start);
    clock.dataset.runs = "";
    clock.closest("section").querySelectorAll(".plain").forEach(e => e.remove());
    let late = clock.dataset.next ? Date.parse(clock.dataset.next) - Date.parse(clock.dataset.now) : Infinity;
    const tick = () => {
      if (!clock.isConnected) return;
      const seconds = Math.max(0, Math.floor((ahead + performance.now() - began) / 1000));
      clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      if (performance.now() - began > late) {
        late = Infinity;
        refetch(); // a reading is overdue
      }
      setTimeout(tick, 250);
    };
    tick();
  }
}
// A device that slept may not have counted on.
document.addEventListener("visibilitychange", () => { if (!document.hidden && main.querySelector("time[data-start]")) refetch(); });

function decorate() {
  sayZones();
  offerCopy();
  runClock();
}

decorate();
document.querySelectorAll("form[data-form]").forEach(keepDrafts);
