// The administration's forms: each sends JSON, or a file, to the API that programs use, and says what came of it.
// A refusal stands beside its field; what cannot be undone asks; a secret is shown once and kept nowhere.
// @ts-check
import { rowsOf } from "./admin_rows.js";
import { csrf } from "./call.js";
import { isSignedOut, lostSession, renewed } from "./session.js";
import { notice, refusal } from "./notice.js";

/** @typedef {{ok: boolean, status: number, body: any, etag: string}} Answer */
/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */

const TYPES = {
  csv: "text/csv", geojson: "application/geo+json", json: "application/json", toml: "application/toml", ics: "text/calendar",
};
const FAULT = "fault";

for (const form of document.querySelectorAll("form[data-path]")) {
  if (form instanceof HTMLFormElement) form.addEventListener("submit", (event) => {
    event.preventDefault();
    void sent(form, event.submitter instanceof HTMLElement ? event.submitter : null);
  });
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => void copied(/** @type {HTMLElement} */ (button)));
}
for (const when of document.querySelectorAll("input[data-preview]")) {
  when.addEventListener("change", () => forget(/** @type {HTMLInputElement} */ (when).form));
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} button which of its buttons; one with `data-dry` only asks what would change
 */
async function sent(form, button) {
  if (form.dataset.busy) return;
  clear(form);
  const isDry = button?.dataset.dry !== undefined;
  const request = requestOf(form, button, isDry);
  if (request === null) return;
  const question = isDry ? "" : button?.dataset.ask ?? form.dataset.ask ?? "";
  if (question && !(await agreed(filled(form, question), button?.textContent?.trim() ?? ""))) return;
  form.dataset.busy = "1";
  button?.setAttribute("aria-busy", "true");
  try {
    let answer = await asked(request);
    if (isSignedOut(answer.status, answer.body)) {
      if (!(await renewed())) {
        lostSession();
        return;
      }
      request.headers["x-csrf-token"] = csrf();
      answer = await asked(request);
    }
    if (!answer.ok) shown(form, answer);
    else if (isDry || form.dataset.then === "plan") planned(form, answer.body, isDry);
    else await done(form, button, answer);
  } finally {
    delete form.dataset.busy;
    button?.removeAttribute("aria-busy");
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} button
 * @param {boolean} isDry
 * @returns {{method: string, path: string, headers: Record<string, string>, body: BodyInit | undefined} | null} null: said beside its field
 */
function requestOf(form, button, isDry) {
  if (!isFilled(form)) return null;
  const headers = { Accept: "application/json", "x-csrf-token": csrf() };
  if (form.dataset.ifMatch) headers["If-Match"] = form.dataset.ifMatch;
  const query = new URLSearchParams(isDry ? { dry_run: "true" } : {});
  /** @type {Record<string, unknown>} */
  const json = {};
  /** @type {BodyInit | undefined} */
  let body;
  for (const control of controlsOf(form)) {
    const kind = control.dataset.as ?? "text";
    if (kind === "file") {
      const file = control instanceof HTMLInputElement ? control.files?.[0] : undefined;
      if (!file) {
        fault(form, control.name, form.dataset.sayFile ?? "");
        return null;
      }
      headers["Content-Type"] = TYPES[/** @type {keyof typeof TYPES} */ (file.name.split(".").pop()?.toLowerCase() ?? "")] ?? "application/octet-stream";
      body = file;
      continue;
    }
    if (kind === "path") continue;
    if (kind === "query") {
      if (control.value.trim()) query.set(control.name, control.value.trim());
      continue;
    }
    try {
      put(json, control, kind);
    } catch {
      fault(form, control.name, form.dataset.sayJson ?? "");
      return null;
    }
  }
  for (const { name, value, wrong, say } of rowsOf(form)) {
    if (wrong) {
      fault(form, name, say, wrong);
      return null;
    }
    json[name] = value;
  }
  const method = button?.dataset.method ?? form.dataset.method ?? "POST";
  const path = pathOf(form, button?.dataset.path ?? pathFor(form, body));
  if (body === undefined && (method === "PATCH" || method === "PUT" || Object.keys(json).length > 0)) {
    body = JSON.stringify(json);
    headers["Content-Type"] = "application/json";
  }
  const ending = query.toString();
  return { method, path: ending ? `${path}?${ending}` : path, headers, body };
}

/** A file's ending may choose the address: data-path-csv beside data-path. @param {HTMLFormElement} form @param {BodyInit | undefined} body */
function pathFor(form, body) {
  const ending = body instanceof File ? body.name.split(".").pop()?.toLowerCase() : "";
  return (ending === "csv" ? form.dataset.pathCsv : undefined) ?? form.dataset.path ?? "";
}

/** @param {HTMLFormElement} form @param {string} path */
function pathOf(form, path) {
  return path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(valueOf(form, name)));
}

