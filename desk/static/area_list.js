// The list beside the drawing: each area with its corners, whether it is sound, and in words what is wrong.
// @ts-check
import { filled } from "./pane.js";
import { faultOf } from "./polygons.js";

/**
 * @param {HTMLElement} list
 * @param {import("./polygons.js").PolygonEditor} editor
 * @param {Record<string, string>} words
 * @param {{cells: string[], choose: (code: string) => void} | null} tie for regions: each shows one cell
 */
export function showAreas(list, editor, words, tie) {
  if (list.contains(document.activeElement) && document.activeElement instanceof HTMLInputElement) return;
  const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.focus;
  if (!editor.areas.length) {
    list.replaceChildren(Object.assign(document.createElement("li"), { className: "hint", textContent: words["area.none"] }));
    return;
  }
  list.replaceChildren(...editor.areas.map((area, index) => row(area, index, editor, words, tie)));
  if (focused) /** @type {HTMLElement | null} */ (list.querySelector(`[data-focus="${focused}"]`))?.focus();
}

/** @param {any} area @param {number} index @param {import("./polygons.js").PolygonEditor} editor @param {Record<string, string>} words @param {any} tie */
function row(area, index, editor, words, tie) {
  const line = document.createElement("li");
  line.classList.toggle("selected", index === editor.selected);
  const name = filled(words["area.name"], { number: index + 1 });
  const pick = document.createElement("button");
  pick.type = "button";
  pick.className = "quiet pick-area";
  pick.dataset.focus = `area-${index}`;
  pick.textContent = name;
  pick.setAttribute("aria-pressed", String(index === editor.selected));
  pick.addEventListener("click", () => editor.select(index));
  const facts = document.createElement("span");
  facts.className = "hint";
  facts.textContent = filled(words["area.corners"], { count: area.points.length });
  const fault = faultOf(area.points);
  const said = document.createElement("span");
  said.className = fault ? "verdict bad" : "verdict good";
  said.textContent = words[fault ? `area.${fault}` : "area.sound"];
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "quiet";
  drop.textContent = "×";
  drop.setAttribute("aria-label", `${words["cal.remove"]}: ${name}`);
  drop.addEventListener("click", () => editor.remove(index));
  line.append(pick, facts, drop, said);
  if (tie) line.append(cellOf(area, index, editor, words, tie, name));
  return line;
}

/** @param {any} area @param {number} index @param {import("./polygons.js").PolygonEditor} editor @param {Record<string, string>} words @param {any} tie @param {string} name */
function cellOf(area, index, editor, words, tie, name) {
  const label = document.createElement("label");
  label.className = "area-cell";
  const input = document.createElement("input");
  input.value = area.data.cell ?? "";
  input.setAttribute("list", "cell-list");
  input.placeholder = words["area.cell.pick"];
  input.maxLength = 40;
  input.spellcheck = false;
  input.setAttribute("aria-label", `${name}: ${words["area.cell"]}`);
  input.addEventListener("change", () => {
    editor.selected = index;
    input.blur();
    tie.choose(input.value.trim());
  });
  label.append(input);
  return label;
}
