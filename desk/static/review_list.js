// The list of waiting candidates: kept in step with the server's, ticked, and looked into by the pointer.
// @ts-check
import { fetchPart } from "./review_panels.js";

const HOVER_MS = 220;
const CYCLE_MS = 450;

/** @typedef {{total: string, counts: Map<string, string>, next: string, confirmed: number, rejected: number, median: string}} Facts */

export class WaitingList {
  /**
   * @param {string} query the filters, as the address holds them
   * @param {import("./review_panels.js").Panels} panels
   */
  constructor(query, panels) {
    this.query = query;
    this.panels = panels;
    this.body = /** @type {HTMLElement} */ (document.getElementById("queue"));
    const part = /** @type {HTMLElement} */ (document.getElementById("queue-part"));
    this.next = part.dataset.next ?? "";
    this.endOfPages = this.next;
    /** Decided here: not shown, whatever the server still says. @type {Map<string, HTMLElement>} */
    this.hidden = new Map();
    /** Counts the restings of a pointer on a row, to tell a late answer's from today's. */
    this.hovers = 0;
    /** Brought back here: shown, whatever the server says yet. @type {Set<string>} */
    this.pinned = new Set();
    /** Of these, the server has said that it has brought them back: a list asked for from now on holds them. @type {Set<string>} */
    this.returned = new Set();
    /** @type {Set<string>} */
    this.picked = new Set();
    this.anchor = "";
    this.isLoading = false;
    this.body.addEventListener("pointerover", (event) => this.onHover(event));
  }

  /** @returns {HTMLElement[]} */
  rows() {
    return /** @type {HTMLElement[]} */ ([...this.body.children]);
  }

  /** @param {string} id @returns {HTMLElement | null} */
  row(id) {
    return id ? document.getElementById(`w-${id}`) : null;
  }

  /**
   * Ask for the first page again.
   * @param {string} current stays, though the page may not hold it any more
   * @returns {Promise<{facts: Facts, arrived: HTMLElement[], isGone: boolean} | null>} null: the line is down
   */
  async refresh(current) {
    const returned = [...this.returned];
    const part = await this.fetch("");
    if (!part) return null;
    for (const id of returned) if (this.returned.delete(id)) this.pinned.delete(id);
    const fresh = /** @type {HTMLElement[]} */ ([...part.querySelectorAll("#queue > li")]);
    const old = new Map(this.rows().map((row) => [row.dataset.id ?? "", row]));
    const isWhole = !part.dataset.next;
    const ids = new Set();
    const arrived = [];
    const rows = [];
    for (const row of fresh) {
      const id = row.dataset.id ?? "";
      ids.add(id);
      if (this.hidden.has(id)) continue;
      const known = old.get(id);
      if (known?.dataset.stamp === row.dataset.stamp) {
        rows.push(known);
        continue;
      }
      const made = document.adoptNode(row);
      if (known) this.carry(known, made);
      else arrived.push(made);
      rows.push(made);
    }
    const isGone = isWhole && current !== "" && old.has(current) && !ids.has(current) && !this.pinned.has(current);
    for (const [id, row] of old) {
      if (ids.has(id)) continue;
      if (this.pinned.has(id)) rows.unshift(row);
      else if (!isWhole && (row.dataset.later || id === current)) rows.push(row);
      else this.picked.delete(id);
    }
    this.place(rows);
    if (this.next === this.endOfPages || isWhole) this.next = part.dataset.next ?? "";
    this.endOfPages = part.dataset.next ?? "";
    return { facts: factsOf(part), arrived, isGone };
  }

  /** The next page, behind the last one. */
  async more() {
    if (!this.next || this.isLoading) return;
    this.isLoading = true;
    const part = await this.fetch(this.next);
    this.isLoading = false;
    if (!part) return;
    for (const row of /** @type {HTMLElement[]} */ ([...part.querySelectorAll("#queue > li")])) {
      const id = row.dataset.id ?? "";
      if (this.row(id) || this.hidden.has(id)) continue;
      row.dataset.later = "1";
      this.body.append(document.adoptNode(row));
    }
    this.next = part.dataset.next ?? "";
  }

  /**
   * Take rows away: they are decided.
   * @param {string[]} ids
   */
  hide(ids) {
    for (const id of ids) {
      const row = this.row(id);
      if (row) this.hidden.set(id, row);
      row?.remove();
      this.picked.delete(id);
    }
  }

  /**
   * Bring rows back, on top.
   * @param {string[]} ids
   */
  restore(ids) {
    for (const id of ids) {
      const row = this.hidden.get(id);
      this.hidden.delete(id);
      this.returned.delete(id);
      if (!row) continue;
      this.pinned.add(id);
      tick(row, false);
      this.body.prepend(row);
    }
  }

