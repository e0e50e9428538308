// Rows that a person adds and takes away: hours of a week, a season, holidays, make-up working days.
// Each such fieldset is told to the API as one value.
// @ts-check

/** @typedef {HTMLInputElement | HTMLSelectElement} Part */
/** @typedef {{name: string, value: unknown, wrong: HTMLElement | null, say: string}} Told */

const MOST_DAYS = 60;
const DAY_MS = 86_400_000;
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const CLOCK = /^(\d{1,2})(?:[:：]?(\d{2}))?$/;

/** What a row holds cannot be read; it names the control. */
class Unreadable extends Error {
  /** @param {HTMLElement} control */
  constructor(control) {
    super("unreadable");
    this.control = control;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button[data-add], button[data-remove]") : null;
  const rows = button?.closest("fieldset[data-rows]");
  if (!button || !(rows instanceof HTMLFieldSetElement)) return;
  if (button.hasAttribute("data-add")) added(rows);
  else {
    button.closest("li.row")?.remove();
    /** @type {HTMLElement | null} */ (rows.querySelector("[data-add]"))?.focus();
  }
});
document.addEventListener("change", (event) => {
  const control = event.target;
  if (!(control instanceof HTMLInputElement) || control.dataset.clock === undefined) return;
  const time = clockOf(control.value);
  if (time) control.value = time;
  marked(/** @type {HTMLElement} */ (control.closest("li.row")));
});

/** @param {HTMLFormElement} form @returns {Told[]} each fieldset's value, or its control that cannot be read */
export function rowsOf(form) {
  return [...form.querySelectorAll("fieldset[data-rows]")].map((each) => {
    const rows = /** @type {HTMLFieldSetElement} */ (each);
    const say = rows.dataset.sayWrong ?? "";
    try {
      return { name: rows.name, value: valueOf(rows), wrong: null, say };
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return { name: rows.name, value: null, wrong: error.control, say };
    }
  });
}

/** @param {HTMLFieldSetElement} rows */
function added(rows) {
  const template = rows.querySelector("template");
  const row = template?.content.firstElementChild?.cloneNode(true);
  if (!(row instanceof HTMLElement)) return;
  rows.querySelector("ol")?.append(row);
  /** @type {HTMLElement | null} */ (row.querySelector("input:not([type=checkbox])"))?.focus();
}

/** An end at or before its start is the next day's. @param {HTMLElement | null} row */
function marked(row) {
  const mark = row?.querySelector("[data-next-day]");
  if (!row || !(mark instanceof HTMLElement)) return;
  const [from, until] = [textOf(row, "from"), textOf(row, "until")];
  mark.hidden = !from || !until || until > from;
}

/** @param {HTMLFieldSetElement} rows @returns {unknown} */
function valueOf(rows) {
  if (rows.dataset.rows === "season") return seasonOf(rows);
  const told = [...rows.querySelectorAll("li.row")].map((each) => /** @type {HTMLElement} */ (each)).filter(isFilled);
  if (rows.dataset.rows === "windows") return told.map(windowOf);
  if (rows.dataset.rows === "week") return weekOf(told.map(windowOf));
  if (rows.dataset.rows === "holidays") return told.flatMap(holidaysOf);
  return told.map(workdayOf);
}

/** @param {HTMLElement} row whether anything is written in it; ticks and choices alone are nothing */
function isFilled(row) {
  return partsOf(row).some((part) => part instanceof HTMLInputElement && part.type !== "checkbox" && part.value.trim());
}

/** @param {HTMLElement} row */
function windowOf(row) {
  const ticks = partsOf(row).filter((part) => part.dataset.part === "days");
  const days = ticks.filter((part) => part instanceof HTMLInputElement && part.checked).map((part) => part.value);
  const [first] = ticks;
  if (days.length === 0 && first) throw new Unreadable(first);
  return { days, from: timeIn(row, "from"), until: timeIn(row, "until") };
}

/** @param {{days: string[], from: string, until: string}[]} windows @returns {Record<string, string[]>} shifts by weekday */
function weekOf(windows) {
  const week = WEEKDAYS.map((day) => [
    day,
    windows.filter((each) => each.days.includes(day)).map((each) => `${each.from}-${each.until === "00:00" ? "24:00" : each.until}`),
  ]);
  return Object.fromEntries(week.filter(([, shifts]) => shifts?.length));
}

/** @param {HTMLElement} row @returns {{date: string, name: string}[]} a day each */
function holidaysOf(row) {
  const first = dateIn(row, "first");
  const last = textOf(row, "last") || first;
  const count = 1 + Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS);
  if (!(count >= 1 && count <= MOST_DAYS)) throw new Unreadable(partOf(row, "last"));
  const name = textOf(row, "name");
  return Array.from({ length: count }, (_, day) => ({ date: new Date(Date.parse(first) + day * DAY_MS).toISOString().slice(0, 10), name }));
}

/** @param {HTMLElement} row */
function workdayOf(row) {
  const told = { date: dateIn(row, "date"), name: textOf(row, "name") };
  const hours = textOf(row, "shifts").split(/[\s,，;；]+/).filter(Boolean);
  if (hours.length === 0) return { ...told, like: textOf(row, "like") };
  return { ...told, shifts: hours.map((each) => shiftOf(each, partOf(row, "shifts"))) };
}

/** @param {string} text @param {HTMLElement} control */
function shiftOf(text, control) {
  const ends = text.split(/[-–—]/).map(clockOf);
  if (ends.length !== 2 || !ends[0] || !ends[1]) throw new Unreadable(control);
  return ends.join("-");
}

/** @param {HTMLFieldSetElement} rows @returns {{from: string, until: string} | null} null: all year */
function seasonOf(rows) {
  const parts = partsOf(rows);
  if (parts.every((part) => !part.value)) return null;
  const empty = parts.find((part) => !part.value);
  if (empty) throw new Unreadable(empty);
  const at = (/** @type {string} */ end) => `${textOf(rows, `${end}-month`)}-${textOf(rows, `${end}-day`)}`;
  return { from: at("from"), until: at("until") };
}

/** `8`, `830` and `8:30` are times, too. @param {string} text @returns {string} `08:30`; empty: none */
function clockOf(text) {
  const found = CLOCK.exec(text.trim());
  if (!found) return "";
  const [hours, minutes] = [Number(found[1]), Number(found[2] ?? 0)];
  if (minutes > 59 || hours * 60 + minutes > 24 * 60) return "";
  return `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}

/** @param {HTMLElement} row @param {string} name */
function timeIn(row, name) {
  const time = clockOf(textOf(row, name));
  if (!time) throw new Unreadable(partOf(row, name));
  return time;
}

/** @param {HTMLElement} row @param {string} name */
function dateIn(row, name) {
  const text = textOf(row, name);
  if (!text) throw new Unreadable(partOf(row, name));
  return text;
}

/** @param {HTMLElement} row @param {string} name */
function textOf(row, name) {
  return partOf(row, name).value.trim();
}

/** @param {HTMLElement} row @param {string} name @returns {Part} */
function partOf(row, name) {
  return /** @type {Part} */ (row.querySelector(`[data-part="${name}"]`));
}

/** @param {HTMLElement} row @returns {Part[]} */
function partsOf(row) {
  return /** @type {Part[]} */ ([...row.querySelectorAll("[data-part]")]);
}
