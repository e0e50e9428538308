// The review: see, decide, next. Keys for everything; nothing here waits for the network.
// @ts-check
import { startHelp } from "./help.js";
import { follow } from "./live.js";
import { notice } from "./notice.js";
import { startDialogs } from "./review_ask.js";
import { CameBack } from "./review_back.js";
import { Claims } from "./review_claims.js";
import { startReviewKeys } from "./review_keys.js";
import { WaitingList } from "./review_list.js";
import { MOST_AT_ONCE, Outbox } from "./review_outbox.js";
import { Panels } from "./review_panels.js";
import { play, startSound, toggle } from "./review_sound.js";
import { sceneOf } from "./review_zoom.js";

const AHEAD = 3;
const REFRESH_GAP_MS = 900;
const CLAIMS_EVERY_MS = 10000;
const LOAD_MORE_WITHIN = 12;

const root = /** @type {HTMLElement} */ (document.getElementById("review"));
const area = /** @type {HTMLElement} */ (document.getElementById("stage-area"));
const none = /** @type {HTMLElement} */ (document.getElementById("none"));
const acts = /** @type {HTMLElement} */ (document.getElementById("acts"));
const may = { decide: root.dataset.mayDecide === "1", dispatch: root.dataset.mayDispatch === "1" };

const panels = new Panels();
const list = new WaitingList(root.dataset.query ?? "", panels);
/** @type {{entry: string, ids: string[], command: string, label: string}[]} */
const done = [];
let current = "";
let shown = "";
let refreshing = false;
let wanted = false;
let lastMs = -Infinity;

const back = new CameBack(root, (id) => void open(id), (entry) => outbox.drop(entry));
const outbox = new Outbox(root.dataset.seat ?? "", { settled, changed: showOutbox, before: (cases) => Promise.all(cases.map((id) => claims.settled(id))).then(() => {}) });
const claims = new Claims(showClaim, (id) => outbox.idle(id));

/**
 * Words of the page with their places filled in.
 * @param {string} name
 * @param {Record<string, string>} [values]
 */
function say(name, values = {}) {
  let text = root.dataset[name] ?? "";
  for (const [key, value] of Object.entries(values)) text = text.replaceAll(`{${key}}`, value);
  return text;
}

/**
 * Open a candidate: at once where it was fetched ahead.
 * @param {string} id
 * @param {number} [began] when the key was pressed that led here
 */
async function open(id, began) {
  if (current !== id) list.row(current)?.classList.remove("current");
  current = id;
  const row = list.row(id);
  row?.classList.add("current");
  row?.scrollIntoView({ block: "nearest" });
  none.hidden = id !== "";
  acts.hidden = id === "";
  if (!id) {
    area.replaceChildren();
    shown = "";
    claims.want("");
    return;
  }
  const asked = panels.get(id);
  const late = window.setTimeout(() => area.setAttribute("aria-busy", "true"), 80);
  const panel = await asked;
  window.clearTimeout(late);
  if (current !== id) return;
  area.setAttribute("aria-busy", "false");
  if (!panel) {
    const words = document.createElement("p");
    words.className = "empty card";
    words.textContent = say("sayUnloaded");
    area.replaceChildren(words);
    shown = "";
    return;
  }
  put(panel, id);
  if (may.decide && panel.dataset.waiting === "1") claims.want(id);
  else claims.want("");
  ahead();
  await measured(panel, began);
}

/**
 * @param {HTMLElement} panel
 * @param {string} id
 */
function put(panel, id) {
  area.replaceChildren(panel);
  shown = id;
  const scene = sceneOf(panel);
  scene.flip(false);
  scene.reset();
  const first = panel.querySelector(".sight");
  if (first instanceof HTMLElement && first.getAttribute("aria-pressed") !== "true") scene.pick(first);
  const other = list.row(id)?.dataset.claimed || panel.dataset.claimed || "";
  if (other && panel.dataset.waiting === "1") mark("other", say("sayOther", { name: other }));
  else mark("free", say("sayFree"));
}

/** The next ones' panels and pictures, while the operator looks at this one. */
function ahead() {
  let row = list.row(current);
  for (let count = 0; count < AHEAD && row; count++) {
    row = list.beside(row.dataset.id ?? "", 1, true);
    if (row) void panels.get(row.dataset.id ?? "");
  }
  const rows = list.rows();
  if (rows.length - rows.findIndex((each) => each.dataset.id === current) < LOAD_MORE_WITHIN) void list.more().then(showMore);
}

