// Polygons drawn and changed by hand or by keys, on any pane; what is wrong with one is told by a code.
// @ts-check
import { makeHandle, svg } from "./pane.js";

/** @typedef {import("./pane.js").Spot} Spot */
/** @typedef {{points: Spot[], data: Record<string, any>}} Area */
/** @typedef {"few" | "flat" | "crosses" | ""} Fault */

const SNAP_PX = 12;
const MOST_UNDO = 100;

/**
 * What is wrong with a ring; empty: nothing.
 * @param {Spot[]} ring
 * @returns {Fault}
 */
export function faultOf(ring) {
  if (ring.length < 3) return "few";
  const count = ring.length;
  for (let one = 0; one < count; one++) {
    for (let other = one + 1; other < count; other++) {
      const isNext = other === one + 1 || (one === 0 && other === count - 1);
      if (!isNext && meet(ring[one], ring[(one + 1) % count], ring[other], ring[(other + 1) % count])) return "crosses";
    }
  }
  const xs = ring.map((at) => at.x);
  const ys = ring.map((at) => at.y);
  const extent = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
  return Math.abs(areaOf(ring)) < 0.0005 * extent * extent || extent === 0 ? "flat" : "";
}

/** @param {Spot[]} ring */
export function areaOf(ring) {
  return ring.reduce((sum, at, index) => {
    const next = ring[(index + 1) % ring.length];
    return sum + (at.x * next.y - next.x * at.y) / 2;
  }, 0);
}

/**
 * Whether two stretches meet, ends included.
 * @param {Spot} a @param {Spot} b @param {Spot} c @param {Spot} d
 */
function meet(a, b, c, d) {
  const turn = (/** @type {Spot} */ p, /** @type {Spot} */ q, /** @type {Spot} */ r) => Math.sign((q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x));
  const within = (/** @type {Spot} */ p, /** @type {Spot} */ q, /** @type {Spot} */ r) =>
    Math.min(p.x, q.x) <= r.x && r.x <= Math.max(p.x, q.x) && Math.min(p.y, q.y) <= r.y && r.y <= Math.max(p.y, q.y);
  const [one, two, three, four] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (one !== two && three !== four) return true;
  return (one === 0 && within(a, b, c)) || (two === 0 && within(a, b, d)) || (three === 0 && within(c, d, a)) || (four === 0 && within(c, d, b));
}

