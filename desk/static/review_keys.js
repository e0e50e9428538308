// One key, one deed. While something is written, or a question stands open, keys mean what they always mean.
// @ts-check
import { isTyping } from "./keys.js";

/** @type {Record<string, string>} */
const DEEDS = {
  a: "accept", r: "reasons", d: "assign", u: "undo", j: "next", k: "previous", c: "claim", z: "zoom", "+": "closer", "=": "closer", "-": "wider", 0: "whole",
  b: "flip", ArrowLeft: "later", ArrowRight: "earlier", o: "open", x: "pick", X: "pickTo", s: "sound", Escape: "clear",
};

/**
 * @param {(deed: string) => void} act
 * @param {(key: string) => void} digit
 */
export function startReviewKeys(act, digit) {
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "a" && !isField(event.target)) {
      event.preventDefault();
      act("pickAll");
      return;
    }
    if (isTyping(event) || event.repeat) return;
    const isButton = event.target instanceof HTMLElement && event.target.closest("button, a, summary") !== null;
    if (event.key === " " && !isButton) act("was");
    else if (/^[1-9]$/.test(event.key)) digit(event.key);
    else if (DEEDS[event.key]) act(DEEDS[event.key]);
    else return;
    event.preventDefault();
  });
  document.addEventListener("keyup", (event) => event.key === " " && !document.querySelector("dialog[open]") && !isField(event.target) && act("now"));
}

/** @param {EventTarget | null} target */
function isField(target) {
  return target instanceof HTMLElement && ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName) && !(target instanceof HTMLInputElement && target.type === "checkbox");
}
