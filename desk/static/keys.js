// Hands stay on the keyboard: j and k move, Enter opens, / searches; a click anywhere on a row opens it.
// @ts-check

const LIST_KEY = "gridpatrol-list";

/**
 * Listen for the page's keys.
 * @param {string} page
 */
export function startKeys(page) {
  if (page === "cases") {
    document.addEventListener("keydown", onListKey);
    document.querySelector("[data-rows]")?.addEventListener("click", openClicked);
    sessionStorage.setItem(LIST_KEY, location.search);
  }
  if (page === "case") {
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !isTyping(event) && !document.querySelector("dialog[open]")) location.assign(listHref());
    });
    document.addEventListener("click", (event) => {
      if (!(/** @type {Element} */ (event.target).closest("#back")) || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      location.assign(listHref());
    });
  }
}

/** @param {KeyboardEvent} event */
export function isTyping(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const types = ["INPUT", "TEXTAREA", "SELECT"];
  const isPick = target instanceof HTMLInputElement && ["radio", "checkbox", "range"].includes(target.type);
  return event.ctrlKey || event.metaKey || event.altKey || (types.includes(target.tagName) && !isPick);
}

/** @param {KeyboardEvent} event */
function onListKey(event) {
  if (event.key === "Escape" && event.target instanceof HTMLInputElement) event.target.blur();
  if (isTyping(event)) return;
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "/") document.getElementById("search")?.focus();
  else return;
  event.preventDefault();
}

/** @param {number} step */
function move(step) {
  const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-rows] > tr")]);
  if (!rows.length) return;
  const now = rows.findIndex((row) => row.classList.contains("selected"));
  const next = Math.min(rows.length - 1, Math.max(0, now < 0 ? (step > 0 ? 0 : rows.length - 1) : now + step));
  rows[now]?.classList.remove("selected");
  rows[next].classList.add("selected");
  /** @type {HTMLElement | null} */ (rows[next].querySelector("a.number"))?.focus({ preventScroll: true });
  rows[next].scrollIntoView({ block: "nearest" });
}

/** @param {Event} event */
function openClicked(event) {
  const target = /** @type {Element} */ (event.target);
  const href = /** @type {HTMLElement | null} */ (target.closest("tr"))?.dataset.href;
  if (!href || target.closest("a, label, input, button") || window.getSelection()?.toString()) return;
  location.assign(href);
}

/** The list as it was last looked at, filters and all. */
function listHref() {
  const search = sessionStorage.getItem(LIST_KEY) ?? "";
  return search.startsWith("?") ? `/${search}` : "/";
}
