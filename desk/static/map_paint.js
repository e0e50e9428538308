// One picture of the map: ground, tiles, grids in their colours, fields of view, cameras, what is chosen.
// @ts-check

import { batched } from "./map_city.js";

/** With less than this share on the screen, only those are drawn. */
const MOSTLY = 4;
const LABEL_FROM_PX = 34;
const NAME_FROM_PX = 120;
const MOST_LABELS = 600;
const FIELDS_FROM = 26;
const CAMERA_PX = 5.5;
const SIGNS = { live: "live", connecting: "waiting", stalled: "waiting", down: "down", unknown: "down", disabled: "off", ended: "off" };

/**
 * The colours that the legend shows, read from it: the two can never disagree.
 * @param {HTMLElement} holder
 */
export function readPalette(holder) {
  const colour = (/** @type {string} */ name) => {
    const found = document.querySelector(`.map-legend .${name}`);
    return found ? getComputedStyle(found).backgroundColor : "transparent";
  };
  const style = getComputedStyle(holder);
  const steps = [0, 1, 2, 3, 4, 5].map((number) => colour(`step-${number}`));
  return {
    steps,
    inks: steps.map(inkOn),
    text: style.color,
    ground: style.backgroundColor,
    line: style.borderTopColor,
    edge: getComputedStyle(document.body).getPropertyValue("--line-strong"),
    accent: getComputedStyle(document.body).getPropertyValue("--accent"),
    marks: Object.fromEntries(["live", "waiting", "down", "off", "field"].map((name) => {
      const mark = document.querySelector(`.map-legend .mark-${name}`);
      return [name, mark ? getComputedStyle(mark).color : "gray"];
    })),
    font: style.fontFamily,
    tiles: Number(getComputedStyle(document.body).getPropertyValue("--tiles")) || 1,
  };
}

/** @typedef {ReturnType<typeof readPalette>} Palette */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("./map_city.js").City} city
 * @param {import("./map_viewport.js").Viewport} view
 * @param {string} level
 * @param {Palette} palette
 * @param {import("./map_tiles.js").Tiles | null} tiles
 * @param {{cell: string, camera: string}} chosen
 * @param {string} show
 * @param {boolean} isFocused
 */
export function paint(canvas, city, view, level, palette, tiles, chosen, show, isFocused) {
  const ink = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  ink.setTransform(view.sharp, 0, 0, view.sharp, 0, 0);
  ink.fillStyle = palette.ground;
  ink.fillRect(0, 0, view.width, view.height);
  ink.globalAlpha = palette.tiles;
  tiles?.draw(ink, view);
  ink.globalAlpha = 1;
  const seen = view.window();
  const every = city.shapesOf(level);
  const shapes = every.filter((shape) => shape.x1 >= seen.x0 && shape.x0 <= seen.x1 && shape.y1 >= seen.y0 && shape.y0 <= seen.y1);
  toCity(ink, view);
  const batches = shapes.length * MOSTLY > every.length ? city.batchesOf(level) : batched(shapes);
  paintShapes(ink, batches, view, palette, Boolean(tiles), level);
  if (level !== "district") paintFields(ink, city, view, palette, chosen, seen);
  if (chosen.cell) outline(ink, city.cellOf(chosen.cell)?.path, palette.accent, 3 / view.scale);
  ink.setTransform(view.sharp, 0, 0, view.sharp, 0, 0);
  paintLabels(ink, shapes, view, palette, level, show, Boolean(tiles));
  paintCameras(ink, city, view, palette, chosen);
  if (isFocused) crosshair(ink, view, palette);
}

/**
 * @param {CanvasRenderingContext2D} ink
 * @param {import("./map_viewport.js").Viewport} view
 */
function toCity(ink, view) {
  const zoom = view.scale * view.sharp;
  ink.setTransform(zoom, 0, 0, -zoom, view.sharp * (view.width / 2) - view.x * zoom, view.sharp * (view.height / 2) + view.y * zoom);
}

/**
 * @param {CanvasRenderingContext2D} ink
 * @param {{steps: Path2D[], all: Path2D}} batches
 * @param {import("./map_viewport.js").Viewport} view
 * @param {Palette} palette
 * @param {boolean} overTiles
 * @param {string} level
 */
function paintShapes(ink, batches, view, palette, overTiles, level) {
  batches.steps.forEach((path, number) => {
    ink.globalAlpha = overTiles ? (number ? 0.62 : 0.12) : 1;
    ink.fillStyle = palette.steps[number];
    ink.fill(path);
  });
  ink.globalAlpha = 1;
  ink.strokeStyle = palette.edge;
  ink.lineWidth = (level === "grid" ? 0.7 : 1.4) / view.scale;
  ink.stroke(batches.all);
}

/**
 * @param {CanvasRenderingContext2D} ink
 * @param {import("./map_city.js").City} city
 * @param {import("./map_viewport.js").Viewport} view
 * @param {Palette} palette
 * @param {{camera: string}} chosen
 * @param {{x0: number, y0: number, x1: number, y1: number}} seen
 */
function paintFields(ink, city, view, palette, chosen, seen) {
  if (city.typical.grid * view.scale < FIELDS_FROM && !chosen.camera) return;
  const path = new Path2D();
  for (const camera of city.cameras) {
    if (camera.camera_id === chosen.camera) {
      outline(ink, camera.path ?? undefined, palette.accent, 3 / view.scale);
      for (const code of camera.path ? [] : camera.cells) outline(ink, city.cellOf(code)?.path, palette.accent, 3 / view.scale);
    } else if (camera.path && city.typical.grid * view.scale >= FIELDS_FROM && isNear(camera.ring, seen)) path.addPath(camera.path);
  }
  ink.fillStyle = palette.marks.field;
  ink.globalAlpha = 0.14;
  ink.fill(path);
  ink.globalAlpha = 0.85;
  ink.strokeStyle = palette.marks.field;
  ink.lineWidth = 1.2 / view.scale;
  ink.stroke(path);
  ink.globalAlpha = 1;
}

