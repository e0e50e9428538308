// The line to the server: case events as they happen, and a lamp that says whether they still come.
// @ts-check

/** @typedef {"connecting" | "live" | "lost" | "signed-out"} LinkState */

const EVENTS = "/api/v1/events";
/** Names that the stream may give its events; anything else comes as `message`. */
const NAMES = ["message", "case", "opened", "seen", "cleared", "late_sighting", "closed", "corrected"];
const RETRY_MS = 4000;
const ALIVE = "/healthz";
const CHECK_EVERY_MS = 15_000;
const CHECK_WAIT_MS = 6000;

/**
 * Show the state of the line in the page's head.
 * @param {LinkState} state
 */
export function showLink(state) {
  const lamp = document.getElementById("link");
  const text = lamp?.querySelector(".link-text");
  if (!lamp || !text || lamp.dataset.state === state) return;
  if (document.getElementById("signed-out")?.hidden === false && state !== "signed-out") return;
  lamp.dataset.state = state;
  text.textContent = lamp.getAttribute(`data-say-${state}`) ?? "";
}

/**
 * Follow the case events for as long as the page stands.
 *
 * A pulled cable leaves the stream open for minutes without a word, so the server is asked now and then whether it is there.
 * @param {(event: {case_id?: string} | null) => void} onEvent called for each event
 * @param {() => void} onOpen called each time the line comes up: something may have been missed
 */
export function follow(onEvent, onOpen) {
  const line = new Line(onEvent, onOpen);
  line.open();
  window.addEventListener("offline", () => line.cut());
  window.addEventListener("online", () => line.open());
  window.addEventListener("pagehide", () => line.source?.close());
  window.addEventListener("pageshow", (event) => event.persisted && line.open()); // by the browser's Back, as it was left
  window.setInterval(() => document.visibilityState === "visible" && void line.check(), CHECK_EVERY_MS);
}

class Line {
  /**
   * @param {(event: {case_id?: string} | null) => void} onEvent
   * @param {() => void} onOpen
   */
  constructor(onEvent, onOpen) {
    this.onEvent = onEvent;
    this.onOpen = onOpen;
    /** @type {EventSource | null} */
    this.source = null;
    this.isCut = false;
    this.timer = 0;
  }

  /** Begin anew, whatever there was. */
  open() {
    this.source?.close();
    window.clearTimeout(this.timer);
    this.isCut = false;
    showLink("connecting");
    const source = new EventSource(EVENTS);
    this.source = source;
    source.onopen = () => {
      if (this.isCut) return;
      showLink("live");
      this.onOpen();
    };
    source.onerror = () => {
      showLink("lost");
      // A refused stream (session ended, too many open) stays shut by itself: ask again, and let the page's reload find out why.
      if (source.readyState === EventSource.CLOSED && this.source === source) {
        this.onOpen();
        this.timer = window.setTimeout(() => this.open(), RETRY_MS);
      }
    };
    for (const name of NAMES) {
      source.addEventListener(name, (message) => this.onEvent(parsed(/** @type {MessageEvent} */ (message).data)));
    }
  }

  /** Nothing comes any more, though nobody said so. */
  cut() {
    this.isCut = true;
    showLink("lost");
  }

  async check() {
    const isThere = await answers();
    if (!isThere) this.cut();
    else if (this.isCut) this.open();
  }
}

async function answers() {
  try {
    return (await fetch(ALIVE, { cache: "no-store", signal: AbortSignal.timeout(CHECK_WAIT_MS) })).ok;
  } catch {
    return false;
  }
}

/**
 * @param {unknown} text
 * @returns {{case_id?: string} | null}
 */
function parsed(text) {
  try {
    const value = JSON.parse(String(text));
    return value && typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