/**
 * Note how long the machine took from the key to the picture.
 * @param {HTMLElement} panel
 * @param {number} [began]
 */
async function measured(panel, began) {
  if (began === undefined) return;
  const image = /** @type {HTMLImageElement | null} */ (panel.querySelector("img.now"));
  await image?.decode().catch(() => {});
  requestAnimationFrame(() => performance.measure("review-decision", { start: began, end: performance.now() }));
}

/**
 * @param {string} command
 * @param {{reason?: string, note?: string, unit?: string, words?: string}} [more]
 */
function decide(command, more = {}) {
  const began = performance.now();
  const isBulk = list.picked.size > 0;
  const ids = isBulk ? list.rows().map((row) => row.dataset.id ?? "").filter((id) => list.picked.has(id)) : current ? [current] : [];
  if (!may.decide || !ids.length) return;
  const panel = area.querySelector("article");
  if (!isBulk && (shown !== current || (panel instanceof HTMLElement && panel.dataset.waiting !== "1"))) return;
  if (!isBulk && acts.dataset.claim === "other") {
    notice(area.querySelector(".claim-mark")?.textContent ?? "", "plain");
    return;
  }
  const label = ids.length === 1 ? (list.row(ids[0])?.dataset.number ?? ids[0]) : say("sayMany", { count: String(ids.length) });
  const { words = "", unit = "", ...rest } = more;
  const next = list.rows().some((row) => row.dataset.id === current) ? after(ids) : null;
  for (const id of ids) claims.decided(id);
  for (let at = 0; at < ids.length; at += MOST_AT_ONCE) {
    const cases = ids.slice(at, at + MOST_AT_ONCE);
    const entry = outbox.add({ cases, command, ...rest, unit, label });
    const isSent = command === "accept" && unit !== "" && may.dispatch;
    if (isSent) outbox.add({ cases, command: "dispatch", unit, label });
    else done.push({ entry, ids: cases, command, label });
  }
  count(command, ids.length);
  list.hide(ids);
  list.anchor = "";
  showPicked();
  showDid(say(command === "accept" ? "sayAccept" : "sayReject", { number: label, reason: words }));
  void open(next?.dataset.id ?? list.rows()[0]?.dataset.id ?? "", began);
}

/**
 * The row to go on with when these are gone.
 * @param {string[]} ids
 */
function after(ids) {
  const gone = new Set(ids);
  for (const step of [1, -1]) {
    let row = /** @type {HTMLElement | null} */ (list.row(current));
    while (row && gone.has(row.dataset.id ?? "")) row = list.beside(row.dataset.id ?? "", step, true);
    if (row) return row;
  }
  return null;
}

function undo() {
  const last = done.pop();
  if (!last) {
    notice(say("sayNoUndo"), "plain");
    return;
  }
  count(last.command, -last.ids.length);
  list.restore(last.ids);
  if (outbox.cancel(last.entry)) for (const id of last.ids) list.pinned.delete(id);
  else outbox.add({ cases: last.ids, command: "undo", label: last.label });
  showDid(say("sayUndo", { number: last.label }));
  void open(last.ids[0]);
}

/** @param {import("./review_outbox.js").Settled} result */
function settled({ entry, refused }) {
  if (entry.command === "undo") for (const id of entry.cases) list.returned.add(id);
  if (refused.length) for (const id of entry.cases) panels.drop(id);
  if (!refused.length) {
    const panel = area.querySelector("article");
    const isStale = panel instanceof HTMLElement && panel.dataset.waiting !== "1";
    if (entry.command === "undo" && isStale && entry.cases.includes(current)) {
      panels.drop(current); // it was drawn before it came back
      void open(current);
    }
    refreshSoon();
    return;
  }
  const ids = new Set(refused.map((each) => each.case_id));
  const place = done.findIndex((each) => each.entry === entry.id);
  if (place >= 0 && ids.size === entry.cases.length) done.splice(place, 1);
  if (entry.command !== "undo" && entry.command !== "dispatch") {
    count(entry.command, -ids.size);
    for (const id of ids) list.hidden.delete(id);
  } else if (entry.command === "undo") for (const id of ids) list.remove(id);
  back.show({ ...entry, refused });
  refreshSoon();
}

/**
 * @param {string} command
 * @param {number} by
 */
function count(command, by) {
  const place = document.getElementById(command === "accept" ? "confirmed" : "rejected");
  if (place) place.textContent = String(Math.max(0, Number(place.textContent) + by));
}

