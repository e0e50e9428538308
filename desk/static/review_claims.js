// Which seat is at which candidate: taken when one is opened, renewed while it stands open, let go when it is left.
// @ts-check
import { call } from "./call.js";

const SETTLE_MS = 120;
const RENEW_MS = 45000;

export class Claims {
  /**
   * @param {(caseId: string, state: "own" | "other" | "free", detail: string) => void} told
   * @param {(caseId: string) => Promise<void>} idle when no decision on it is on its way
   */
  constructor(told, idle) {
    this.told = told;
    this.idle = idle;
    /** @type {Map<string, Promise<void>>} */
    this.asked = new Map();
    /** @type {Set<string>} */
    this.own = new Set();
    this.wanted = "";
    this.timer = 0;
    window.setInterval(() => this.wanted && this.own.has(this.wanted) && document.visibilityState === "visible" && this.ask(this.wanted), RENEW_MS);
    window.addEventListener("pagehide", () => {
      for (const id of this.own) void fetch(path(id), { method: "DELETE", keepalive: true, credentials: "same-origin", headers: { "x-csrf-token": token() } }).catch(() => {});
    });
  }

  /**
   * A candidate stands open: take it in a moment, unless the seat has gone on by then.
   * @param {string} caseId
   */
  want(caseId) {
    this.leave(this.wanted);
    this.wanted = caseId;
    window.clearTimeout(this.timer);
    if (caseId) this.timer = window.setTimeout(() => void this.idle(caseId).then(() => this.wanted === caseId && this.ask(caseId)), SETTLE_MS);
  }

  /** @param {string} caseId */
  leave(caseId) {
    if (!caseId) return;
    if (this.wanted === caseId) this.wanted = "";
    window.clearTimeout(this.timer);
    void this.settled(caseId).then(() => {
      if (!this.own.delete(caseId) || this.wanted === caseId) return;
      void call("DELETE", path(caseId));
      this.told(caseId, "free", "");
    });
  }

  /**
   * A decision ends one's claim by itself.
   * @param {string} caseId
   */
  decided(caseId) {
    if (this.wanted === caseId) {
      this.wanted = "";
      window.clearTimeout(this.timer);
    }
    void this.settled(caseId).then(() => this.own.delete(caseId));
  }

  /**
   * No question about it is on its way: what follows may be sent.
   * @param {string} caseId
   * @returns {Promise<void>}
   */
  settled(caseId) {
    return this.asked.get(caseId) ?? Promise.resolve();
  }

  /** @param {string} caseId */
  ask(caseId) {
    const asking = call("PUT", path(caseId)).then((answer) => {
      this.asked.delete(caseId);
      if (answer.ok) this.own.add(caseId);
      if (answer.ok) this.told(caseId, "own", "");
      else if (answer.status === 409) this.told(caseId, "other", String(answer.body?.detail ?? ""));
    });
    this.asked.set(caseId, asking);
    return asking;
  }
}

/** @param {string} caseId */
function path(caseId) {
  return `/api/v1/cases/${encodeURIComponent(caseId)}/claim`;
}

function token() {
  return /** @type {HTMLMetaElement | null} */ (document.querySelector("meta[name=csrf]"))?.content ?? "";
}
