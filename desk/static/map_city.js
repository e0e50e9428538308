// The city as data: grids, areas, cameras and figures, and which of them lies where.
// @ts-check

/** Grids are drawn one by one from so many screen pixels across on; below that, areas are. */
const LEAST_PX = { grid: 9, community: 22, street: 26 };
/** @typedef {{code: string, name: string, zone?: string, rings: Int32Array[], path: Path2D, x0: number, y0: number, x1: number, y1: number, step: number, value: number}} Shape */
/** @typedef {Shape & {level: string, grids: number, label: number[], bounds: {x0: number, y0: number, x1: number, y1: number}}} Area */
/** @typedef {{camera_id: string, name: string, state: string, is_faulty: boolean, is_silent: boolean, place: number[], ring: number[], cells: string[], path: Path2D | null}} Camera */

export class City {
  /** @param {any} base as `/api/v1/map/base` answers */
  constructor(base) {
    this.origin = base.origin_m;
    this.stepM = base.step_m;
    /** @type {Shape[]} */
    this.cells = base.cells.map((/** @type {any} */ cell) => shapeOf(cell, [cell.ring]));
    /** @type {Area[]} */
    this.areas = base.areas.map((/** @type {any} */ area) => {
      const shape = shapeOf(area, area.rings);
      return { ...shape, level: area.level, grids: area.grids, label: area.label, bounds: { x0: shape.x0, y0: shape.y0, x1: shape.x1, y1: shape.y1 } };
    });
    /** @type {Camera[]} */
    this.cameras = [];
    this.byCode = new Map(this.cells.map((cell) => [cell.code, cell]));
    this.bounds = boundsOf(this.cells);
    const middle = this.origin[1] + ((this.bounds.y0 + this.bounds.y1) / 2) * this.stepM;
    const latitude = Math.atan(Math.sinh(middle / 6378137));
    /** On the ground: the projection stretches away from the equator. */
    this.metresPerUnit = this.stepM * Math.cos(latitude);
    this.typical = { grid: typical(this.cells), community: 0, street: 0 };
    for (const level of /** @type {const} */ (["community", "street"])) this.typical[level] = typical(this.areas.filter((area) => area.level === level));
    /** At which a grid and its camera can be looked at. */
    this.closeScale = 70 / Math.max(1, this.typical.grid);
    this.figuresTag = "";
    /** @type {Map<string, {steps: Path2D[], all: Path2D}>} */
    this.batches = new Map();
    this.camerasTag = "";
    this.index = new Index(this.cells, this.typical.grid);
  }

  /**
   * The level whose shapes can be told apart at this scale.
   * @param {number} scale
   */
  levelFor(scale) {
    for (const level of /** @type {const} */ (["grid", "community", "street"])) {
      if (this.typical[level] * scale >= LEAST_PX[level]) return level;
      if (level === "grid" && this.cells.length <= 40) return level;
    }
    return "district";
  }

  /** @param {string} level */
  shapesOf(level) {
    return level === "grid" ? this.cells : this.areas.filter((area) => area.level === level);
  }

  /**
   * A level's shapes as one path a colour: a few fills instead of thousands, made once for each set of colours.
   * @param {string} level
   */
  batchesOf(level) {
    let found = this.batches.get(level);
    if (!found) this.batches.set(level, (found = batched(this.shapesOf(level))));
    return found;
  }

  /**
   * New colours; whether anything is another than before.
   * @param {any} figures
   */
  setFigures(figures) {
    const tag = JSON.stringify([figures.cells, figures.areas]);
    if (tag === this.figuresTag) return false;
    this.figuresTag = tag;
    this.batches.clear();
    for (const [shapes, told] of /** @type {[Shape[], any[]][]} */ ([[this.cells, figures.cells], [this.areas, figures.areas]])) {
      const byCode = new Map(told.map((figure) => [figure.code, figure]));
      for (const shape of shapes) {
        const figure = byCode.get(shape.code);
        shape.step = figure?.step ?? 0;
        shape.value = figure?.value ?? 0;
      }
    }
    return true;
  }

  /** @param {any[]} cameras */
  setCameras(cameras) {
    const tag = JSON.stringify(cameras);
    if (tag === this.camerasTag) return false;
    this.camerasTag = tag;
    this.cameras = cameras.map((camera) => ({ ...camera, path: camera.ring.length ? pathOf([Int32Array.from(camera.ring)]) : null }));
    return true;
  }

