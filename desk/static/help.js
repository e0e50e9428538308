// The list of keys: `?` shows it, Escape or its button shuts it. Each page brings its own <dialog>.
// @ts-check
import { isTyping } from "./keys.js";

/**
 * Let `?` show a dialog.
 * @param {string} [dialogId]
 */
export function startHelp(dialogId = "help") {
  const dialog = document.getElementById(dialogId);
  if (!(dialog instanceof HTMLDialogElement)) return;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || isTyping(event) || dialog.open || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    dialog.showModal();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}
