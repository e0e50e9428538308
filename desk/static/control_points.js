// Control points: marks in the picture and on the map, a list to type into, and the fit that the server makes of them.
// @ts-check
import { call } from "./call.js";
import { spoken } from "./look.js";
import { filled, makeHandle, svg } from "./pane.js";

/** @typedef {import("./pane.js").Spot} Spot */
/** @typedef {{pixel: [number, number] | null, lonlat: [number, number] | null}} Mark */

const FIT_AFTER_MS = 90;
const MOST_POINTS = 64;
const MOST_UNDO = 100;

export class ControlPoints {
  /**
   * @param {import("./pane.js").Pane} picture
   * @param {import("./ground.js").GroundMap} map
   * @param {{frame: [number, number], words: Record<string, string>, onChange: () => void, onFit: (fit: any) => void, say: (text: string) => void}} options
   */
  constructor(picture, map, options) {
    this.picture = picture;
    this.map = map;
    this.options = options;
    this.onPicture = svg("g", { class: "marks" }, picture.root);
    this.onMap = svg("g", { class: "marks" }, map.pane.root);
    this.list = /** @type {HTMLElement} */ (document.getElementById("points"));
    /** @type {Mark[]} */
    this.marks = [];
    this.selected = -1;
    this.active = true;
    this.maxError = 2;
    /** @type {any} */
    this.fit = null;
    /** @type {string[]} */
    this.past = [];
    /** @type {string[]} */
    this.future = [];
    this.timer = 0;
    /** @type {AbortController | null} */
    this.asking = null;
    picture.onView(() => this.#scale());
    map.pane.onView(() => this.#scale());
  }

  /** @param {Mark[]} marks */
  load(marks) {
    this.marks = marks;
    this.past = [];
    this.future = [];
    this.#changed();
  }

  /** @param {boolean} active */
  setActive(active) {
    this.active = active;
    this.draw();
  }

  /** @param {Spot} spot a click in the picture: a new point, or the picture's half of one that the map began */
  clickPicture(spot) {
    const open = this.marks.findIndex((mark) => !mark.pixel);
    this.#remember();
    const pixel = this.#pixel(spot);
    if (open >= 0) this.marks[open].pixel = pixel;
    else {
      if (this.marks.length >= MOST_POINTS) return;
      const half = this.marks.findIndex((mark) => !mark.lonlat);
      if (half >= 0) this.marks[half].pixel = pixel; // a second click before the map's: the first was a slip
      else this.marks.push({ pixel, lonlat: null });
    }
    this.selected = open >= 0 ? open : this.marks.findIndex((mark) => !mark.lonlat);
    if (open < 0) this.options.say(this.options.words["cal.place.next"]);
    this.#changed();
  }

  /** @param {Spot} spot a click on the map */
  clickMap(spot) {
    const open = this.marks.findIndex((mark) => !mark.lonlat);
    if (open < 0) {
      this.options.say(this.options.words["cal.place.first"]);
      return;
    }
    this.#remember();
    this.marks[open].lonlat = this.map.plane.lonlat(spot);
    this.selected = open;
    this.options.say("");
    this.#changed();
  }

  /** A point in the middle of both, to be moved by keys or typed. */
  add() {
    if (this.marks.length >= MOST_POINTS) return;
    this.#remember();
    const middle = (/** @type {import("./pane.js").Frame} */ shown) => ({ x: shown.x + shown.width / 2, y: shown.y + shown.height / 2 });
    this.marks.push({ pixel: this.#pixel(middle(this.picture.shown)), lonlat: this.map.plane.lonlat(middle(this.map.pane.shown)) });
    this.selected = this.marks.length - 1;
    this.#changed();
    /** @type {HTMLElement | null} */ (this.list.querySelector(`tr:nth-child(${this.marks.length}) input`))?.focus();
  }

  /** @param {number} index */
  remove(index) {
    this.#remember();
    this.marks.splice(index, 1);
    this.selected = Math.min(index, this.marks.length - 1);
    this.#changed();
  }

  undo() {
    this.#swap(this.past, this.future);
  }

  redo() {
    this.#swap(this.future, this.past);
  }

  /** What is saved: complete points only. */
  saved() {
    return this.marks.filter((mark) => mark.pixel && mark.lonlat).map((mark) => ({ pixel: mark.pixel, lonlat: mark.lonlat }));
  }

  /** @param {number} metres */
  setMaxError(metres) {
    this.maxError = metres;
    this.#changed();
  }

  #remember() {
    this.past.push(JSON.stringify(this.marks));
    if (this.past.length > MOST_UNDO) this.past.shift();
    this.future = [];
  }

  /** @param {string[]} from @param {string[]} to */
  #swap(from, to) {
    const state = from.pop();
    if (state === undefined) return;
    to.push(JSON.stringify(this.marks));
    this.marks = JSON.parse(state);
    this.selected = Math.min(this.selected, this.marks.length - 1);
    this.#changed();
  }

  /** @param {Spot} spot @returns {[number, number]} inside the picture, to a tenth of a pixel */
  #pixel(spot) {
    const [width, height] = this.options.frame;
    const tenth = (/** @type {number} */ value) => Math.round(value * 10) / 10;
    return [tenth(Math.min(width, Math.max(0, spot.x))), tenth(Math.min(height, Math.max(0, spot.y)))];
  }

  #changed() {
    this.draw();
    this.#fitSoon();
    this.options.onChange();
  }

