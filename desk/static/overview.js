// The overview's life: its figures follow the case events, and the clock (what was in time a minute ago may be late now).
// @ts-check
import { follow, showLink } from "./live.js";
import { refresh } from "./refresh.js";

/** Least milliseconds between two reloads: a storm of events costs the server one page in so long. */
const GAP_MS = 3000;
/** Without any event: deadlines pass, cameras fall silent. */
const EVERY_MS = 30_000;

let waiting = false;
let lastMs = -Infinity;

function refreshSoon() {
  if (waiting) return;
  waiting = true;
  window.setTimeout(run, Math.max(0, lastMs + GAP_MS - performance.now()));
}

async function run() {
  lastMs = performance.now();
  if (document.visibilityState === "visible") {
    const outcome = await refresh();
    if (outcome !== "done") showLink(outcome);
  }
  waiting = false;
}

follow(refreshSoon, refreshSoon);
window.setInterval(refreshSoon, EVERY_MS);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refreshSoon());
