// The wall as the server draws it now: put in where cameras came, went or were renamed; what is shown stays in place.
// @ts-check
import { showLink } from "./live.js";

/** A camera that nobody told this page of is found so often; one that goes or is renamed, with the next look. */
const DRAW_EVERY_MS = 20_000;

/**
 * Read the wall's page anew.
 * @param {string} href
 * @returns {Promise<Document | null>} null: no wall came
 */
export async function readWall(href) {
  const answer = await fetch(href, { credentials: "same-origin", headers: { Accept: "text/html" } });
  const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
  return answer.ok && drawn.getElementById("wall") ? drawn : null;
}

/**
 * Put in what the server drew. A camera that was shown before keeps its place's element, so its picture stands on.
 * @param {HTMLElement} holder
 * @param {Document} drawn
 */
export function putWall(holder, drawn) {
  const fresh = /** @type {HTMLElement} */ (drawn.getElementById("wall"));
  const [old, next] = [holder.querySelector(".tiles, .empty"), fresh.querySelector(".tiles, .empty")];
  if (!old || !next) return;
  const focused = old.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  const shown = new Map([...old.querySelectorAll(".tile")].map((tile) => [keyOf(tile), tile]));
  for (const tile of next.querySelectorAll(".tile")) {
    const same = shown.get(keyOf(tile));
    if (same) tile.replaceWith(same);
  }
  old.replaceWith(next);
  if (focused?.isConnected) focused.focus();
  for (const name of ["pageNo", "next", "previous", "pages"]) holder.dataset[name] = fresh.dataset[name] ?? "";
  for (const id of ["wall-sizes", "wall-tours", "wall-pager", "tour-cameras"]) {
    const [part, other] = [document.getElementById(id), drawn.getElementById(id)];
    if (part && other && part.innerHTML !== other.innerHTML && !part.closest("dialog[open]")) swap(part, other);
  }
}

/** Asks for the page anew when a camera that is shown is another one, and now and then. */
export class Following {
  /**
   * @param {HTMLElement} holder
   * @param {() => boolean} isBusy whether the page is being turned
   * @param {() => void} onChange called when another wall was put in
   */
  constructor(holder, isBusy, onChange) {
    this.holder = holder;
    this.isBusy = isBusy;
    this.onChange = onChange;
    this.isReading = false;
    /** @type {Map<string, string>} */
    this.told = new Map();
    // An empty wall has no camera whose looks would tell of the line: it is drawn at once.
    this.dueMs = performance.now() + (holder.querySelector(".tile") ? DRAW_EVERY_MS : 0);
  }

  /**
   * Hear what a look told of the cameras, and draw when it is time.
   * @param {{camera_id: string, name: string, state: string}[]} rows
   */
  async hear(rows) {
    let isNews = false;
    for (const row of rows) {
      const now = row.state === "unknown" ? "unknown" : `known ${row.name}`;
      const before = this.told.get(row.camera_id);
      isNews ||= before !== undefined && before !== now;
      this.told.set(row.camera_id, now);
    }
    if (isNews || performance.now() >= this.dueMs) await this.draw();
  }

  async draw() {
    if (this.isReading || this.isBusy()) return;
    this.isReading = true;
    this.dueMs = performance.now() + DRAW_EVERY_MS;
    const href = location.href;
    try {
      const drawn = await readWall(href);
      if (drawn) showLink("live");
      if (!drawn || this.isBusy() || location.href !== href || signOf(drawn) === signOf(document)) return;
      putWall(this.holder, drawn);
      this.onChange();
    } catch {
      showLink("lost");
    } finally {
      this.isReading = false;
    }
  }
}

/**
 * Which wall this is: its cameras, pages and choices, whatever their pictures.
 * @param {Document} page
 */
function signOf(page) {
  const wall = page.getElementById("wall");
  const tiles = [...page.querySelectorAll("#wall .tile")].map(keyOf);
  const known = [...page.querySelectorAll("#tour-cameras label")].map((label) => label.textContent?.trim());
  return JSON.stringify([tiles, known, wall?.dataset.pageNo, wall?.dataset.pages, page.querySelector("#wall .tiles")?.getAttribute("data-places")]);
}

/** @param {Element} tile */
function keyOf(tile) {
  return JSON.stringify([tile.getAttribute("data-camera"), tile.getAttribute("data-name")]);
}

/**
 * @param {HTMLElement} part
 * @param {HTMLElement} other
 */
function swap(part, other) {
  const focused = part.contains(document.activeElement) ? document.activeElement?.id : "";
  part.replaceChildren(...other.childNodes);
  if (focused) document.getElementById(focused)?.focus();
}