export class PolygonEditor {
  /**
   * @param {import("./pane.js").Pane} pane
   * @param {{kind: string, bounds?: {width: number, height: number} | null, words: Record<string, string>, onChange: () => void}} options
   *   bounds: corners stay inside (a picture's); kind: for the style
   */
  constructor(pane, options) {
    this.pane = pane;
    this.options = options;
    this.layer = svg("g", { class: `areas-layer areas-${options.kind}` }, pane.root);
    /** @type {Area[]} */
    this.areas = [];
    this.selected = -1;
    /** @type {Spot[] | null} */
    this.drawing = null;
    /** @type {string[]} */
    this.past = [];
    /** @type {string[]} */
    this.future = [];
    this.active = false;
    pane.onView(() => this.#scale());
  }

  /** @param {Area[]} areas */
  load(areas) {
    this.areas = areas;
    this.past = [];
    this.future = [];
    this.selected = areas.length ? 0 : -1;
    this.draw();
  }

  /** @param {boolean} active */
  setActive(active) {
    this.active = active;
    if (!active) this.drawing = null;
    this.draw();
  }

  begin() {
    this.drawing = [];
    this.selected = -1;
    this.pane.root.focus({ preventScroll: true });
    this.draw();
    this.options.onChange();
  }

  /** A square in the middle of what is shown, for hands on the keyboard: its corners are moved with the arrows. */
  addSquare() {
    this.#remember();
    const { x, y, width, height } = this.pane.shown;
    const side = Math.min(width, height) / 6;
    const middle = { x: x + width / 2, y: y + height / 2 };
    const corners = [[-1, -1], [1, -1], [1, 1], [-1, 1]];
    this.areas.push({ points: corners.map(([east, south]) => this.#inside({ x: middle.x + east * side, y: middle.y + south * side })), data: {} });
    this.selected = this.areas.length - 1;
    this.draw();
    this.options.onChange();
    /** @type {SVGElement | null} */ (this.layer.querySelector(`[data-corner="${this.selected}-0"]`))?.focus({ preventScroll: true });
  }

  /** A click on empty ground, while this editor is at work. @param {Spot} spot */
  click(spot) {
    if (!this.drawing) return;
    const first = this.drawing[0];
    if (first && this.drawing.length >= 3 && Math.hypot(spot.x - first.x, spot.y - first.y) <= SNAP_PX * this.pane.unit) {
      this.close();
      return;
    }
    const last = this.drawing.at(-1);
    if (last && Math.hypot(spot.x - last.x, spot.y - last.y) < 2 * this.pane.unit) return;
    this.drawing.push(this.#inside(spot));
    this.draw();
    this.options.onChange();
  }

  /** Close the ring that is being drawn; one of fewer than 3 corners is dropped. */
  close() {
    const ring = this.drawing;
    this.drawing = null;
    if (ring && ring.length >= 3) {
      this.#remember();
      this.areas.push({ points: ring, data: {} });
      this.selected = this.areas.length - 1;
    }
    this.draw();
    this.options.onChange();
  }

  drop() {
    this.drawing = null;
    this.draw();
    this.options.onChange();
  }

  /** @param {number} index */
  remove(index) {
    this.#remember();
    this.areas.splice(index, 1);
    this.selected = Math.min(index, this.areas.length - 1);
    this.draw();
    this.options.onChange();
  }

  /** @param {number} index */
  select(index) {
    this.selected = index;
    this.draw();
    this.options.onChange();
  }

  undo() {
    this.#swap(this.past, this.future);
  }

  redo() {
    this.#swap(this.future, this.past);
  }

  /**
   * A key pressed on the page while this editor is at work.
   * @param {KeyboardEvent} event
   * @returns {boolean} whether it was for us
   */
  key(event) {
    if (!this.drawing) return false;
    if (event.key === "Enter") this.close();
    else if (event.key === "Escape") this.drop();
    else if (event.key === "Backspace") {
      this.drawing.pop();
      this.draw();
    } else return false;
    return true;
  }

  /** Remember how it stands, before a change. */
  #remember() {
    this.past.push(JSON.stringify(this.areas));
    if (this.past.length > MOST_UNDO) this.past.shift();
    this.future = [];
  }

  /** @param {string[]} from @param {string[]} to */
  #swap(from, to) {
    const state = from.pop();
    if (state === undefined) return;
    to.push(JSON.stringify(this.areas));
    this.areas = JSON.parse(state);
    this.selected = Math.min(this.selected, this.areas.length - 1);
    this.draw();
    this.options.onChange();
  }

  /** @param {Spot} spot */
  #inside(spot) {
    const bounds = this.options.bounds;
    if (!bounds) return spot;
    return { x: Math.min(bounds.width, Math.max(0, spot.x)), y: Math.min(bounds.height, Math.max(0, spot.y)) };
  }

  draw() {
    const focused = document.activeElement?.getAttribute?.("data-corner");
    const mine = this.layer.contains(document.activeElement);
    this.layer.replaceChildren();
    this.areas.forEach((area, index) => this.#drawArea(area, index));
    if (this.drawing) this.#drawDraft(this.drawing);
    this.#scale();
    if (mine && focused) /** @type {SVGElement | null} */ (this.layer.querySelector(`[data-corner="${focused}"]`))?.focus({ preventScroll: true });
  }

  /** @param {Area} area @param {number} index */
  #drawArea(area, index) {
    const isSelected = this.active && index === this.selected;
    const fault = faultOf(area.points);
    const shape = svg("polygon", { points: text(area.points), class: `area${isSelected ? " selected" : ""}${fault ? " faulty" : ""}` }, this.layer);
    const middle = centre(area.points);
    const label = svg("g", { class: "area-label", "data-x": middle.x, "data-y": middle.y, "aria-hidden": "true" }, this.layer);
    svg("text", { "text-anchor": "middle", y: 5 }, label).textContent = area.data.label ?? String(index + 1);
    if (!this.active) return;
    shape.addEventListener("pointerdown", (event) => {
      if (this.drawing || event.button !== 0) return;
      this.select(index);
    });
    if (!isSelected) return;
    area.points.forEach((_, corner) => this.#drawCorner(area, index, corner));
  }

  /** @param {Area} area @param {number} index @param {number} corner */
  #drawCorner(area, index, corner) {
    const at = area.points[corner];
    const next = area.points[(corner + 1) % area.points.length];
    const between = svg("g", { class: "corner-between", "data-x": (at.x + next.x) / 2, "data-y": (at.y + next.y) / 2 }, this.layer);
    svg("circle", { r: 5 }, between);
    between.setAttribute("data-handle", "");
    between.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      this.#insert(area, corner);
    });
    const name = this.options.words["cal.corner"].replace("{number}", String(corner + 1));
    const handle = svg(
      "g",
      { class: "corner", tabindex: 0, role: "button", "aria-label": name, "data-x": at.x, "data-y": at.y, "data-corner": `${index}-${corner}` },
      this.layer,
    );
    svg("circle", { r: 12, class: "grip" }, handle);
    svg("circle", { r: 6 }, handle);
    makeHandle(this.pane, handle, () => this.areas[index].points[corner], {
      begin: () => this.#remember(),
      move: (spot) => {
        this.areas[index].points[corner] = this.#inside(spot);
        this.#moveDrawn(index, corner);
      },
      end: () => {
        this.draw();
        this.options.onChange();
      },
      keys: (event) => {
        if (event.key === "Delete" || event.key === "Backspace") this.#take(index, corner);
        else if (event.key === "Insert" || event.key === "+") this.#insert(this.areas[index], corner);
        else return false;
        return true;
      },
    });
  }

