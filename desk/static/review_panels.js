// The candidates' panels, drawn by the server: fetched ahead with their pictures, so that the next one stands at once.
// @ts-check
import { lostSession } from "./session.js";

const MOST_KEPT = 16;

export class Panels {
  constructor() {
    /** @type {Map<string, Promise<HTMLElement | null>>} */
    this.kept = new Map();
    /** @type {Map<string, HTMLImageElement>} */
    this.pictures = new Map();
  }

  /**
   * A candidate's panel; null where it could not be fetched.
   * @param {string} caseId
   */
  get(caseId) {
    const known = this.kept.get(caseId);
    if (known) {
      this.kept.delete(caseId);
      this.kept.set(caseId, known);
      return known;
    }
    const asked = fetchPanel(caseId).then((panel) => {
      if (panel) this.warm(panel);
      else if (this.kept.get(caseId) === asked) this.kept.delete(caseId);
      return panel;
    });
    this.kept.set(caseId, asked);
    while (this.kept.size > MOST_KEPT) this.kept.delete(/** @type {string} */ (this.kept.keys().next().value));
    return asked;
  }

  /** @param {string} caseId */
  drop(caseId) {
    this.kept.delete(caseId);
  }

  /**
   * Load and decode its pictures before they are asked for.
   * @param {HTMLElement} panel
   */
  warm(panel) {
    for (const image of panel.querySelectorAll("img.now, img.was, img.crop")) {
      const address = image.getAttribute("src") ?? "";
      if (!address || this.pictures.has(address)) continue;
      const ahead = new Image();
      ahead.src = address;
      ahead.decode().catch(() => this.pictures.delete(address));
      this.pictures.set(address, ahead);
      if (this.pictures.size > 3 * MOST_KEPT) this.pictures.delete(/** @type {string} */ (this.pictures.keys().next().value));
    }
  }
}

/**
 * @param {string} caseId
 * @returns {Promise<HTMLElement | null>}
 */
async function fetchPanel(caseId) {
  const text = await fetchPart(`/review/cases/${encodeURIComponent(caseId)}`);
  const found = text === null ? null : new DOMParser().parseFromString(text, "text/html").querySelector("article.candidate");
  return found instanceof HTMLElement ? document.adoptNode(found) : null;
}

/**
 * A part of a page as the server draws it; null where the line is down or it was refused.
 * @param {string} path
 */
export async function fetchPart(path) {
  try {
    const answer = await fetch(path, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (answer.redirected && new URL(answer.url).pathname === "/login") lostSession();
    return answer.ok && !answer.redirected ? await answer.text() : null;
  } catch {
    return null;
  }
}
