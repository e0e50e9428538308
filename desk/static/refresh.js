// Loads the page again in the background and puts in what changed; the server stays the only one that draws.
// @ts-check
import { mergeRows } from "./rows.js";
import { lostSession } from "./session.js";

/**
 * Bring the page's live parts up to date.
 * @returns {Promise<"done" | "lost" | "signed-out">}
 */
export async function refresh() {
  let fresh;
  try {
    const answer = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (answer.status === 401 || new URL(answer.url).pathname === "/login") {
      lostSession();
      return "signed-out";
    }
    if (!answer.ok) return "lost";
    fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return "lost";
  }
  if (fresh.body.dataset.page !== document.body.dataset.page) return "lost";
  mergeRows(fresh);
  for (const part of document.querySelectorAll("[data-live]")) swap(part, fresh.getElementById(part.id));
  for (const part of document.querySelectorAll("[data-swap]")) swapWhenOther(/** @type {HTMLElement} */ (part), fresh);
  const version = /** @type {HTMLInputElement | null} */ (fresh.getElementById("version"));
  document.getElementById("version")?.setAttribute("value", version?.value ?? "");
  return "done";
}

/**
 * Replace what a live part holds, keeping the focus and what the reader has unfolded.
 * @param {Element} part
 * @param {Element | null} fresh
 */
function swap(part, fresh) {
  if (!fresh || part.innerHTML === fresh.innerHTML) return;
  const focused = part.contains(document.activeElement) ? document.activeElement?.id : "";
  const unfolded = [...part.querySelectorAll("details[open]")].map((details) => details.id);
  part.replaceChildren(...fresh.childNodes);
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus();
}

/**
 * Replace a part that people work in (the viewer, the form) only when its key has changed.
 * @param {HTMLElement} part
 * @param {Document} fresh
 */
function swapWhenOther(part, fresh) {
  const other = fresh.getElementById(part.id);
  if (!other || other.dataset.swap === part.dataset.swap) return;
  part.dataset.swap = other.dataset.swap;
  part.toggleAttribute("data-claimed", other.hasAttribute("data-claimed"));
  const picked = part.querySelector("input:checked")?.id;
  const typed = typedIn(part);
  const focused = part.contains(document.activeElement) ? document.activeElement?.id : "";
  part.replaceChildren(...other.childNodes);
  const again = picked && /** @type {HTMLInputElement | null} */ (document.getElementById(picked));
  if (again) again.checked = true;
  for (const [id, value] of typed) {
    const field = /** @type {HTMLInputElement | null} */ (document.getElementById(id));
    if (!field || !part.contains(field)) continue;
    field.value = value;
    field.closest("details")?.setAttribute("open", "");
  }
  if (focused) document.getElementById(focused)?.focus();
}

/**
 * What the reader has written into a part's fields, by the fields' ids.
 * @param {HTMLElement} part
 * @returns {[string, string][]}
 */
function typedIn(part) {
  const fields = /** @type {NodeListOf<HTMLInputElement | HTMLTextAreaElement>} */ (
    part.querySelectorAll("textarea[id], input[id]:not([type=radio]):not([type=checkbox]):not([type=hidden]):not([type=range])")
  );
  return [...fields].filter((field) => field.value !== field.defaultValue).map((field) => [field.id, field.value]);
}
