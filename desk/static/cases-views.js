// One's own views: an address with a name, kept in this browser; a link that is shared works for anybody.
// @ts-check
import { notice } from "./notice.js";

const KEY = "gridpatrol-views";
const MOST = 12;
const LONGEST_NAME = 30;

export function startViews() {
  const place = document.getElementById("views");
  if (place) draw(place);
}

/** @returns {{name: string, search: string}[]} */
function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((view) => typeof view?.name === "string" && typeof view?.search === "string") : [];
  } catch {
    return [];
  }
}

/** The address without what only this moment's page needs. */
function here() {
  const query = new URLSearchParams(location.search);
  for (const name of ["cursor", "lang", "theme"]) query.delete(name);
  for (const [name, value] of [...query]) if (!value) query.delete(name);
  return query.toString();
}

/** @param {HTMLElement} place */
function draw(place) {
  const views = kept();
  const parts = views.map((view, number) => chip(place, view, number));
  place.replaceChildren(...parts, views.some((view) => view.search === here()) ? "" : saver(place));
}

/**
 * @param {HTMLElement} place
 * @param {{name: string, search: string}} view
 * @param {number} number
 */
function chip(place, view, number) {
  const whole = document.createElement("span");
  whole.className = "view-chip";
  const link = document.createElement("a");
  link.className = "chip small";
  link.href = view.search ? `/?${view.search}` : "/";
  link.textContent = view.name;
  if (view.search === here()) link.setAttribute("aria-current", "true");
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "quiet drop";
  drop.textContent = "×";
  drop.setAttribute("aria-label", `${place.dataset.sayDrop ?? ""} ${view.name}`);
  drop.addEventListener("click", () => {
    localStorage.setItem(KEY, JSON.stringify(kept().filter((_, other) => other !== number)));
    draw(place);
  });
  whole.append(link, drop);
  return whole;
}

/** @param {HTMLElement} place */
function saver(place) {
  const form = document.createElement("form");
  form.className = "view-save";
  const name = document.createElement("input");
  name.maxLength = LONGEST_NAME;
  name.required = true;
  name.placeholder = place.dataset.sayName ?? "";
  name.setAttribute("aria-label", place.dataset.sayName ?? "");
  name.hidden = true;
  const button = document.createElement("button");
  button.type = "submit";
  button.className = "quiet";
  button.textContent = `＋ ${place.dataset.saySave ?? ""}`;
  form.noValidate = true;
  form.append(name, button);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (name.hidden) {
      name.hidden = false;
      name.focus();
      return;
    }
    const views = kept();
    if (!name.value.trim()) return;
    if (views.length >= MOST) {
      notice(place.dataset.sayFull ?? "", "bad");
      return;
    }
    localStorage.setItem(KEY, JSON.stringify([...views, { name: name.value.trim(), search: here() }]));
    draw(place);
  });
  return form;
}
