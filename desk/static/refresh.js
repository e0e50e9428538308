// Loads the page again in the background and puts in what changed; the server stays the only one that draws.
// @ts-check
import { mergeRows } from "./rows.js";

/**
 * Bring the page's live parts up to date.
 * @returns {Promise<"done" | "lost" | "signed-out">}
 */
export async function refresh() {
  let fresh;
  try {
    const answer = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (answer.status === 401 || new URL(answer.url).pathname === "/login") return "signed-out";
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
  const picked = part.querySelector("input:checked")?.id;
  part.replaceChildren(...other.childNodes);
  const again = picked && /** @type {HTMLInputElement | null} */ (document.getElementById(picked));
  if (again) again.checked = true;
}
