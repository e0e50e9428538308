// Pictures of a tile server under the grids, where the city has one; asked for only as far as the screen shows them.
// @ts-check

const HALF_WORLD_M = 20037508.342789244;
const TILE_PX = 256;
/** Tiles kept at most: some 60 MB of decoded pictures. */
const MOST_KEPT = 240;
const MOST_ASKED = 8;
/** So many zooms up a coarser picture stands in for one that is still on its way. */
const MOST_UP = 5;

export class Tiles {
  /**
   * @param {string} url with {z}, {x} and {y}
   * @param {number} maxZoom
   * @param {{origin: number[], stepM: number}} city
   * @param {() => void} onLoad
   */
  constructor(url, maxZoom, city, onLoad) {
    this.url = url;
    this.maxZoom = maxZoom;
    this.city = city;
    this.onLoad = onLoad;
    /** @type {Map<string, HTMLImageElement>} */
    this.kept = new Map();
    this.asked = 0;
    this.failed = 0;
  }

  /**
   * Draw what is here, ask for what is not.
   * @param {CanvasRenderingContext2D} ink in screen pixels
   * @param {import("./map_viewport.js").Viewport} view
   */
  draw(ink, view) {
    const metresPerPx = this.city.stepM / view.scale;
    const zoom = Math.max(0, Math.min(this.maxZoom, Math.round(Math.log2((2 * HALF_WORLD_M) / TILE_PX / metresPerPx))));
    const side = (2 * HALF_WORLD_M) / 2 ** zoom;
    const seen = view.window();
    const west = this.city.origin[0] + seen.x0 * this.city.stepM + HALF_WORLD_M;
    const east = this.city.origin[0] + seen.x1 * this.city.stepM + HALF_WORLD_M;
    const north = HALF_WORLD_M - (this.city.origin[1] + seen.y1 * this.city.stepM);
    const south = HALF_WORLD_M - (this.city.origin[1] + seen.y0 * this.city.stepM);
    const most = 2 ** zoom - 1;
    for (let column = Math.max(0, Math.floor(west / side)); column <= Math.min(most, Math.floor(east / side)); column++) {
      for (let row = Math.max(0, Math.floor(north / side)); row <= Math.min(most, Math.floor(south / side)); row++) {
        const picture = this.tile(zoom, column, row);
        const x = Math.floor((column * side - west) / metresPerPx);
        const y = Math.floor((row * side - north) / metresPerPx);
        const across = Math.ceil(side / metresPerPx) + 1;
        if (picture?.complete && picture.naturalWidth) ink.drawImage(picture, x, y, across, across);
        else this.coarser(ink, zoom, column, row, x, y, across);
      }
    }
  }

  /**
   * Part of a coarser picture that is here already, in place of one that is not.
   * @param {CanvasRenderingContext2D} ink
   * @param {number} zoom
   * @param {number} column
   * @param {number} row
   * @param {number} x
   * @param {number} y
   * @param {number} across pixels of the screen
   */
  coarser(ink, zoom, column, row, x, y, across) {
    for (let up = 1; up <= Math.min(zoom, MOST_UP); up++) {
      const many = 2 ** up;
      const picture = this.kept.get(`${zoom - up}/${Math.floor(column / many)}/${Math.floor(row / many)}`);
      if (!picture?.complete || !picture.naturalWidth) continue;
      const part = picture.naturalWidth / many;
      ink.drawImage(picture, (column % many) * part, (row % many) * part, part, part, x, y, across, across);
      return;
    }
  }

  /**
   * @param {number} zoom
   * @param {number} column
   * @param {number} row
   */
  tile(zoom, column, row) {
    const key = `${zoom}/${column}/${row}`;
    const known = this.kept.get(key);
    if (known) {
      this.kept.delete(key);
      this.kept.set(key, known);
      return known;
    }
    if (this.asked >= MOST_ASKED) return null;
    const picture = new Image();
    this.asked += 1;
    const done = () => {
      this.asked -= 1;
      this.onLoad();
    };
    picture.addEventListener("load", done);
    picture.addEventListener("error", () => {
      this.failed += 1;
      done();
    });
    picture.src = this.url.replace("{z}", String(zoom)).replace("{x}", String(column)).replace("{y}", String(row));
    this.kept.set(key, picture);
    while (this.kept.size > MOST_KEPT) this.kept.delete(/** @type {string} */ (this.kept.keys().next().value));
    return picture;
  }
}
