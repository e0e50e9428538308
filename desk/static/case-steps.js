// A case's next step, a claim or a comment, sent without leaving the page; a refusal says in words what happened.
// @ts-check
import { call } from "./call.js";
import { notice, refusal } from "./notice.js";
import { refresh } from "./refresh.js";
import { isSignedOut, lostSession, renewed } from "./session.js";

/** Less than a claim lasts, so that an open page keeps what its reader works on. */
const RENEW_MS = 45_000;
const CONFLICT = 409;

/** Wire every form of a step, also those that come later. */
export function startSteps() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.step || event.defaultPrevented) return;
    event.preventDefault();
    void send(form);
  });
  window.setInterval(renew, RENEW_MS);
}

/** @param {HTMLFormElement} form */
async function send(form) {
  const button = form.querySelector("button[type=submit]");
  if (!(button instanceof HTMLButtonElement) || button.disabled) return;
  button.disabled = true;
  say("");
  try {
    let answer = await post(form);
    if (isSignedOut(answer.status, answer.body)) {
      if (!(await renewed())) {
        lostSession();
        return;
      }
      answer = await post(form); // refused before it was looked at: nothing is done twice
    }
    if (answer.ok) {
      form.reset();
      await refresh();
      if (form.dataset.words) notice(`${place()?.dataset.sayDone ?? ""} ${form.dataset.words}`, "good");
      return;
    }
    await tellRefusal(answer);
  } finally {
    button.disabled = false;
  }
}

/**
 * @param {{status: number, body: any}} answer
 */
async function tellRefusal(answer) {
  if (answer.status !== CONFLICT) {
    say(refusal(answer.status, answer.body));
    return;
  }
  const had = keyOfSteps();
  await refresh();
  const told = place();
  const step = document.getElementById("last-step")?.textContent?.trim() ?? "";
  const isNews = had !== keyOfSteps();
  const words = isNews ? `${told?.dataset.sayConflict ?? ""}${step}` : refusal(answer.status, answer.body);
  say(`${words} ${told?.dataset.sayKept ?? ""}`);
}

function keyOfSteps() {
  return document.getElementById("steps")?.dataset.swap ?? "";
}

/** @param {HTMLFormElement} form */
async function post(form) {
  const fields = new URLSearchParams(/** @type {any} */ (new FormData(form)));
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
      body: fields.toString(),
      credentials: "same-origin",
    });
    const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
    return { ok: answer.ok, status: answer.status, body: isJson ? await answer.json() : null };
  } catch {
    return { ok: false, status: 0, body: null };
  }
}

function place() {
  return document.getElementById("step-answer");
}

/** @param {string} text */
function say(text) {
  const told = place();
  if (!told) {
    if (text) notice(text, "bad");
    return;
  }
  told.textContent = text;
  told.hidden = !text;
  if (text) told.scrollIntoView({ block: "nearest" });
}

/** Keep one's own claim for as long as the page is looked at. */
async function renew() {
  if (document.visibilityState !== "visible" || !document.querySelector("#steps[data-claimed]")) return;
  const id = document.getElementById("head")?.dataset.case ?? "";
  const answer = await call("PUT", `/api/v1/cases/${encodeURIComponent(id)}/claim`);
  if (!answer.ok) await refresh();
}