/** @param {HTMLFormElement} form @param {string} text */
function filled(form, text) {
  return text.replace(/\{(\w+)\}/g, (_, name) => valueOf(form, name));
}

/** @param {HTMLFormElement} form @param {string} name */
function valueOf(form, name) {
  return String(new FormData(form).get(name) ?? "").trim();
}

/**
 * One control's value into the body, as `data-as` says; `data-empty` says what an empty one means: nothing, null or text.
 * @param {Record<string, unknown>} json
 * @param {Control} control
 * @param {string} kind
 */
function put(json, control, kind) {
  const name = control.name;
  if (control instanceof HTMLInputElement && control.type === "checkbox") {
    if (kind === "bool") json[name] = control.checked;
    else {
      const list = /** @type {unknown[]} */ (json[name] ??= []);
      if (control.checked) list.push(control.value);
    }
    return;
  }
  if (control instanceof HTMLInputElement && control.type === "radio" && !control.checked) return;
  const text = control.value.trim();
  if (!text) {
    if (kind === "list") json[name] = [];
    else if (control.dataset.empty === "null") json[name] = null;
    else if (control.dataset.empty === "text") json[name] = "";
    return;
  }
  if (kind === "number") json[name] = Number(text);
  else if (kind === "list") json[name] = text.split(/[\s,，;；]+/).filter(Boolean);
  else if (kind === "json") json[name] = JSON.parse(text);
  else if (kind === "ring") json[name] = text.split(/\n\s*\n/).map(ringOf);
  else if (kind === "entry") json[name] = { [valueOf(/** @type {HTMLFormElement} */ (control.form), control.dataset.key ?? "")]: text };
  else if (kind === "moment") json[name] = new Date(`${text}T23:59:59${control.dataset.offset ?? "+08:00"}`).toISOString();
  else json[name] = text;
}

/** A polygon typed as one `lon, lat` a line, closed if it is not. @param {string} text */
function ringOf(text) {
  const places = text.split(/\n+/).map((line) => line.trim()).filter(Boolean).map((line) => {
    const numbers = line.split(/[\s,，]+/).map(Number);
    if (numbers.length !== 2 || numbers.some((number) => !Number.isFinite(number))) throw new Error(line);
    return numbers;
  });
  const [first, last] = [places[0], places[places.length - 1]];
  if (first && last && (first[0] !== last[0] || first[1] !== last[1])) places.push(first);
  return places;
}

/** @param {HTMLFormElement} form @returns {Control[]} */
function controlsOf(form) {
  return [...form.elements].filter((each) => /** @type {Control} */ (each).name && !(each instanceof HTMLButtonElement) && !(each instanceof HTMLFieldSetElement))
    .map((each) => /** @type {Control} */ (each));
}

/** @param {{method: string, path: string, headers: Record<string, string>, body: BodyInit | undefined}} request @returns {Promise<Answer>} */
async function asked({ method, path, headers, body }) {
  try {
    const answer = await fetch(path, { method, headers, body, credentials: "same-origin" });
    const kind = answer.status === 204 ? "" : (answer.headers.get("Content-Type") ?? "");
    return { ok: answer.ok, status: answer.status, body: kind.includes("json") ? await answer.json() : null, etag: answer.headers.get("ETag") ?? "" };
  } catch {
    return { ok: false, status: 0, body: null, etag: "" };
  }
}