  /** @param {string} code */
  cellOf(code) {
    return this.byCode.get(code);
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  cellAt(x, y) {
    return this.index.near(x, y).find((cell) => cell.rings.some((ring) => isInside(ring, x, y)));
  }

  /**
   * @param {string} code
   * @param {string} level
   */
  areaOf(code, level) {
    return this.areas.find((area) => area.level === level && code.startsWith(area.code));
  }

  /** @param {string} text */
  cameraNamed(text) {
    const low = text.toLowerCase();
    return this.cameras.find((camera) => camera.camera_id.toLowerCase() === low) ?? this.cameras.find((camera) => camera.name && camera.name.toLowerCase().includes(low));
  }

  /** @param {string} text */
  cellNamed(text) {
    return this.byCode.get(text) ?? this.cells.find((cell) => cell.name === text) ?? this.cells.find((cell) => cell.name.includes(text) || (text.length >= 6 && cell.code.endsWith(text)));
  }
}

/** Squares of the city, each with the grids that touch it: a click looks at a few of thousands. */
class Index {
  /**
   * @param {Shape[]} shapes
   * @param {number} side
   */
  constructor(shapes, side) {
    this.side = Math.max(1, side * 2);
    /** @type {Map<string, Shape[]>} */
    this.squares = new Map();
    for (const shape of shapes) {
      for (let column = Math.floor(shape.x0 / this.side); column <= Math.floor(shape.x1 / this.side); column++) {
        for (let row = Math.floor(shape.y0 / this.side); row <= Math.floor(shape.y1 / this.side); row++) {
          const key = `${column},${row}`;
          const found = this.squares.get(key);
          if (found) found.push(shape);
          else this.squares.set(key, [shape]);
        }
      }
    }
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  near(x, y) {
    return this.squares.get(`${Math.floor(x / this.side)},${Math.floor(y / this.side)}`) ?? [];
  }
}

/** @param {Shape[]} shapes */
export function batched(shapes) {
  const steps = Array.from({ length: 6 }, () => new Path2D());
  for (const shape of shapes) steps[shape.step].addPath(shape.path);
  const all = new Path2D();
  for (const path of steps) all.addPath(path);
  return { steps, all };
}

/**
 * @param {any} told
 * @param {number[][]} rings
 * @returns {Shape}
 */
function shapeOf(told, rings) {
  const kept = rings.map((ring) => Int32Array.from(ring));
  const bounds = boundsOfRings(kept);
  return { code: told.code, name: told.name, zone: told.zone, rings: kept, path: pathOf(kept), ...bounds, step: 0, value: 0 };
}

/** @param {Int32Array[]} rings */
function pathOf(rings) {
  const path = new Path2D();
  for (const ring of rings) {
    for (let at = 0; at < ring.length; at += 2) {
      if (at) path.lineTo(ring[at], ring[at + 1]);
      else path.moveTo(ring[at], ring[at + 1]);
    }
    path.closePath();
  }
  return path;
}

/** @param {Int32Array[]} rings */
function boundsOfRings(rings) {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (let at = 0; at < ring.length; at += 2) {
      x0 = Math.min(x0, ring[at]);
      x1 = Math.max(x1, ring[at]);
      y0 = Math.min(y0, ring[at + 1]);
      y1 = Math.max(y1, ring[at + 1]);
    }
  }
  return { x0, y0, x1, y1 };
}

/** @param {Shape[]} shapes */
function boundsOf(shapes) {
  const found = shapes.reduce((all, each) => ({ x0: Math.min(all.x0, each.x0), y0: Math.min(all.y0, each.y0), x1: Math.max(all.x1, each.x1), y1: Math.max(all.y1, each.y1) }), { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity });
  return shapes.length ? found : { x0: 0, y0: 0, x1: 1, y1: 1 };
}

/**
 * How far across these shapes are, in the middle.
 * @param {Shape[]} shapes
 */
function typical(shapes) {
  const sizes = shapes.map((shape) => Math.max(shape.x1 - shape.x0, shape.y1 - shape.y0)).sort((one, other) => one - other);
  return sizes[Math.floor(sizes.length / 2)] ?? 0;
}

/**
 * @param {Int32Array} ring
 * @param {number} x
 * @param {number} y
 */
function isInside(ring, x, y) {
  let inside = false;
  for (let at = 0, before = ring.length - 2; at < ring.length; before = at, at += 2) {
    const [ax, ay, bx, by] = [ring[at], ring[at + 1], ring[before], ring[before + 1]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}