/**
 * @param {number[]} ring
 * @param {{x0: number, y0: number, x1: number, y1: number}} seen
 */
function isNear(ring, seen) {
  for (let at = 0; at < ring.length; at += 2) {
    if (ring[at] >= seen.x0 && ring[at] <= seen.x1 && ring[at + 1] >= seen.y0 && ring[at + 1] <= seen.y1) return true;
  }
  return false;
}

/**
 * @param {CanvasRenderingContext2D} ink
 * @param {Path2D | undefined} path
 * @param {string} colour
 * @param {number} width
 */
function outline(ink, path, colour, width) {
  if (!path) return;
  ink.strokeStyle = colour;
  ink.lineWidth = width;
  ink.stroke(path);
}

/**
 * Numbers where there is room: never colour alone.
 * @param {CanvasRenderingContext2D} ink
 * @param {any[]} shapes
 * @param {import("./map_viewport.js").Viewport} view
 * @param {Palette} palette
 * @param {string} level
 * @param {string} show
 * @param {boolean} overTiles
 */
function paintLabels(ink, shapes, view, palette, level, show, overTiles) {
  ink.textBaseline = "middle";
  let drawn = 0;
  for (const shape of shapes) {
    const across = Math.min(shape.x1 - shape.x0, shape.y1 - shape.y0) * view.scale;
    if (across < LABEL_FROM_PX || drawn++ > MOST_LABELS) continue;
    // A grid's number stands in its corner, for cameras stand in the middle.
    const isGrid = level === "grid";
    const at = isGrid ? view.toScreen(shape.x0, shape.y1) : view.toScreen(shape.label[0], shape.label[1]);
    const [x, y] = isGrid ? [at.x + 5, at.y + 12] : [at.x, at.y];
    ink.textAlign = isGrid ? "left" : "center";
    ink.fillStyle = overTiles ? palette.text : palette.inks[shape.step];
    const number = shape.value ? `${shape.value}${show === "coverage" ? "%" : ""}` : "";
    if (number) {
      ink.font = `600 ${across > 60 ? 15 : 12}px ${palette.font}`;
      ink.fillText(number, x, y);
    }
    if (across >= NAME_FROM_PX) {
      ink.font = `12px ${palette.font}`;
      ink.fillText(shape.name || (isGrid ? shape.code.slice(-6) : shape.code), x, y + (number ? 18 : 0), across - 8);
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} ink
 * @param {import("./map_city.js").City} city
 * @param {import("./map_viewport.js").Viewport} view
 * @param {Palette} palette
 * @param {{camera: string}} chosen
 */
function paintCameras(ink, city, view, palette, chosen) {
  const size = city.typical.grid * view.scale > 14 ? CAMERA_PX : 3.2;
  for (const camera of city.cameras) {
    const at = view.toScreen(camera.place[0], camera.place[1]);
    if (at.x < -9 || at.y < -9 || at.x > view.width + 9 || at.y > view.height + 9) continue;
    const sign = camera.is_faulty || camera.is_silent ? "down" : /** @type {Record<string, string>} */ (SIGNS)[camera.state] ?? "down";
    mark(ink, sign, at, size, palette);
    if (camera.camera_id !== chosen.camera) continue;
    ink.strokeStyle = palette.accent;
    ink.lineWidth = 3;
    ink.beginPath();
    ink.arc(at.x, at.y, size + 5, 0, 2 * Math.PI);
    ink.stroke();
  }
}

/**
 * Shapes differ as much as colours do: disc, square, diamond, ring.
 * @param {CanvasRenderingContext2D} ink
 * @param {string} sign
 * @param {{x: number, y: number}} at
 * @param {number} size
 * @param {Palette} palette
 */
function mark(ink, sign, at, size, palette) {
  ink.beginPath();
  if (sign === "waiting") ink.rect(at.x - size, at.y - size, 2 * size, 2 * size);
  else if (sign === "down") {
    ink.moveTo(at.x, at.y - size * 1.4);
    ink.lineTo(at.x + size * 1.4, at.y);
    ink.lineTo(at.x, at.y + size * 1.4);
    ink.lineTo(at.x - size * 1.4, at.y);
    ink.closePath();
  } else ink.arc(at.x, at.y, size, 0, 2 * Math.PI);
  ink.lineWidth = 1.6;
  ink.fillStyle = sign === "off" ? palette.ground : palette.marks[sign];
  ink.strokeStyle = sign === "off" ? palette.marks.off : palette.ground;
  ink.fill();
  ink.stroke();
}

/**
 * @param {CanvasRenderingContext2D} ink
 * @param {import("./map_viewport.js").Viewport} view
 * @param {Palette} palette
 */
function crosshair(ink, view, palette) {
  const [x, y] = [view.width / 2, view.height / 2];
  ink.strokeStyle = palette.text;
  ink.lineWidth = 1.5;
  ink.beginPath();
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
    ink.moveTo(x + 4 * dx, y + 4 * dy);
    ink.lineTo(x + 13 * dx, y + 13 * dy);
  }
  ink.stroke();
}

/**
 * Black or white, whichever is read better on a colour.
 * @param {string} colour as the browser computes it
 */
function inkOn(colour) {
  const [red, green, blue] = (colour.match(/[\d.]+/g) ?? ["255", "255", "255"]).map(Number);
  const light = [red, green, blue].map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] > 0.19 ? "#0b1118" : "#ffffff";
}