/**
 * Whether all that is needed stands there, and every number is within its bounds; what is amiss is said beside its field.
 * @param {HTMLFormElement} form
 */
function isFilled(form) {
  for (const control of controlsOf(form)) {
    const text = control.value.trim();
    if (!text) {
      if (control.getAttribute("aria-required") && form.dataset.sayNeeded) fault(form, control.name, form.dataset.sayNeeded);
      continue;
    }
    const [least, most] = [control.getAttribute("min") ?? "", control.getAttribute("max") ?? ""];
    if (control.dataset.as !== "number" || !least || !most || !form.dataset.sayRange) continue;
    if (Number(text) >= Number(least) && Number(text) <= Number(most)) continue;
    fault(form, control.name, form.dataset.sayRange.replaceAll("{least}", least).replaceAll("{most}", most));
  }
  return begins(form);
}

/** The first field that is amiss has the focus, not the last. @param {HTMLFormElement} form @returns {boolean} none is */
function begins(form) {
  const first = form.querySelector("[aria-invalid]");
  if (first instanceof HTMLElement) first.focus();
  return first === null;
}

/** A refusal, beside the field that it is about where that is known. @param {HTMLFormElement} form @param {Answer} answer */
function shown(form, answer) {
  const problem = answer.body;
  const slug = String(problem?.type ?? "").split("/").pop() ?? "";
  /** @type {Record<string, string>} */
  const known = JSON.parse(form.dataset.faults ?? "{}");
  const title = refusal(answer.status, problem && { ...problem, detail: undefined });
  let isPlaced = false;
  for (const each of problem?.errors ?? []) {
    const parts = String(each.field).split(".");
    const name = parts.find((part) => form.elements.namedItem(part)) ?? "";
    isPlaced = fault(form, name, `${title} ${each.message}`) || isPlaced;
  }
  begins(form);
  if (!isPlaced) fault(form, known[slug] ?? "", problem?.detail ? `${title} ${problem.detail}` : title);
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name of the control; none: the form as a whole
 * @param {string} text
 * @param {HTMLElement | null} at the control itself, where it has no name of its own
 * @returns {boolean} whether it stands beside a field
 */
function fault(form, name, text, at = null) {
  const found = name ? form.elements.namedItem(name) : null;
  const named = found instanceof RadioNodeList ? found[0] : found;
  const control = at ?? (named instanceof HTMLFieldSetElement ? named.querySelector("input:not([type=checkbox]), select, button") : named);
  const place = document.createElement("p");
  place.className = FAULT;
  place.setAttribute("role", "alert");
  place.textContent = text;
  if (!(control instanceof HTMLElement)) {
    (form.querySelector(".act") ?? form).before(place);
    if (place.parentElement !== form && !form.contains(place)) form.prepend(place);
    return false;
  }
  place.id = `${FAULT}-${Math.random().toString(36).slice(2)}`;
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", place.id);
  (control.closest("fieldset[data-rows]") ?? control.closest("label, fieldset") ?? control).append(place);
  control.focus();
  return true;
}

/** @param {HTMLFormElement} form */
function clear(form) {
  for (const each of form.querySelectorAll(`.${FAULT}`)) each.remove();
  for (const each of form.querySelectorAll("[aria-invalid]")) {
    each.removeAttribute("aria-invalid");
    each.removeAttribute("aria-describedby");
  }
}

/** @param {HTMLFormElement} form @param {HTMLElement | null} button @param {Answer} answer */
async function done(form, button, answer) {
  const secret = form.dataset.secret ?? button?.dataset.secret ?? "";
  if (secret) {
    const shown = answer.body?.[secret];
    if (shown) await told(String(shown)); // none for who comes in by single sign-on
    location.reload();
    return;
  }
  const result = button?.dataset.result ?? form.dataset.result;
  if (result) {
    const place = document.getElementById(result);
    if (place) place.textContent = resultOf(place, answer.body);
    return;
  }
  const href = form.dataset.then ?? "";
  if (href.startsWith("/")) location.assign(pathOf(form, href));
  else location.reload();
}

/** Words with the answer's values put in; `data-say-VALUE-of-KEY` chooses among several. @param {HTMLElement} place @param {any} body */
function resultOf(place, body) {
  const key = place.dataset.key ?? "";
  const text = (key ? place.dataset[`say${String(body?.[key]).replace(/^./, (first) => first.toUpperCase())}`] : undefined) ?? place.dataset.say ?? "";
  return text.replace(/\{(\w+)\}/g, (_, name) => String(body?.[name] ?? ""));
}

/**
 * What an import would change, or did.
 * @param {HTMLFormElement} form
 * @param {any} plan `changes` with `text`, or with category, field, before and after
 * @param {boolean} isDry
 */
function planned(form, plan, isDry) {
  const place = form.querySelector(".plan");
  if (!(place instanceof HTMLElement)) return;
  place.hidden = false;
  const head = document.createElement("p");
  const words = isDry ? place.dataset.sayDry : place.dataset.sayDone;
  const changes = plan.changes ?? [];
  head.textContent = (words ?? "").replace(/\{(\w+)\}/g, (_, name) => String(name === "count" ? changes.length : plan[name] ?? ""));
  const list = document.createElement("ol");
  for (const each of changes.slice(0, 500)) {
    const line = document.createElement("li");
    const action = each.action ?? each.kind;
    line.className = `change change-${action}`;
    const said = document.createElement("b");
    said.textContent = place.dataset[`say${action.replace(/^./, (/** @type {string} */ first) => first.toUpperCase())}`] ?? action;
    line.append(said, ` ${each.text ?? changeText(each)}`);
    list.append(line);
  }
  place.replaceChildren(head, list);
  const apply = form.querySelector("button[data-apply]");
  if (apply instanceof HTMLButtonElement) apply.disabled = !isDry;
  if (!isDry) {
    notice(head.textContent ?? "", "good");
    if (form.dataset.reload !== undefined) location.reload();
  }
}

/** @param {{category: string, field: string, before: unknown, after: unknown}} change */
function changeText({ category, field, before, after }) {
  return field ? `${category}.${field}: ${JSON.stringify(before)} → ${JSON.stringify(after)}` : category;
}

/** Another file was chosen: what was said of the last one counts no more. @param {HTMLFormElement | null} form */
function forget(form) {
  if (!form) return;
  clear(form);
  const place = form.querySelector(".plan");
  if (place instanceof HTMLElement) place.hidden = true;
  const apply = form.querySelector("button[data-apply]");
  if (apply instanceof HTMLButtonElement) apply.disabled = true;
}

/** @param {string} question @param {string} action @returns {Promise<boolean>} */
function agreed(question, action) {
  const dialog = document.getElementById("ask");
  if (!(dialog instanceof HTMLDialogElement)) return Promise.resolve(false);
  const text = dialog.querySelector("[data-question]");
  const yes = dialog.querySelector("button[value=yes]");
  if (text) text.textContent = question;
  if (yes && action) yes.textContent = action;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

/** Shows a secret until it is put away; nothing keeps it afterwards. @param {string} secret @returns {Promise<void>} */
function told(secret) {
  const dialog = document.getElementById("secret");
  if (!(dialog instanceof HTMLDialogElement)) return Promise.resolve();
  const place = dialog.querySelector("[data-secret-text]");
  if (place) place.textContent = secret;
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => {
    if (place) place.textContent = "";
    resolve();
  }, { once: true }));
}

/** @param {HTMLElement} button */
async function copied(button) {
  const from = document.querySelector(button.dataset.copy ?? "");
  try {
    await navigator.clipboard.writeText(from?.textContent ?? "");
    notice(button.dataset.sayCopied ?? "", "good");
  } catch {
    notice(button.dataset.sayNot ?? "", "bad");
  }
}
