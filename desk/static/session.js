// The session ended while a page stood open: say so once, keep what was typed, and go on after a sign-in in another tab.
// @ts-check

/** A page that is open in two windows asks in each: not at the same moment as the sign-in's own page loads. */
const ASK_GAP_MS = 1000;
const ME = "/api/v1/me";

/** @type {Promise<boolean> | null} */
let asking = null;
let lastMs = -Infinity;

/**
 * Whether an answer means that the page's session is over, or that another took its place in this browser.
 * @param {number} status
 * @param {any} problem
 */
export function isSignedOut(status, problem) {
  return status === 401 || (status === 403 && String(problem?.type ?? "").endsWith("/csrf-refused"));
}

/** Show that nothing is sent any more, with the way back in; once. */
export function lostSession() {
  const bar = document.getElementById("signed-out");
  const link = bar?.querySelector("a");
  if (!bar || !link || !bar.hidden) return;
  link.href = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
  bar.hidden = false;
  const lamp = document.getElementById("link");
  const text = lamp?.querySelector(".link-text");
  if (lamp && text) {
    lamp.dataset.state = "signed-out";
    text.textContent = lamp.getAttribute("data-say-signed-out");
  }
}

/**
 * Take the new session's form token, if the same person is signed in again; the page of anybody else is loaded anew.
 * @returns {Promise<boolean>} whether this page can send again
 */
export function renewed() {
  asking ??= renew().finally(() => {
    asking = null;
  });
  return asking;
}

async function renew() {
  const bar = document.getElementById("signed-out");
  lastMs = performance.now();
  let me;
  try {
    const answer = await fetch(ME, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) return false;
    me = await answer.json();
  } catch {
    return false;
  }
  if (!bar || me.name !== bar.dataset.seat) {
    location.reload(); // a colleague sits here now: nothing of the one before is sent under their name
    return false;
  }
  takeToken(String(me.csrf_token ?? ""));
  if (!bar.hidden) {
    bar.hidden = true;
    const lamp = document.getElementById("link");
    const text = lamp?.querySelector(".link-text");
    if (lamp && text) {
      lamp.dataset.state = "live";
      text.textContent = lamp.getAttribute("data-say-live");
    }
    document.dispatchEvent(new CustomEvent("gridpatrol:signed-in"));
  }
  return true;
}

/** @param {string} token */
function takeToken(token) {
  document.querySelector("meta[name=csrf]")?.setAttribute("content", token);
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[name=csrf_token]"))) field.value = token;
  if (document.body.hasAttribute("hx-headers")) document.body.setAttribute("hx-headers", JSON.stringify({ "x-csrf-token": token }));
}

function lookAgain() {
  const isShown = document.getElementById("signed-out")?.hidden === false;
  if (isShown && document.visibilityState === "visible" && performance.now() - lastMs > ASK_GAP_MS) void renewed();
}

window.addEventListener("focus", lookAgain);
document.addEventListener("visibilitychange", lookAgain);
