// Short notices in a corner: what was done, what was refused and why. They never take the focus.
// @ts-check
import { lostSession, isSignedOut } from "./session.js";

const SHOWN_MS = 6000;
const MOST = 4;

/**
 * Show a notice.
 * @param {string} text
 * @param {"good" | "bad" | "plain"} [kind] a bad one stays until it is shut
 */
export function notice(text, kind = "plain") {
  const place = document.getElementById("notices");
  if (!place || !text) return;
  const shown = document.createElement("div");
  shown.className = `notice notice-${kind}`;
  shown.setAttribute("role", kind === "bad" ? "alert" : "status");
  const words = document.createElement("span");
  words.textContent = text;
  const shut = document.createElement("button");
  shut.type = "button";
  shut.className = "quiet";
  shut.textContent = "×";
  shut.setAttribute("aria-label", place.dataset.sayShut ?? "");
  shut.addEventListener("click", () => shown.remove());
  shown.append(words, shut);
  place.append(shown);
  while (place.children.length > MOST) place.firstElementChild?.remove();
  if (kind !== "bad") window.setTimeout(() => shown.remove(), SHOWN_MS);
}

/** What was wrong with what was typed stands in the detail alone; other details are for programs and logs. */
const DETAIL_TELLS = new Set([400, 410, 413, 415, 422]);
const CHINESE = /[\u4e00-\u9fff]/u;

/**
 * What a refusal says, in the page's language: its title, and what to do.
 * @param {number} status
 * @param {any} problem problem details (RFC 9457) with `title_zh`
 */
export function refusal(status, problem) {
  const said = document.getElementById("notices")?.dataset ?? {};
  if (status === 0) return said.sayLost ?? "";
  const speaks = [...document.documentElement.classList].find((name) => name.startsWith("speaks-")) ?? "speaks-both";
  const titles = { "speaks-zh": [problem?.title_zh], "speaks-en": [problem?.title] };
  const title = (titles[/** @type {"speaks-zh" | "speaks-en"} */ (speaks)] ?? [problem?.title_zh, problem?.title]).filter(Boolean).join(" ");
  if (!title) return problem?.detail || `HTTP ${status}`;
  const isRead = speaks !== "speaks-zh" || DETAIL_TELLS.has(status) || CHINESE.test(problem?.detail ?? "");
  return [title, isRead ? problem?.detail : ""].filter(Boolean).join(speaks === "speaks-en" ? ": " : "：");
}

document.addEventListener("htmx:responseError", (event) => {
  const request = /** @type {CustomEvent} */ (event).detail.xhr;
  let problem = null;
  try {
    problem = JSON.parse(request.responseText);
  } catch {
    problem = { detail: new DOMParser().parseFromString(request.responseText, "text/html").querySelector("main")?.textContent?.trim() };
  }
  if (isSignedOut(request.status, problem)) lostSession();
  else notice(refusal(request.status, problem), "bad");
});
document.addEventListener("htmx:sendError", () => notice(refusal(0, null), "bad"));
