// The live list: a new case slides in on top, a changed one flashes, untouched ones keep their picture and focus.
// @ts-check

let unseen = 0;
const title = document.title;

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible") return;
  unseen = 0;
  document.title = title;
});

/**
 * Put the fresh rows in place of the old ones, row by row.
 * @param {Document} fresh
 */
export function mergeRows(fresh) {
  const body = document.querySelector("[data-rows]");
  const freshBody = body && fresh.getElementById(body.id);
  if (!body || !freshBody) return;
  const old = new Map([...body.children].map((row) => [/** @type {HTMLElement} */ (row).dataset.id, /** @type {HTMLElement} */ (row)]));
  const now = freshBody.getAttribute("data-now");
  if (now) body.setAttribute("data-now", now);
  /** @type {Element[]} */
  const rows = [];
  const arrived = [];
  for (const row of /** @type {HTMLElement[]} */ ([...freshBody.children])) {
    const known = old.get(row.dataset.id);
    if (known && known.dataset.version === row.dataset.version) {
      rows.push(known);
      continue;
    }
    rows.push(row);
    row.classList.add(known ? "changed" : "arrived");
    if (known) keepPlace(known, row);
    else arrived.push(row);
  }
  place(body, rows);
  body.closest("table")?.toggleAttribute("hidden", rows.length === 0);
  announce(arrived);
}

/**
 * Order the rows with as few moves as possible: a row that stays where it is keeps its focus and its picture.
 * @param {Element} body
 * @param {Element[]} rows
 */
function place(body, rows) {
  const wanted = new Set(rows);
  for (const row of [...body.children]) if (!wanted.has(row)) row.remove();
  let next = body.firstElementChild;
  for (const row of rows) {
    if (row === next) next = next.nextElementSibling;
    else body.insertBefore(row, next);
  }
}

/**
 * Give a replaced row's selection, tick, focus and loaded picture to its successor.
 * @param {HTMLElement} old
 * @param {HTMLElement} row
 */
function keepPlace(old, row) {
  row.classList.toggle("selected", old.classList.contains("selected"));
  const tick = /** @type {HTMLInputElement | null} */ (old.querySelector("input.pick-case"));
  const freshTick = /** @type {HTMLInputElement | null} */ (row.querySelector("input.pick-case"));
  if (tick && freshTick) freshTick.checked = tick.checked;
  const hadTick = tick === document.activeElement;
  const before = old.querySelector("img");
  const after = row.querySelector("img");
  if (before && after && before.getAttribute("src") === after.getAttribute("src")) after.replaceWith(before);
  if (old.contains(document.activeElement)) {
    const next = hadTick ? freshTick : /** @type {HTMLElement | null} */ (row.querySelector("a.number"));
    window.setTimeout(() => next?.focus({ preventScroll: true }));
  }
}

/**
 * Say new cases aloud to a screen reader, and count them in the title while the tab is hidden.
 * @param {HTMLElement[]} arrived
 */
function announce(arrived) {
  const voice = document.getElementById("announce");
  if (!arrived.length || !voice) return;
  voice.textContent = arrived.map((row) => row.dataset.announce ?? "").join("; ");
  if (document.visibilityState === "visible") return;
  unseen += arrived.length;
  document.title = `(${unseen}) ${title}`;
}