/** @param {number} step */
function go(step) {
  const row = list.beside(current, step, false);
  if (row) void open(row.dataset.id ?? "");
}

function refreshSoon() {
  if (wanted) return;
  wanted = true;
  window.setTimeout(() => void refresh(), Math.max(0, lastMs + REFRESH_GAP_MS - performance.now()));
}

async function refresh() {
  if (refreshing) {
    window.setTimeout(() => void refresh(), REFRESH_GAP_MS);
    return;
  }
  wanted = false;
  refreshing = true;
  lastMs = performance.now();
  const got = await list.refresh(current);
  refreshing = false;
  if (!got) return;
  const isQuiet = outbox.waiting().length === 0;
  if (isQuiet) {
    for (const [id, value] of [["confirmed", String(got.facts.confirmed)], ["rejected", String(got.facts.rejected)]]) {
      const place = document.getElementById(id);
      if (place) place.textContent = value;
    }
    const median = document.getElementById("median");
    if (median && got.facts.median) median.textContent = say("saySeconds", { count: got.facts.median });
  }
  const total = document.getElementById("total");
  if (total && !new URLSearchParams(list.query).get("category")) total.textContent = got.facts.total;
  for (const chip of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".chip[data-category]"))) {
    const count = chip.querySelector("b");
    if (count) count.textContent = got.facts.counts.get(chip.dataset.category ?? "") ?? "0";
  }
  for (const row of got.arrived) row.classList.add("arrived");
  if (got.arrived.some((row) => row.classList.contains("urgent"))) play();
  const voice = document.getElementById("announce");
  if (voice && got.arrived.length) voice.textContent = got.arrived.map((row) => row.dataset.name ?? "").join("; ");
  if (got.isGone) leaveGone();
  showMore();
  showPicked();
  if (!current || !shown) void open(current || (list.beside("", 1, true) ?? list.rows()[0])?.dataset.id || "");
  else ahead();
}

/** Somebody else has decided what stands open here. */
function leaveGone() {
  notice(say("sayGone"), "plain");
  const next = list.beside(current, 1, true) ?? list.beside(current, -1, true);
  list.remove(current);
  void open(next?.dataset.id ?? list.rows()[0]?.dataset.id ?? "");
}

/** @param {any} event */
function onEvent(event) {
  const id = String(event?.case_id ?? "");
  const isOver = ["accepted", "closed", "dispatched"].includes(event?.kind);
  if (isOver && id === current && !list.hidden.has(id) && !list.pinned.has(id) && list.row(id)) leaveGone();
  else if (isOver && !list.pinned.has(id)) list.remove(id);
  if (event?.kind === "undone") list.hidden.delete(id);
  if (id !== current && !list.hidden.has(id) && !list.pinned.has(id)) panels.drop(id);
  refreshSoon();
}

/**
 * @param {string} id
 * @param {"own" | "other" | "free"} state
 * @param {string} detail
 */
function showClaim(id, state, detail) {
  const row = list.row(id);
  if (row && state === "other" && !row.dataset.claimed) row.dataset.claimed = "?";
  if (state === "other") refreshSoon();
  if (id !== current || id !== shown) return;
  const name = row?.dataset.claimed && row.dataset.claimed !== "?" ? row.dataset.claimed : (/claimed by (?:person:)?(\S+)/.exec(detail)?.[1] ?? "");
  mark(state, state === "own" ? say("sayOwn") : state === "other" ? say("sayOther", { name }) : say("sayFree"));
}

/**
 * @param {string} state
 * @param {string} words
 */
function mark(state, words) {
  acts.dataset.claim = state;
  const place = /** @type {HTMLElement | null} */ (area.querySelector(".claim-mark"));
  if (!place || !may.decide) return;
  place.dataset.state = state;
  place.textContent = words;
}

/**
 * @param {number} waiting
 * @param {boolean} isSignedOut
 */
function showOutbox(waiting, isSignedOut) {
  const place = /** @type {HTMLElement} */ (document.getElementById("outbox"));
  place.hidden = waiting === 0;
  place.dataset.waiting = String(waiting);
  place.textContent = isSignedOut ? say("saySignin") : say("sayUnsent", { count: String(waiting) });
}

/** @param {string} text */
function showDid(text) {
  const place = document.getElementById("did");
  if (!place) return;
  place.textContent = text;
  place.title = text; // it may be cut: the bar keeps its height, so that the picture does not jump
}

