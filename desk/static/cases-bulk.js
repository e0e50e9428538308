// Several cases at once: ticked by mouse or keys, commanded in one go, each refusal told by its case.
// @ts-check
import { call } from "./call.js";
import { isTyping } from "./keys.js";
import { notice, refusal } from "./notice.js";
import { refresh } from "./refresh.js";

const PATH = "/api/v1/case-commands";
let lastTicked = -1;

export function startBulk() {
  const bar = document.getElementById("bulk");
  if (!(bar instanceof HTMLFormElement)) return;
  document.getElementById("cases")?.addEventListener("click", (event) => onTick(event));
  document.addEventListener("change", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.id === "pick-all") tickAll(/** @type {HTMLInputElement} */ (target).checked);
    if (target.matches(".pick-case, #pick-all")) show(bar);
    if (target.id === "bulk-command") showFields(bar);
  });
  document.addEventListener("keydown", (event) => onKey(event, bar));
  document.getElementById("bulk-none")?.addEventListener("click", () => untick(bar));
  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(bar);
  });
  new MutationObserver(() => show(bar)).observe(/** @type {Node} */ (document.getElementById("cases")), { childList: true });
  showFields(bar);
}

/** @returns {HTMLInputElement[]} */
function boxes() {
  return [...document.querySelectorAll("input.pick-case")].filter((box) => box instanceof HTMLInputElement);
}

/**
 * Shift ticks all from the last ticked one to here.
 * @param {MouseEvent} event
 */
function onTick(event) {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || !box.matches(".pick-case")) return;
  const all = boxes();
  const now = all.indexOf(box);
  if (event.shiftKey && lastTicked >= 0) {
    for (let place = Math.min(now, lastTicked); place <= Math.max(now, lastTicked); place++) all[place].checked = box.checked;
  }
  lastTicked = now;
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLFormElement} bar
 */
function onKey(event, bar) {
  const inBar = bar.contains(/** @type {Node} */ (event.target));
  if (event.key === "Escape" && !document.querySelector("dialog[open]") && (!isTyping(event) || inBar)) {
    untick(bar);
    return;
  }
  if (isTyping(event) && !(/** @type {HTMLElement} */ (event.target).matches(".pick-case, #pick-all"))) return;
  if (event.key === "x") {
    const box = document.querySelector("[data-rows] > tr.selected input.pick-case");
    if (box instanceof HTMLInputElement) box.checked = !box.checked;
  } else if (event.key === "X") {
    tickAll(!boxes().every((box) => box.checked));
  } else if (event.key === "b" && !bar.hidden) {
    document.getElementById("bulk-command")?.focus();
  } else {
    return;
  }
  event.preventDefault();
  show(bar);
}

/** @param {boolean} isOn */
function tickAll(isOn) {
  for (const box of boxes()) box.checked = isOn;
}

/** @param {HTMLFormElement} bar */
function untick(bar) {
  tickAll(false);
  show(bar);
}

/** @param {HTMLFormElement} bar */
function show(bar) {
  const ticked = boxes().filter((box) => box.checked);
  const result = document.getElementById("bulk-result");
  bar.hidden = ticked.length === 0 && (result?.hidden ?? true);
  const count = /** @type {HTMLElement | null} */ (bar.querySelector(".bulk-count"));
  if (count) count.textContent = (count.dataset.say ?? "").replaceAll("{count}", String(ticked.length));
  const all = document.getElementById("pick-all");
  if (all instanceof HTMLInputElement) {
    all.checked = ticked.length > 0 && ticked.length === boxes().length;
    all.indeterminate = ticked.length > 0 && ticked.length < boxes().length;
  }
  for (const box of boxes()) box.closest("tr")?.classList.toggle("ticked", box.checked);
}

/** @param {HTMLFormElement} bar */
function showFields(bar) {
  const wanted = /** @type {HTMLSelectElement | null} */ (document.getElementById("bulk-command"))?.value;
  for (const part of /** @type {NodeListOf<HTMLFieldSetElement>} */ (bar.querySelectorAll(".bulk-fields"))) {
    part.hidden = part.disabled = part.dataset.command !== wanted;
  }
}

/** @param {HTMLFormElement} bar */
async function send(bar) {
  const cases = boxes().filter((box) => box.checked).map((box) => box.value);
  const button = bar.querySelector("button[type=submit]");
  if (!cases.length || !(button instanceof HTMLButtonElement) || button.disabled) return;
  button.disabled = true;
  const fields = Object.fromEntries([...new FormData(bar)].filter(([, value]) => value !== ""));
  if (fields.unit_other) fields.unit = fields.unit_other;
  delete fields.unit_other;
  const answer = await call("POST", PATH, { ...fields, cases });
  button.disabled = false;
  if (!answer.ok) {
    tell(bar, [refusal(answer.status, answer.body)]);
    return;
  }
  const refused = answer.body.results.filter((/** @type {any} */ each) => each.problem);
  if (answer.body.done) notice((bar.dataset.sayDone ?? "").replaceAll("{count}", String(answer.body.done)), "good");
  const left = new Set(refused.map((/** @type {any} */ each) => each.case_id));
  for (const box of boxes()) box.checked = left.has(box.value);
  tell(bar, refused.length ? [(bar.dataset.sayRefused ?? "").replaceAll("{count}", String(refused.length)), ...refused.map(line)] : []);
  await refresh();
  show(bar);
}

/** @param {any} result */
function line(result) {
  const row = /** @type {HTMLElement | null} */ (document.getElementById(`case-${result.case_id}`));
  return `${row?.dataset.number ?? result.case_id} — ${refusal(result.problem.status, result.problem)}`;
}

/**
 * @param {HTMLFormElement} bar
 * @param {string[]} lines
 */
function tell(bar, lines) {
  const place = document.getElementById("bulk-result");
  if (!place) return;
  place.replaceChildren(
    ...lines.map((text) => {
      const told = document.createElement("p");
      told.textContent = text;
      return told;
    }),
  );
  place.hidden = lines.length === 0;
  show(bar);
}