  #fitSoon() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.#ask(), FIT_AFTER_MS);
  }

  async #ask() {
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    const whole = this.marks.map((mark, index) => ({ mark, index })).filter(({ mark }) => mark.pixel && mark.lonlat);
    const body = { frame_size: this.options.frame, control_points: whole.map(({ mark }) => ({ pixel: mark.pixel, lonlat: mark.lonlat })), max_error_m: this.maxError };
    const answer = await call("POST", "/api/v1/calibration/fit", body, {}, asking.signal);
    if (asking.signal.aborted || !answer.ok) return;
    const fit = answer.body;
    this.fit = fit;
    this.errors = new Map(whole.map(({ index }, place) => [index, fit.errors_m[place]]));
    this.guilty = new Set(fit.faults.filter((/** @type {any} */ fault) => fault.refuses).flatMap((/** @type {any} */ fault) => fault.points.map((/** @type {number} */ number) => whole[number - 1].index)));
    this.#showFit(fit);
    this.#showErrors();
    this.options.onFit(fit);
  }

  /** @param {any} fit */
  #showFit(fit) {
    const told = (/** @type {string} */ id, /** @type {number | null} */ metres) => {
      const place = /** @type {HTMLElement} */ (document.getElementById(id));
      place.textContent = metres === null ? "—" : `${metres.toFixed(2)} m`;
      place.dataset.metres = metres === null ? "" : String(metres);
      place.classList.toggle("bad", metres !== null && metres > this.maxError);
    };
    told("rms", fit.rms_m);
    told("worst", fit.worst_m);
    const faults = /** @type {HTMLElement} */ (document.getElementById("faults"));
    const lines = fit.faults.map((/** @type {any} */ fault) => {
      const line = document.createElement("li");
      line.className = fault.refuses ? "refuses" : "hints";
      line.dataset.kind = fault.kind;
      line.textContent = spoken(fault.said);
      return line;
    });
    if (!lines.length) lines.push(Object.assign(document.createElement("li"), { className: "good", textContent: this.options.words["fit.good"] }));
    if (faults.textContent !== lines.map((/** @type {HTMLElement} */ line) => line.textContent).join("")) faults.replaceChildren(...lines);
  }

  #showErrors() {
    [...this.list.rows ?? this.list.children].forEach((row, index) => {
      const cell = row.querySelector(".err");
      const error = this.errors?.get(index);
      if (cell) cell.textContent = error === undefined || error === null ? "—" : error.toFixed(2);
      row.classList.toggle("guilty", this.guilty?.has(index) ?? false);
    });
    for (const each of document.querySelectorAll(".mark[data-index]")) each.classList.toggle("guilty", this.guilty?.has(Number(each.getAttribute("data-index"))) ?? false);
  }

  draw() {
    const focus = document.activeElement?.getAttribute?.("data-focus");
    this.onPicture.replaceChildren();
    this.onMap.replaceChildren();
    this.marks.forEach((mark, index) => {
      if (mark.pixel) this.#drawMark(this.onPicture, this.picture, index, "pixel", { x: mark.pixel[0], y: mark.pixel[1] });
      if (mark.lonlat) this.#drawMark(this.onMap, this.map.pane, index, "lonlat", this.map.plane.spot(mark.lonlat));
    });
    this.#drawList();
    this.#scale();
    this.#showErrors();
    if (focus) /** @type {HTMLElement | null} */ (document.querySelector(`[data-focus="${focus}"]`))?.focus({ preventScroll: true });
  }

  /** @param {SVGElement} layer @param {import("./pane.js").Pane} pane @param {number} index @param {"pixel" | "lonlat"} kind @param {Spot} at */
  #drawMark(layer, pane, index, kind, at) {
    const name = filled(this.options.words["cal.point"], { number: index + 1 });
    const mark = svg("g", { class: `mark${index === this.selected ? " selected" : ""}`, "data-x": at.x, "data-y": at.y, "data-index": index, "data-focus": `${kind}-${index}` }, layer);
    svg("circle", { r: 14, class: "grip" }, mark);
    svg("path", { d: "M-11 0H-3M3 0H11M0 -11V-3M0 3V11", class: "cross" }, mark);
    svg("circle", { r: 7, class: "ring" }, mark);
    const tag = svg("g", { transform: "translate(11 -12)", class: "mark-tag" }, mark);
    svg("rect", { x: -2, y: -12, width: index > 8 ? 21 : 15, height: 16, rx: 3 }, tag);
    svg("text", { x: index > 8 ? 8 : 5.5, y: 1, "text-anchor": "middle" }, tag).textContent = String(index + 1);
    if (!this.active) return;
    mark.setAttribute("tabindex", "0");
    mark.setAttribute("role", "button");
    mark.setAttribute("aria-label", name);
    mark.addEventListener("focus", () => this.#select(index));
    makeHandle(pane, mark, () => (kind === "pixel" ? { x: this.marks[index].pixel?.[0] ?? 0, y: this.marks[index].pixel?.[1] ?? 0 } : this.map.plane.spot(this.marks[index].lonlat ?? [0, 0])), {
      begin: () => this.#remember(),
      move: (spot) => {
        if (kind === "pixel") this.marks[index].pixel = this.#pixel(spot);
        else this.marks[index].lonlat = this.map.plane.lonlat(spot);
        this.#moved(mark, index, kind);
      },
      end: () => this.#changed(),
      keys: (event) => {
        if (event.key !== "Delete") return false;
        this.remove(index);
        return true;
      },
    });
  }

  /** While a mark is dragged it stays the same element. @param {SVGElement} mark @param {number} index @param {"pixel" | "lonlat"} kind */
  #moved(mark, index, kind) {
    const { pixel, lonlat } = this.marks[index];
    const at = kind === "pixel" ? { x: pixel?.[0] ?? 0, y: pixel?.[1] ?? 0 } : this.map.plane.spot(lonlat ?? [0, 0]);
    mark.setAttribute("data-x", String(at.x));
    mark.setAttribute("data-y", String(at.y));
    this.#scale();
    const row = this.list.children[index];
    row?.querySelectorAll("input").forEach((input, place) => {
      input.value = String([pixel?.[0], pixel?.[1], lonlat?.[0], lonlat?.[1]][place] ?? "");
    });
    this.#fitSoon();
  }

  /** @param {number} index */
  #select(index) {
    this.selected = index;
    for (const each of document.querySelectorAll(".mark[data-index]")) each.classList.toggle("selected", Number(each.getAttribute("data-index")) === index);
    [...this.list.children].forEach((row, place) => row.classList.toggle("selected", place === index));
  }

  #drawList() {
    const words = this.options.words;
    this.list.replaceChildren(
      ...this.marks.map((mark, index) => {
        const row = document.createElement("tr");
        row.classList.toggle("selected", index === this.selected);
        const number = document.createElement("th");
        number.scope = "row";
        number.textContent = String(index + 1);
        const pixel = document.createElement("td");
        pixel.append(this.#input(index, "pixel", 0, "cal.pixel.x"), this.#input(index, "pixel", 1, "cal.pixel.y"));
        const lonlat = document.createElement("td");
        lonlat.append(this.#input(index, "lonlat", 0, "cal.lon"), this.#input(index, "lonlat", 1, "cal.lat"));
        const error = document.createElement("td");
        error.className = "num err";
        error.textContent = "—";
        const drop = document.createElement("button");
        drop.type = "button";
        drop.className = "quiet";
        drop.textContent = "×";
        drop.setAttribute("aria-label", `${words["cal.remove"]}: ${filled(words["cal.point"], { number: index + 1 })}`);
        drop.addEventListener("click", () => this.remove(index));
        const last = document.createElement("td");
        last.append(drop);
        row.append(number, pixel, lonlat, error, last);
        return row;
      }),
    );
  }

  /** @param {number} index @param {"pixel" | "lonlat"} kind @param {0 | 1} axis @param {string} label */
  #input(index, kind, axis, label) {
    const input = document.createElement("input");
    input.type = "number";
    input.step = kind === "pixel" ? "0.5" : "0.000001";
    input.value = String(this.marks[index][kind]?.[axis] ?? "");
    input.setAttribute("aria-label", `${filled(this.options.words["cal.point"], { number: index + 1 })}: ${this.options.words[label]}`);
    input.dataset.focus = `${kind}-${index}-${axis}`;
    input.addEventListener("focus", () => this.#select(index));
    input.addEventListener("change", () => {
      const value = Number(input.value);
      if (input.value === "" || !Number.isFinite(value)) return;
      this.#remember();
      const pair = /** @type {[number, number]} */ ([...(this.marks[index][kind] ?? [0, 0])]);
      pair[axis] = value;
      this.marks[index][kind] = pair;
      this.#changed();
    });
    return input;
  }

  #scale() {
    for (const [layer, pane] of /** @type {[SVGElement, import("./pane.js").Pane][]} */ ([[this.onPicture, this.picture], [this.onMap, this.map.pane]])) {
      for (const each of layer.querySelectorAll(".mark")) {
        each.setAttribute("transform", `translate(${each.getAttribute("data-x")} ${each.getAttribute("data-y")}) scale(${pane.unit})`);
      }
    }
  }
}
