// Decisions on their way: kept in this browser until the server has answered, sent one by one, each under its own name.
// @ts-check
import { call, csrf } from "./call.js";

/**
 * @typedef {object} Entry
 * @property {string} id the name of this giving: the server does it once, however often it is sent
 * @property {string[]} cases
 * @property {string} command
 * @property {string} [reason]
 * @property {string} [note]
 * @property {string} [unit]
 * @property {string} label what the operator reads of it
 * @property {{case_id: string, status: number, problem: any}[]} [refused] it came back
 */
/** @typedef {{entry: Entry, refused: {case_id: string, status: number, problem: any}[]}} Settled */

const PREFIX = "gridpatrol-review:";
const MOST_AT_ONCE = 200;
const FIRST_WAIT_MS = 800;
const LONGEST_WAIT_MS = 30000;
const RETRIED = new Set([0, 401, 408, 425, 429]);

export class Outbox {
  /**
   * @param {string} seat whose decisions: nobody else's are sent
   * @param {{settled: (result: Settled) => void, changed: (waiting: number, isSignedOut: boolean) => void, before: (cases: string[]) => Promise<void>}} told
   */
  constructor(seat, told) {
    this.prefix = `${PREFIX}${seat}:`;
    this.told = told;
    this.count = 0;
    this.waitMs = FIRST_WAIT_MS;
    /** @type {string | null} */
    this.sending = null;
    this.timer = 0;
    this.isSignedOut = false;
    /** @type {(() => void)[]} */
    this.listeners = [];
    window.addEventListener("online", () => this.kick());
    window.addEventListener("pagehide", () => this.flush());
  }

  /** Those that were not answered yet, the oldest first. @returns {Entry[]} */
  waiting() {
    return this.all().filter((entry) => !entry.refused);
  }

  /** Those that came back and were not dismissed. @returns {Entry[]} */
  refused() {
    return this.all().filter((entry) => entry.refused);
  }

  /** @returns {Entry[]} */
  all() {
    const keys = [];
    for (let place = 0; place < localStorage.length; place++) {
      const key = localStorage.key(place);
      if (key?.startsWith(this.prefix)) keys.push(key);
    }
    return keys.sort().map((key) => entryOf(localStorage.getItem(key))).filter((entry) => entry !== null);
  }

  /**
   * Keep a decision and send it as soon as can be.
   * @param {Omit<Entry, "id">} what
   * @returns {string} its name
   */
  add(what) {
    const entry = { ...what, id: this.name() };
    localStorage.setItem(this.prefix + entry.id, JSON.stringify(entry));
    this.changed();
    this.kick();
    return entry.id;
  }

  /**
   * Forget one that nobody has sent yet.
   * @param {string} id
   */
  cancel(id) {
    const entry = entryOf(localStorage.getItem(this.prefix + id));
    if (!entry || entry.refused || this.sending === id || entry.tried) return false;
    this.drop(id);
    return true;
  }

  /** @param {string} id */
  drop(id) {
    localStorage.removeItem(this.prefix + id);
    this.changed();
  }

  /**
   * When nothing waits for a case any more.
   * @param {string} caseId
   * @returns {Promise<void>}
   */
  idle(caseId) {
    if (!this.waiting().some((entry) => entry.cases.includes(caseId))) return Promise.resolve();
    return new Promise((resolve) => this.listeners.push(resolve)).then(() => this.idle(caseId));
  }

  /** Try now. */
  kick() {
    window.clearTimeout(this.timer);
    this.waitMs = FIRST_WAIT_MS;
    void this.send();
  }

  async send() {
    if (this.sending) return;
    const entry = this.waiting()[0];
    if (!entry) return;
    this.sending = entry.id;
    await this.told.before(entry.cases);
    localStorage.setItem(this.prefix + entry.id, JSON.stringify({ ...entry, tried: true }));
    const answer = await call("POST", pathOf(entry), bodyOf(entry), { "Idempotency-Key": entry.id });
    this.sending = null;
    const lostForm = answer.status === 403 && String(answer.body?.type ?? "").includes("csrf");
    if (RETRIED.has(answer.status) || answer.status >= 500 || lostForm) {
      this.isSignedOut = answer.status === 401 || lostForm;
      this.changed();
      this.timer = window.setTimeout(() => void this.send(), this.waitMs * (0.75 + Math.random() / 2));
      this.waitMs = Math.min(LONGEST_WAIT_MS, this.waitMs * 2);
      return;
    }
    this.waitMs = FIRST_WAIT_MS;
    this.isSignedOut = false;
    const refused = refusedOf(entry, answer);
    if (refused.length) localStorage.setItem(this.prefix + entry.id, JSON.stringify({ ...entry, refused }));
    else localStorage.removeItem(this.prefix + entry.id);
    this.changed();
    this.told.settled({ entry, refused });
    void this.send();
  }

  /** The page goes away: hand over what waits; what does not arrive is sent when the page is opened again. */
  flush() {
    for (const entry of this.waiting()) {
      const headers = { "Content-Type": "application/json", "x-csrf-token": csrf(), "Idempotency-Key": entry.id };
      const body = JSON.stringify(bodyOf(entry));
      void fetch(pathOf(entry), { method: "POST", headers, body, keepalive: true, credentials: "same-origin" }).catch(() => {});
    }
  }

  changed() {
    this.told.changed(this.waiting().length, this.isSignedOut);
    for (const listener of this.listeners.splice(0)) listener();
  }

  /** Sorts by the time of its giving, and is nobody else's. */
  name() {
    const dice = [...crypto.getRandomValues(new Uint8Array(10))].map((each) => each.toString(16).padStart(2, "0")).join("");
    this.count += 1;
    return `${String(Date.now()).padStart(14, "0")}-${String(this.count).padStart(6, "0")}-${dice}`;
  }
}

export { MOST_AT_ONCE };

/** @param {Entry} entry */
function pathOf(entry) {
  return entry.cases.length === 1 ? `/api/v1/cases/${encodeURIComponent(entry.cases[0])}/commands` : "/api/v1/case-commands";
}

/** @param {Entry} entry */
function bodyOf(entry) {
  const { command, reason, note, unit, cases } = entry;
  const body = Object.fromEntries(Object.entries({ command, reason, note, unit }).filter(([, value]) => value));
  return cases.length === 1 ? body : { ...body, cases };
}

/**
 * @param {Entry} entry
 * @param {import("./call.js").Answer} answer
 */
function refusedOf(entry, answer) {
  if (!answer.ok) return entry.cases.map((case_id) => ({ case_id, status: answer.status, problem: answer.body }));
  if (entry.cases.length === 1) return [];
  return answer.body.results
    .filter((/** @type {any} */ each) => each.problem)
    .map((/** @type {any} */ each) => ({ case_id: each.case_id, status: each.problem.status, problem: each.problem }));
}

/**
 * @param {string | null} text
 * @returns {(Entry & {tried?: boolean}) | null}
 */
function entryOf(text) {
  try {
    const value = JSON.parse(text ?? "null");
    return value && Array.isArray(value.cases) && typeof value.command === "string" ? value : null;
  } catch {
    return null;
  }
}
