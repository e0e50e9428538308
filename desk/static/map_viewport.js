// Which part of the city the canvas shows, and where on it a place lies.
// @ts-check

const MARGIN_PX = 24;
/** Screen pixels per unit of the map (a tenth of a metre): no closer than this. */
const CLOSEST = 1.2;
const FARTHEST_SHARE = 0.5;
const BAR_PX = 110;

export class Viewport {
  /** @param {{x0: number, y0: number, x1: number, y1: number}} bounds */
  constructor(bounds) {
    this.bounds = bounds;
    this.width = 1;
    this.height = 1;
    this.sharp = 1;
    this.scale = 1;
    this.x = 0;
    this.y = 0;
  }

  /**
   * @param {number} width
   * @param {number} height
   * @param {number} sharp canvas pixels per screen pixel
   */
  resize(width, height, sharp) {
    [this.width, this.height, this.sharp] = [Math.max(1, width), Math.max(1, height), sharp];
  }

  fit() {
    this.fitTo(this.bounds);
  }

  /** @param {{x0: number, y0: number, x1: number, y1: number}} bounds */
  fitTo(bounds) {
    const [wide, high] = [Math.max(1, bounds.x1 - bounds.x0), Math.max(1, bounds.y1 - bounds.y0)];
    this.scale = this.held(Math.min((this.width - 2 * MARGIN_PX) / wide, (this.height - 2 * MARGIN_PX) / high));
    this.x = (bounds.x0 + bounds.x1) / 2;
    this.y = (bounds.y0 + bounds.y1) / 2;
  }

  /** @param {number} scale */
  held(scale) {
    const whole = Math.min(this.width / Math.max(1, this.bounds.x1 - this.bounds.x0), this.height / Math.max(1, this.bounds.y1 - this.bounds.y0));
    return Math.min(CLOSEST, Math.max(Math.min(whole * FARTHEST_SHARE, CLOSEST), scale));
  }

  /**
   * @param {number} dx
   * @param {number} dy screen pixels
   */
  pan(dx, dy) {
    this.centreOn(this.x - dx / this.scale, this.y + dy / this.scale);
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} [least] a scale to be at least at
   */
  centreOn(x, y, least = 0) {
    if (this.scale < least) this.scale = this.held(least);
    this.x = Math.min(this.bounds.x1, Math.max(this.bounds.x0, x));
    this.y = Math.min(this.bounds.y1, Math.max(this.bounds.y0, y));
  }

  /**
   * Zoom, with the place under a point of the screen staying there.
   * @param {number} factor
   * @param {number} x
   * @param {number} y
   */
  zoomAt(factor, x, y) {
    const at = this.toCity(x, y);
    this.scale = this.held(this.scale * factor);
    this.centreOn(at.x - (x - this.width / 2) / this.scale, at.y + (y - this.height / 2) / this.scale);
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  toScreen(x, y) {
    return { x: this.width / 2 + (x - this.x) * this.scale, y: this.height / 2 - (y - this.y) * this.scale };
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  toCity(x, y) {
    return { x: this.x + (x - this.width / 2) / this.scale, y: this.y - (y - this.height / 2) / this.scale };
  }

  /** What of the city is on the screen. */
  window() {
    const [half, tall] = [this.width / 2 / this.scale, this.height / 2 / this.scale];
    return { x0: this.x - half, y0: this.y - tall, x1: this.x + half, y1: this.y + tall };
  }

  /**
   * A round length that fits the scale bar.
   * @param {number} metresPerUnit on the ground
   */
  scaleBar(metresPerUnit) {
    const most = (BAR_PX / this.scale) * metresPerUnit;
    const ten = 10 ** Math.floor(Math.log10(most));
    const metres = [5, 2, 1].map((each) => each * ten).find((each) => each <= most) ?? ten;
    return { metres, width: Math.round((metres / metresPerUnit) * this.scale) };
  }

  standing() {
    return { x: this.x, y: this.y, scale: this.scale, of: this.bounds.x1 - this.bounds.x0 };
  }

  /**
   * @param {any} kept what `standing` gave, of the same city
   * @param {{x0: number, x1: number}} bounds
   */
  restore(kept, bounds) {
    if (!kept || kept.of !== bounds.x1 - bounds.x0 || ![kept.x, kept.y, kept.scale].every(Number.isFinite)) return;
    this.scale = this.held(kept.scale);
    this.centreOn(kept.x, kept.y);
  }
}