function showPicked() {
  const bar = /** @type {HTMLElement} */ (document.getElementById("bulk-bar"));
  bar.hidden = list.picked.size === 0;
  const words = bar.querySelector("b");
  if (words) words.textContent = say("sayBulk", { count: String(list.picked.size) });
}

function showMore() {
  const more = document.getElementById("more");
  if (more) more.hidden = !list.next;
}

function claimOrLetGo() {
  if (!may.decide || !current) return;
  if (acts.dataset.claim === "own") claims.leave(current);
  else {
    claims.wanted = current;
    void claims.ask(current);
  }
}

const ask = startDialogs({ decide, unit: () => list.row(current)?.dataset.unit ?? "", isReady: () => may.decide && (current !== "" || list.picked.size > 0) });
const scene = () => {
  const panel = area.querySelector("article");
  return panel instanceof HTMLElement ? sceneOf(panel) : null;
};
/** @type {Record<string, () => void>} */
const deeds = {
  accept: () => decide("accept"),
  reasons: () => ask.reasons(),
  assign: () => ask.assign(),
  undo,
  next: () => go(1),
  previous: () => go(-1),
  claim: claimOrLetGo,
  zoom: () => scene()?.toggle(),
  closer: () => scene()?.by(1),
  wider: () => scene()?.by(-1),
  whole: () => scene()?.reset(),
  flip: () => scene()?.flip(),
  was: () => scene()?.flip(true),
  now: () => scene()?.flip(false),
  earlier: () => scene()?.pickBy(1),
  later: () => scene()?.pickBy(-1),
  open: () => current && window.open(`/cases/${current}`, "_blank", "noopener"),
  pick: () => list.pick(current),
  pickTo: () => list.pickTo(current),
  pickAll: () => list.pickAll(),
  sound: () => toggle(/** @type {HTMLElement} */ (document.getElementById("sound"))),
  clear: () => {
    scene()?.reset();
    list.clear();
  },
};

/** @param {string} name */
function act(name) {
  deeds[name]?.();
  showPicked();
}

startReviewKeys(act, (key) => ask.digit(key));
startHelp("help");
startSound(document.getElementById("sound"));
document.getElementById("show-help")?.addEventListener("click", () => /** @type {HTMLDialogElement} */ (document.getElementById("help")).showModal());
document.getElementById("more")?.addEventListener("click", () => void list.more().then(showMore));
root.addEventListener("click", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  const button = /** @type {HTMLElement | null} */ (target.closest("[data-do], .quick [data-reason]"));
  button?.blur(); // the next space or Enter must not press it again
  if (button?.dataset.do) act(button.dataset.do);
  else if (button?.dataset.reason) ask.digit(button.dataset.reason);
  const row = /** @type {HTMLElement | null} */ (target.closest("#queue > li"));
  if (!row || event.ctrlKey || event.metaKey) return;
  if (target instanceof HTMLInputElement) {
    if (event.shiftKey) list.pickTo(row.dataset.id ?? "");
    else list.pick(row.dataset.id ?? "", target.checked);
    target.blur();
    showPicked();
  } else if (target.closest("a.open")) {
    event.preventDefault();
    void open(row.dataset.id ?? "");
  }
});
document.getElementById("narrow")?.addEventListener("change", (event) => /** @type {HTMLInputElement} */ (event.target).form?.requestSubmit());
document.getElementById("scroll")?.addEventListener("scroll", (event) => {
  const place = /** @type {HTMLElement} */ (event.target);
  if (place.scrollHeight - place.scrollTop - place.clientHeight < 600) void list.more().then(showMore);
});

for (const entry of outbox.waiting()) {
  list.hide(entry.command === "undo" ? [] : entry.cases);
  for (const id of entry.cases) if (!list.hidden.has(id) && entry.command !== "undo") list.hidden.set(id, document.createElement("li"));
}
for (const entry of outbox.refused()) back.show(entry);
outbox.changed();
outbox.kick();
const first = root.dataset.first ?? "";
void open(first || (list.beside("", 1, true) ?? list.rows()[0])?.dataset.id || "");
document.addEventListener("gridpatrol:signed-in", () => {
  outbox.kick();
  refreshSoon();
});
follow(onEvent, () => {
  outbox.kick();
  refreshSoon();
});
window.setInterval(() => document.visibilityState === "visible" && refreshSoon(), CLAIMS_EVERY_MS);
