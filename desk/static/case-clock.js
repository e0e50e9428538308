// Deadlines count on by themselves: by the server's clock, never by the reader's own, which may be wrong.
// @ts-check

const EVERY_MS = 1000;
/** @type {Map<HTMLElement, string>} */
const told = new Map();
let serverNow = 0;
let toldAtMs = 0;

/** Count every deadline on the page on, once a second. */
export function startClocks() {
  tick();
  window.setInterval(tick, EVERY_MS);
}

/** Count at once, after the page's contents were loaded anew. */
export function tick() {
  const source = /** @type {HTMLElement | null} */ (document.querySelector("[data-now]"));
  if (!source) return;
  if (told.get(source) !== source.dataset.now) {
    told.clear();
    told.set(source, source.dataset.now ?? "");
    serverNow = Number(source.dataset.now);
    toldAtMs = performance.now();
  }
  const now = serverNow + (performance.now() - toldAtMs) / 1000;
  for (const clock of document.querySelectorAll("[data-due]")) show(/** @type {HTMLElement} */ (clock), now);
}

/**
 * @param {HTMLElement} clock
 * @param {number} now epoch seconds
 */
function show(clock, now) {
  const due = Number(clock.dataset.due);
  const near = Number(clock.dataset.near);
  const standing = now > due ? "overdue" : now >= near ? "near_due" : "in_time";
  for (const name of ["in_time", "near_due", "overdue"]) clock.classList.toggle(`due-${name}`, name === standing);
  put(clock.querySelector(".due-word"), clock.getAttribute(`data-say-${standing}`) ?? "");
  tell(clock.querySelector(".due-left"), Math.abs(due - now));
  if ("working" in clock.dataset && now <= due) {
    tell(clock.parentElement?.querySelector(".work-left") ?? null, workLeft(clock.dataset.stretches ?? "", now));
  }
}

/**
 * Working time between now and the deadline.
 * @param {string} stretches `start-end` in epoch seconds, commas between
 * @param {number} now
 */
function workLeft(stretches, now) {
  let left = 0;
  for (const stretch of stretches.split(",").filter(Boolean)) {
    const [start, end] = stretch.split("-").map(Number);
    left += Math.max(0, end - Math.max(start, now));
  }
  return left;
}

/**
 * Write a length of time as the server drew it: where both languages are shown, each in its own place.
 * @param {Element | null} place
 * @param {number} seconds
 */
function tell(place, seconds) {
  const [chinese, english] = tongues().map((units) => lengthOf(seconds, units));
  const both = place?.querySelector(".bi");
  if (!both || !english) return put(place, chinese);
  const first = both.firstChild;
  if (first && first.nodeValue !== `${chinese} `) first.nodeValue = `${chinese} `;
  put(both.querySelector(".en"), english);
}

/**
 * A length of time in two units, as the server writes it.
 * @param {number} seconds
 * @param {string} units short names of days, hours, minutes and seconds; commas between
 */
function lengthOf(seconds, units) {
  const whole = Math.max(0, Math.floor(seconds));
  const days = Math.floor(whole / 86400);
  const hours = Math.floor((whole % 86400) / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = whole % 60;
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const [d, h, m, s] = units.split(",");
  if (days) return `${days} ${d} ${hours} ${h}`;
  if (hours) return `${hours} ${h} ${two(minutes)} ${m}`;
  if (minutes) return `${minutes} ${m} ${two(rest)} ${s}`;
  return `${rest} ${s}`;
}

/** The units' names in each language that is shown, drawn by the server. */
function tongues() {
  const named = /** @type {HTMLElement | null} */ (document.querySelector("[data-units]"));
  return (named?.dataset.units ?? "d,h,min,s").split(" ");
}

/**
 * @param {Element | null} place
 * @param {string} text
 */
function put(place, text) {
  if (place && place.textContent !== text) place.textContent = text;
}