  /** @param {string} id */
  remove(id) {
    this.row(id)?.remove();
    this.picked.delete(id);
    this.pinned.delete(id);
  }

  /**
   * The row after or before one that nobody else is at; else null.
   * @param {string} id
   * @param {number} step
   * @param {boolean} isFree pass over what others are at
   */
  beside(id, step, isFree) {
    const rows = this.rows();
    const at = rows.findIndex((row) => row.dataset.id === id);
    for (let place = at + step; place >= 0 && place < rows.length; place += step) {
      if (!isFree || !rows[place].dataset.claimed) return rows[place];
    }
    return null;
  }

  /**
   * @param {string} id
   * @param {boolean} [wanted]
   */
  pick(id, wanted = !this.picked.has(id)) {
    const row = this.row(id);
    if (!row) return;
    if (wanted) this.picked.add(id);
    else this.picked.delete(id);
    this.anchor = id;
    tick(row, wanted);
  }

  /** @param {string} id from the last one ticked up to here */
  pickTo(id) {
    const ids = this.rows().map((row) => row.dataset.id ?? "");
    const [from, to] = [ids.indexOf(this.anchor), ids.indexOf(id)];
    if (to < 0) return;
    for (const each of ids.slice(Math.min(from < 0 ? to : from, to), Math.max(from, to) + 1)) this.pick(each, true);
  }

  pickAll() {
    for (const row of this.rows()) this.pick(row.dataset.id ?? "", true);
  }

  clear() {
    for (const id of [...this.picked]) this.pick(id, false);
  }

  /** @param {HTMLElement[]} rows */
  place(rows) {
    const wanted = new Set(rows);
    for (const row of this.rows()) if (!wanted.has(row)) row.remove();
    let next = this.body.firstElementChild;
    for (const row of rows) {
      if (row === next) next = next.nextElementSibling;
      else this.body.insertBefore(row, next);
    }
  }

  /**
   * @param {HTMLElement} old
   * @param {HTMLElement} row
   */
  carry(old, row) {
    row.classList.toggle("current", old.classList.contains("current"));
    if (old.dataset.later) row.dataset.later = "1";
    tick(row, this.picked.has(row.dataset.id ?? ""));
    const [before, after] = [old.querySelector("img"), row.querySelector("img")];
    if (before && after && before.getAttribute("src") === after.getAttribute("src")) after.replaceWith(before);
  }

  /**
   * @param {string} cursor
   * @returns {Promise<HTMLElement | null>}
   */
  async fetch(cursor) {
    const asked = new URLSearchParams(this.query);
    if (cursor) asked.set("cursor", cursor);
    const text = await fetchPart(`/review/queue?${asked}`);
    return text === null ? null : new DOMParser().parseFromString(text, "text/html").getElementById("queue-part");
  }

  /**
   * The sightings' crops, one after the other, while the pointer rests on a row.
   * @param {PointerEvent} event
   */
  onHover(event) {
    const row = /** @type {Element} */ (event.target).closest("li");
    const image = row?.querySelector("img");
    if (!row || !image || row.dataset.hovered) return;
    const mine = String(++this.hovers);
    row.dataset.hovered = mine;
    const first = image.src;
    let timer = window.setTimeout(async () => {
      const panel = await this.panels.get(row.dataset.id ?? "");
      const crops = [...(panel?.querySelectorAll(".sight") ?? [])].map((each) => /** @type {HTMLElement} */ (each).dataset.crop ?? "");
      let at = 0;
      if (crops.length > 1 && row.dataset.hovered === mine) timer = window.setInterval(() => (image.src = crops[++at % crops.length]), CYCLE_MS);
    }, HOVER_MS);
    row.addEventListener(
      "pointerleave",
      () => {
        window.clearTimeout(timer);
        window.clearInterval(timer);
        delete row.dataset.hovered;
        image.src = first;
      },
      { once: true },
    );
  }
}

/**
 * @param {HTMLElement} row
 * @param {boolean} isOn
 */
function tick(row, isOn) {
  const box = /** @type {HTMLInputElement | null} */ (row.querySelector("input.pick"));
  if (box) box.checked = isOn;
  row.classList.toggle("picked", isOn);
}

/**
 * @param {HTMLElement} part
 * @returns {Facts}
 */
function factsOf(part) {
  const { total = "", counts = "", next = "", confirmed = "0", rejected = "0", median = "" } = part.dataset;
  const byCategory = new Map(counts.split(" ").filter(Boolean).map((pair) => /** @type {[string, string]} */ (pair.split("="))));
  return { total, counts: byCategory, next, confirmed: Number(confirmed), rejected: Number(rejected), median };
}
