// The line to the server: case events as they happen, and a lamp that says whether they still come.
// @ts-check

/** @typedef {"connecting" | "live" | "lost" | "signed-out"} LinkState */

const EVENTS = "/api/v1/events";
/** Names that the stream may give its events; anything else comes as `message`. */
const NAMES = ["message", "case", "opened", "seen", "cleared", "late_sighting", "closed", "corrected"];
const RETRY_MS = 4000;

/**
 * Show the state of the line in the page's head.
 * @param {LinkState} state
 */
export function showLink(state) {
  const lamp = document.getElementById("link");
  const text = lamp?.querySelector(".link-text");
  if (!lamp || !text || lamp.dataset.state === state) return;
  lamp.dataset.state = state;
  text.textContent = lamp.getAttribute(`data-say-${state}`) ?? "";
}

/**
 * Follow the case events for as long as the page stands.
 * @param {(event: {case_id?: string} | null) => void} onEvent called for each event
 * @param {() => void} onOpen called each time the line comes up: something may have been missed
 */
export function follow(onEvent, onOpen) {
  showLink("connecting");
  const source = new EventSource(EVENTS);
  source.onopen = () => {
    showLink("live");
    onOpen();
  };
  source.onerror = () => {
    showLink("lost");
    // A refused stream (session ended, too many open) stays shut by itself: ask again, and let the page's reload find out why.
    if (source.readyState === EventSource.CLOSED) {
      onOpen();
      window.setTimeout(() => follow(onEvent, onOpen), RETRY_MS);
    }
  };
  for (const name of NAMES) {
    source.addEventListener(name, (message) => onEvent(parsed(/** @type {MessageEvent} */ (message).data)));
  }
  window.addEventListener("pagehide", () => source.close(), { once: true });
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