  /** While a corner is dragged only what moves is drawn again, so that the handle stays the same element. */
  #moveDrawn(/** @type {number} */ index, /** @type {number} */ corner) {
    const points = this.areas[index].points;
    const shape = this.layer.querySelectorAll("polygon.area")[index];
    shape.setAttribute("points", text(points));
    shape.classList.toggle("faulty", faultOf(points) !== "");
    const handle = this.layer.querySelector(`[data-corner="${index}-${corner}"]`);
    handle?.setAttribute("data-x", String(points[corner].x));
    handle?.setAttribute("data-y", String(points[corner].y));
    this.#scale();
  }

  /** @param {Area} area @param {number} corner */
  #insert(area, corner) {
    this.#remember();
    const at = area.points[corner];
    const next = area.points[(corner + 1) % area.points.length];
    area.points.splice(corner + 1, 0, { x: (at.x + next.x) / 2, y: (at.y + next.y) / 2 });
    this.draw();
    this.options.onChange();
    const index = this.areas.indexOf(area);
    /** @type {SVGElement | null} */ (this.layer.querySelector(`[data-corner="${index}-${corner + 1}"]`))?.focus({ preventScroll: true });
  }

  /** @param {number} index @param {number} corner */
  #take(index, corner) {
    if (this.areas[index].points.length <= 3) {
      this.remove(index);
      return;
    }
    this.#remember();
    this.areas[index].points.splice(corner, 1);
    this.draw();
    this.options.onChange();
    /** @type {SVGElement | null} */ (this.layer.querySelector(`[data-corner="${index}-${Math.max(0, corner - 1)}"]`))?.focus({ preventScroll: true });
  }

  /** @param {Spot[]} ring */
  #drawDraft(ring) {
    svg("polyline", { points: text(ring), class: "area-draft" }, this.layer);
    ring.forEach((at, index) => {
      const dot = svg("g", { class: `corner draft${index === 0 && ring.length >= 3 ? " closes" : ""}`, "data-x": at.x, "data-y": at.y }, this.layer);
      svg("circle", { r: index === 0 ? 8 : 5 }, dot);
    });
  }

  /** Handles and labels keep their size on the screen. */
  #scale() {
    const unit = this.pane.unit;
    for (const each of this.layer.querySelectorAll("[data-x]")) {
      each.setAttribute("transform", `translate(${each.getAttribute("data-x")} ${each.getAttribute("data-y")}) scale(${unit})`);
    }
  }
}

/** @param {Spot[]} ring */
export function text(ring) {
  return ring.map((at) => `${at.x},${at.y}`).join(" ");
}

/** @param {Spot[]} ring */
export function centre(ring) {
  return { x: ring.reduce((sum, at) => sum + at.x, 0) / ring.length, y: ring.reduce((sum, at) => sum + at.y, 0) / ring.length };
}
