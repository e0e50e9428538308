// The large picture: a click, Enter or f opens it, arrows step through, Escape shuts it.
// @ts-check
import { isTyping } from "./keys.js";

/** Wire the page's pictures to the dialog; without this they are plain links. */
export function startViewer() {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("enlarged"));
  if (!dialog) return;
  document.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("a[data-enlarge]");
    if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(dialog, link);
  });
  dialog.addEventListener("click", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const step = target.dataset.step;
    if (step) stepBy(dialog, Number(step));
    else if (target === dialog || "shut" in target.dataset) dialog.close();
  });
  document.addEventListener("keydown", (event) => onKey(dialog, event));
}

/** @returns {HTMLAnchorElement[]} */
function links() {
  return [...document.querySelectorAll("[data-viewer] a[data-enlarge]")].filter((link) => link instanceof HTMLAnchorElement);
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {HTMLAnchorElement} link
 */
function show(dialog, link) {
  const image = dialog.querySelector("img");
  const small = link.querySelector("img");
  const caption = dialog.querySelector(".dialog-title");
  if (!image || !caption) return;
  const tab = link.closest("figure")?.previousElementSibling;
  image.src = link.href;
  image.alt = small?.alt ?? "";
  caption.textContent = [tab?.textContent?.trim(), link.closest("figure, li")?.querySelector("time")?.textContent].filter(Boolean).join(" · ");
  dialog.dataset.href = link.href;
  if (!dialog.open) dialog.showModal();
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {number} step
 */
function stepBy(dialog, step) {
  const all = links();
  if (!all.length) return;
  const now = all.findIndex((link) => link.href === dialog.dataset.href);
  const next = all[(Math.max(now, 0) + step + all.length) % all.length];
  show(dialog, next);
  pick(next);
}

/**
 * Show the same picture in the page as in the dialog.
 * @param {HTMLAnchorElement} link
 */
function pick(link) {
  const input = link.closest("figure")?.previousElementSibling?.previousElementSibling;
  if (input instanceof HTMLInputElement) input.checked = true;
}

/**
 * The picture's link; a sealed or removed one has none.
 * @param {HTMLInputElement | undefined} input
 * @returns {HTMLAnchorElement | null}
 */
function linkOf(input) {
  return input?.nextElementSibling?.nextElementSibling?.querySelector("a[data-enlarge]") ?? null;
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {KeyboardEvent} event
 */
function onKey(dialog, event) {
  if (isTyping(event)) return;
  const shown = /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll("[data-viewer] > input")]);
  const now = shown.findIndex((input) => input.checked);
  const steps = { ArrowLeft: -1, ArrowRight: 1 };
  if (event.key in steps && shown.length) {
    if (event.target instanceof HTMLInputElement && event.target.name !== "picture") return;
    const step = steps[/** @type {"ArrowLeft" | "ArrowRight"} */ (event.key)];
    if (dialog.open) stepBy(dialog, step);
    else shown[(now + step + shown.length) % shown.length].checked = true;
  } else if (event.key === "f" && !dialog.open && linkOf(shown[now])) {
    show(dialog, /** @type {HTMLAnchorElement} */ (linkOf(shown[now])));
  } else {
    return;
  }
  event.preventDefault();
}
