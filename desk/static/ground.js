// The city's grid as a map: metres around a place, north up; cells can be chosen by click and by keys. Tiles lie under
// it where the city has a tile server.
// @ts-check
import { call } from "./call.js";
import { GroundTiles } from "./ground_tiles.js";
import { Pane, svg } from "./pane.js";
import { centre, text } from "./polygons.js";

/** @typedef {import("./pane.js").Spot} Spot */
/** @typedef {{code: string, name: string, zone: string, ring: [number, number][]}} Cell */

const SEMI_MAJOR_M = 6378137;
const ECCENTRICITY_2 = 0.00669437999014;
const AROUND_M = 400;

/** A flat map in metres around an origin: x east, y south, as a picture counts. The same as `grid.plane.LocalPlane`. */
export class Plane {
  /** @param {[number, number]} origin longitude, latitude in degrees */
  constructor(origin) {
    this.origin = origin;
    const sine = Math.sin((origin[1] * Math.PI) / 180);
    const squeeze = 1 - ECCENTRICITY_2 * sine * sine;
    const normal = SEMI_MAJOR_M / Math.sqrt(squeeze);
    this.lonM = (normal * Math.cos((origin[1] * Math.PI) / 180) * Math.PI) / 180;
    this.latM = (((normal * (1 - ECCENTRICITY_2)) / squeeze) * Math.PI) / 180;
  }

  /** @param {[number, number]} lonlat @returns {Spot} */
  spot(lonlat) {
    return { x: (lonlat[0] - this.origin[0]) * this.lonM, y: -(lonlat[1] - this.origin[1]) * this.latM };
  }

  /** @param {Spot} spot @returns {[number, number]} */
  lonlat(spot) {
    return [rounded(this.origin[0] + spot.x / this.lonM), rounded(this.origin[1] - spot.y / this.latM)];
  }
}

/** @param {number} degrees to a centimetre */
function rounded(degrees) {
  return Math.round(degrees * 1e7) / 1e7;
}

