// The desk's entry: every page works without it; it adds life, keys and the large picture.
// @ts-check
import { startKeys } from "./keys.js";
import { follow, showLink } from "./live.js";
import { refresh } from "./refresh.js";
import { startViewer } from "./viewer.js";

/** Seconds between two looks at the cameras: their states are no case events. */
const CAMERAS_EVERY_S = 5;
/** Least milliseconds between two reloads of a page's contents, however fast events come. */
const REFRESH_GAP_MS = 700;

const page = document.body.dataset.page ?? "plain";
let waiting = false;
let running = false;
let lastMs = -Infinity;

/** Load the page's contents again soon; many calls in a row make one. */
function refreshSoon() {
  if (waiting) return;
  waiting = true;
  window.setTimeout(run, Math.max(0, lastMs + REFRESH_GAP_MS - performance.now()));
}

async function run() {
  if (running) {
    window.setTimeout(run, REFRESH_GAP_MS);
    return;
  }
  waiting = false;
  running = true;
  lastMs = performance.now();
  try {
    const outcome = await refresh();
    if (outcome !== "done") showLink(outcome);
    else if (page === "cameras") showLink("live");
  } finally {
    running = false;
  }
}

/**
 * Whether a case event changes what this page shows.
 * @param {{case_id?: string} | null} event
 */
function concerns(event) {
  if (page !== "case") return true;
  const shown = document.getElementById("head")?.dataset.case;
  return !event?.case_id || event.case_id === shown;
}

if (page === "cases" || page === "case") {
  follow((event) => concerns(event) && refreshSoon(), refreshSoon);
} else if (page === "cameras") {
  showLink("connecting");
  refreshSoon();
  window.setInterval(() => document.visibilityState === "visible" && refreshSoon(), CAMERAS_EVERY_S * 1000);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refreshSoon());
}
startKeys(page);
if (page === "case") startViewer();
