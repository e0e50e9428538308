// Pictures of a tile server under the flat map of one place, where the city has one; shifted as their datum asks.
// @ts-check
import { svg } from "./pane.js";

const HALF_WORLD_M = 20037508.342789244;
const TILE_PX = 256;
/** Of a tile's side: neighbours overlap by half a pixel, so that no seam shows between them. */
const OVERLAP = 0.5 / TILE_PX;
/** On one screen at most; more than that is asked for at a coarser zoom. */
const MOST_SHOWN = 60;

/** @typedef {{url: string, attribution: string, max_zoom: number, origin_m: [number, number], east: [number, number], north: [number, number]}} Tie */

export class GroundTiles {
  /**
   * @param {SVGElement} group lies under everything else
   * @param {import("./pane.js").Pane} pane
   */
  constructor(group, pane) {
    this.group = group;
    this.pane = pane;
    /** @type {Tie | null} */
    this.tie = null;
    /** @type {Map<string, SVGElement>} */
    this.shown = new Map();
    pane.onView(() => this.draw());
  }

  /**
   * @param {Tie | null} tie null: there is no tile server
   * @param {{x: number, y: number}} around the place that it is told for, in the pane's metres
   */
  lay(tie, around) {
    const { x, y } = around;
    this.tie = tie && { ...tie, origin_m: [tie.origin_m[0] - tie.east[0] * x + tie.north[0] * y, tie.origin_m[1] - tie.east[1] * x + tie.north[1] * y] };
    this.shown.clear();
    this.group.replaceChildren();
    this.draw();
  }

  draw() {
    const tie = this.tie;
    if (!tie) return;
    const corners = this.#corners().map((at) => toTiles(tie, at.x, -at.y));
    const xs = corners.map((at) => at[0]);
    const ys = corners.map((at) => at[1]);
    const perPx = this.pane.unit * Math.hypot(...tie.east);
    let zoom = Math.max(0, Math.min(tie.max_zoom, Math.round(Math.log2((2 * HALF_WORLD_M) / TILE_PX / perPx))));
    while (zoom > 0 && count(zoom, xs, ys) > MOST_SHOWN) zoom -= 1;
    const wanted = new Set();
    const side = (2 * HALF_WORLD_M) / 2 ** zoom;
    const most = 2 ** zoom - 1;
    for (let column = first(xs, side); column <= Math.min(most, last(xs, side)); column++) {
      for (let row = firstRow(ys, side); row <= Math.min(most, lastRow(ys, side)); row++) {
        const key = `${zoom}/${column}/${row}`;
        wanted.add(key);
        if (!this.shown.has(key)) this.shown.set(key, this.#tile(tie, zoom, column, row, side));
      }
    }
    for (const [key, tile] of this.shown) {
      if (wanted.has(key)) continue;
      tile.remove();
      this.shown.delete(key);
    }
  }

  /**
   * @param {Tie} tie
   * @param {number} zoom
   * @param {number} column
   * @param {number} row
   * @param {number} side Web Mercator metres
   */
  #tile(tie, zoom, column, row, side) {
    const corner = toPlane(tie, column * side - HALF_WORLD_M, HALF_WORLD_M - row * side);
    const east = toPlane(tie, (column + 1) * side - HALF_WORLD_M, HALF_WORLD_M - row * side);
    const south = toPlane(tie, column * side - HALF_WORLD_M, HALF_WORLD_M - (row + 1) * side);
    const turn = [east.x - corner.x, east.y - corner.y, south.x - corner.x, south.y - corner.y, corner.x, corner.y];
    const tile = svg("image", { width: 1 + OVERLAP, height: 1 + OVERLAP, preserveAspectRatio: "none", transform: `matrix(${turn.join(" ")})` }, this.group);
    tile.setAttribute("href", tie.url.replace("{z}", String(zoom)).replace("{x}", String(column)).replace("{y}", String(row)));
    return tile;
  }

  /** Of all that the pane shows, in its metres: more than its frame where the window has another shape. */
  #corners() {
    const { x, y, width, height } = this.pane.shown;
    const box = this.pane.root.getBoundingClientRect();
    const [half, tall] = [Math.max(width, box.width * this.pane.unit) / 2, Math.max(height, box.height * this.pane.unit) / 2];
    const middle = { x: x + width / 2, y: y + height / 2 };
    return [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([dx, dy]) => ({ x: middle.x + dx * half, y: middle.y + dy * tall }));
  }
}

/**
 * @param {Tie} tie
 * @param {number} east metres
 * @param {number} north
 */
function toTiles(tie, east, north) {
  return [tie.origin_m[0] + tie.east[0] * east + tie.north[0] * north, tie.origin_m[1] + tie.east[1] * east + tie.north[1] * north];
}

/**
 * @param {Tie} tie
 * @param {number} x Web Mercator metres
 * @param {number} y
 * @returns {{x: number, y: number}} the pane's metres: east, and south
 */
function toPlane(tie, x, y) {
  const [dx, dy] = [x - tie.origin_m[0], y - tie.origin_m[1]];
  const area = tie.east[0] * tie.north[1] - tie.north[0] * tie.east[1];
  return { x: (dx * tie.north[1] - dy * tie.north[0]) / area, y: -(dy * tie.east[0] - dx * tie.east[1]) / area };
}

const first = (/** @type {number[]} */ xs, /** @type {number} */ side) => Math.max(0, Math.floor((Math.min(...xs) + HALF_WORLD_M) / side));
const last = (/** @type {number[]} */ xs, /** @type {number} */ side) => Math.floor((Math.max(...xs) + HALF_WORLD_M) / side);
const firstRow = (/** @type {number[]} */ ys, /** @type {number} */ side) => Math.max(0, Math.floor((HALF_WORLD_M - Math.max(...ys)) / side));
const lastRow = (/** @type {number[]} */ ys, /** @type {number} */ side) => Math.floor((HALF_WORLD_M - Math.min(...ys)) / side);

/**
 * @param {number} zoom
 * @param {number[]} xs
 * @param {number[]} ys
 */
function count(zoom, xs, ys) {
  const side = (2 * HALF_WORLD_M) / 2 ** zoom;
  return (last(xs, side) - first(xs, side) + 1) * (lastRow(ys, side) - firstRow(ys, side) + 1);
}