export class GroundMap {
  /** @param {SVGSVGElement} root */
  constructor(root) {
    this.pane = new Pane(root, { x: -AROUND_M / 2, y: -AROUND_M / 2, width: AROUND_M, height: AROUND_M });
    this.plane = new Plane([0, 0]);
    this.tiles = new GroundTiles(svg("g", { class: "ground-tiles", "aria-hidden": "true" }, root), this.pane);
    this.ground = svg("g", { class: "ground" }, root);
    this.seen = svg("polygon", { class: "footprint" }, root);
    this.permits = svg("g", { class: "permits" }, root);
    /** @type {Cell[]} */
    this.cells = [];
    /** @type {((code: string) => void) | null} */
    this.onCell = null;
    this.chosen = "";
    this.pane.onView(() => this.#scale());
  }

  /**
   * Show the grid around a place.
   * @param {{cell?: string, lonlat?: [number, number]}} where neither: the city's first grid
   * @param {boolean} [keep] keep the plane, so that what is drawn in metres stays where it is
   * @returns {Promise<boolean>} false: there is no such cell
   */
  async go(where, keep = false) {
    const query = new URLSearchParams({ radius_m: String(AROUND_M) });
    if (where.cell) query.set("cell", where.cell);
    else if (where.lonlat) {
      query.set("lon", String(where.lonlat[0]));
      query.set("lat", String(where.lonlat[1]));
    }
    const answer = await call("GET", `/api/v1/calibration/ground?${query}`);
    if (!answer.ok) return false;
    if (!keep) this.plane = new Plane(answer.body.centre);
    this.tiles.lay(answer.body.tiles, this.plane.spot(answer.body.centre));
    this.pane.root.classList.toggle("has-tiles", this.hasTiles);
    const credit = document.getElementById("map-credit");
    if (credit) credit.textContent = answer.body.tiles?.attribution ?? "";
    /** @type {Cell[]} */
    this.units = answer.body.units;
    this.cells = answer.body.cells.length ? answer.body.cells : answer.body.units;
    this.hasTiles = Boolean(answer.body.tiles);
    this.hasFiner = answer.body.cells.length > 0;
    this.draw();
    const focus = where.cell ? [...answer.body.cells, ...answer.body.units].find((each) => each.code === where.cell) : null;
    this.frame(focus ? focus.ring : where.lonlat ? this.around(answer.body.centre) : this.all());
    return true;
  }

  /** @param {[number, number][]} ring lon/lat; the map shows it with some room */
  frame(ring) {
    if (!ring.length) return;
    const spots = ring.map((at) => this.plane.spot(at));
    const xs = spots.map((at) => at.x);
    const ys = spots.map((at) => at.y);
    const box = this.pane.root.getBoundingClientRect();
    const ratio = box.width && box.height ? box.width / box.height : 1.3;
    let width = Math.max(30, Math.max(...xs) - Math.min(...xs)) * 1.35;
    let height = Math.max(30, Math.max(...ys) - Math.min(...ys)) * 1.35;
    if (width / height < ratio) width = height * ratio;
    else height = width / ratio;
    const middle = { x: (Math.max(...xs) + Math.min(...xs)) / 2, y: (Math.max(...ys) + Math.min(...ys)) / 2 };
    this.pane.whole = { x: middle.x - width / 2, y: middle.y - height / 2, width, height };
    this.pane.fit();
  }

  draw() {
    this.ground.replaceChildren();
    for (const cell of this.hasFiner ? this.cells : []) this.#drawCell(cell, "cell fine");
    for (const unit of this.units ?? []) this.#drawCell(unit, this.hasFiner ? "unit" : "cell unit");
    this.#scale();
  }

  /** @param {string} code */
  choose(code) {
    this.chosen = code;
    for (const each of this.ground.querySelectorAll("[data-code]")) {
      const is = each.getAttribute("data-code") === code;
      each.classList.toggle("chosen", is);
      if (each.hasAttribute("aria-pressed")) each.setAttribute("aria-pressed", String(is));
    }
  }

  /** @param {((code: string) => void) | null} listener cells can be chosen while there is one */
  pick(listener) {
    this.onCell = listener;
    this.draw();
    this.choose(this.chosen);
  }

  /** @param {[number, number][]} ring lon/lat of the ground that the camera sees */
  showSeen(ring) {
    this.seen.setAttribute("points", text(ring.map((at) => this.plane.spot(at))));
  }

  /** @param {Spot} spot @returns {string} the cell there, or nothing */
  cellAt(spot) {
    return this.cells.find((cell) => holds(cell.ring.map((at) => this.plane.spot(at)), spot))?.code ?? "";
  }

  /** @param {Cell} cell @param {string} kind */
  #drawCell(cell, kind) {
    const ring = cell.ring.slice(0, -1).map((at) => this.plane.spot(at));
    const isCell = kind.startsWith("cell");
    const shape = svg("polygon", { points: text(ring), class: `${kind} zone-${cell.zone || "none"}`, "data-code": cell.code }, this.ground);
    if (this.onCell && isCell) {
      shape.setAttribute("tabindex", "0");
      shape.setAttribute("role", "button");
      shape.setAttribute("aria-pressed", "false");
      shape.setAttribute("aria-label", cell.name ? `${cell.code} ${cell.name}` : cell.code);
      shape.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        this.onCell?.(cell.code);
      });
    }
    if (!cell.name && !(isCell && !this.hasFiner)) return;
    const top = Math.min(...ring.map((at) => at.y));
    const wide = Math.max(...ring.map((at) => at.x)) - Math.min(...ring.map((at) => at.x));
    const label = svg("g", { class: "cell-label", "data-x": centre(ring).x, "data-y": top, "data-wide": wide, "aria-hidden": "true" }, this.ground);
    svg("text", { "text-anchor": "middle", y: 20 }, label).textContent = cell.name || cell.code;
    if (cell.name) svg("text", { "text-anchor": "middle", y: 34, class: "code" }, label).textContent = cell.code;
  }

  /** @param {[number, number]} lonlat @returns {[number, number][]} the outline of the unit grid there, or of the nearest */
  around(lonlat) {
    const at = this.plane.spot(lonlat);
    const units = this.units ?? [];
    const own = units.find((unit) => holds(unit.ring.map((each) => this.plane.spot(each)), at));
    return own ? own.ring : units[0]?.ring ?? [];
  }

  /** @returns {[number, number][]} the corners of every unit grid that is drawn */
  all() {
    return (this.units ?? []).flatMap((unit) => unit.ring);
  }

  #scale() {
    const unit = this.pane.unit;
    for (const each of this.ground.querySelectorAll("[data-x]")) {
      each.setAttribute("transform", `translate(${each.getAttribute("data-x")} ${each.getAttribute("data-y")}) scale(${unit})`);
      each.toggleAttribute("hidden", Number(each.getAttribute("data-wide")) / unit < 90);
      each.classList.toggle("small", Number(each.getAttribute("data-wide")) / unit < 90);
    }
  }
}

/** @param {Spot[]} ring @param {Spot} spot */
function holds(ring, spot) {
  let inside = false;
  for (let one = 0, other = ring.length - 1; one < ring.length; other = one++) {
    const a = ring[one];
    const b = ring[other];
    if (a.y > spot.y !== b.y > spot.y && spot.x < ((b.x - a.x) * (spot.y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

/**
 * The buttons beside a map: zoom, show all, go to a code.
 * @param {GroundMap} map
 * @param {string} missing said where there is no such cell
 * @param {(code: string) => void} onGo
 */
export function wireMapTools(map, missing, onGo) {
  document.getElementById("map-in")?.addEventListener("click", () => map.pane.zoom(1 / 1.4));
  document.getElementById("map-out")?.addEventListener("click", () => map.pane.zoom(1.4));
  document.getElementById("map-fit")?.addEventListener("click", () => map.pane.fit());
  const goto = /** @type {HTMLInputElement | null} */ (document.getElementById("goto"));
  goto?.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const code = goto.value.trim();
    if (!code) return;
    const known = map.cells.some((each) => each.code === code) || (await map.go({ cell: code }, true));
    goto.setCustomValidity(known ? "" : missing);
    goto.reportValidity();
    if (known) onGo(code);
  });
  goto?.addEventListener("input", () => goto.setCustomValidity(""));
}
