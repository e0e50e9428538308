// A case's page: the clock counts, the slider slides, steps are taken without leaving, keys open their forms.
// @ts-check
import { startClocks, tick } from "./case-clock.js";
import { flip, startCompare } from "./case-compare.js";
import { startSteps } from "./case-steps.js";
import { startHelp } from "./help.js";
import { isTyping } from "./keys.js";
import { refresh } from "./refresh.js";

/** Claims and nearing deadlines are no events: the page looks for them by itself. */
const LOOK_EVERY_MS = 20_000;

document.addEventListener("keydown", onKey);
document.addEventListener("keydown", (event) => {
  const form = /** @type {HTMLElement} */ (event.target).closest?.("#comment-form");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form instanceof HTMLFormElement) form.requestSubmit();
});
window.setInterval(async () => {
  if (document.visibilityState !== "visible") return;
  await refresh();
  tick();
}, LOOK_EVERY_MS);
startClocks();
startCompare();
startSteps();
startHelp();
document.body.dataset.awake = "true"; // keys are listened to from here on

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (isTyping(event) || document.querySelector("dialog[open]")) return;
  if (event.key === "o") flip();
  else if (event.key === "m") document.getElementById("comment-note")?.focus();
  else if (event.key === "p") document.getElementById("file")?.click();
  else if (!openStep(event.key)) return;
  event.preventDefault();
}

/**
 * Open the form that a key stands for, and go to its first field.
 * @param {string} key
 */
function openStep(key) {
  if (!/^[a-z]$/.test(key)) return false;
  const found = document.querySelector(`#steps [data-key="${key}"]`);
  if (found instanceof HTMLButtonElement) {
    found.focus();
    found.click();
    return true;
  }
  if (!(found instanceof HTMLDetailsElement)) return false;
  for (const other of document.querySelectorAll("#steps details[open]")) if (other !== found) other.removeAttribute("open");
  found.open = true;
  const first = /** @type {HTMLElement | null} */ (
    found.querySelector("input:not([type=hidden]), select, textarea, button")
  );
  first?.focus();
  return true;
}
