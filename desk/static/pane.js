// One drawing surface: an SVG that can be zoomed and panned, in its own units (pixels of a picture, metres of a map).
// @ts-check

const SVG = "http://www.w3.org/2000/svg";
const LEAST_ZOOM_PX = 24;

/**
 * Make an SVG element.
 * @param {string} name
 * @param {Record<string, string | number>} [attributes]
 * @param {Element} [parent]
 * @returns {SVGElement}
 */
export function svg(name, attributes = {}, parent) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  parent?.append(made);
  return /** @type {SVGElement} */ (made);
}

/** @typedef {{x: number, y: number}} Spot */
/** @typedef {{x: number, y: number, width: number, height: number}} Frame */

export class Pane {
  /**
   * @param {SVGSVGElement} root
   * @param {Frame} whole what "show all" shows
   */
  constructor(root, whole) {
    this.root = root;
    this.whole = whole;
    /** @type {Frame} */
    this.shown = { ...whole };
    /** @type {(() => void)[]} */
    this.listeners = [];
    /** @type {Map<number, {clientX: number, clientY: number}>} */
    this.fingers = new Map();
    /** Counts the times that a second finger came down. */
    this.pinches = 0;
    this.root.setAttribute("preserveAspectRatio", "xMidYMid meet");
    this.show(whole);
    this.root.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.root.addEventListener("pointerdown", (event) => {
      this.fingers.set(event.pointerId, event);
      if (this.fingers.size === 2) this.pinches += 1;
    });
    this.root.addEventListener("pointermove", (event) => this.#pinch(event));
    for (const over of /** @type {const} */ (["pointerup", "pointercancel"])) {
      this.root.addEventListener(over, (event) => this.fingers.delete(event.pointerId));
    }
    new ResizeObserver(() => this.#told()).observe(this.root);
  }

  /** Units that one pixel of the screen stands for. */
  get unit() {
    const box = this.root.getBoundingClientRect();
    return Math.max(this.shown.width / Math.max(1, box.width), this.shown.height / Math.max(1, box.height));
  }

  /** @param {() => void} listener called after each zoom, pan and change of size */
  onView(listener) {
    this.listeners.push(listener);
  }

  /** @param {Frame} frame */
  show(frame) {
    this.shown = frame;
    this.root.setAttribute("viewBox", `${frame.x} ${frame.y} ${frame.width} ${frame.height}`);
    this.#told();
  }

  fit() {
    this.show({ ...this.whole });
  }

  /**
   * @param {number} factor below 1 zooms in
   * @param {Spot} [at]
   */
  zoom(factor, at) {
    const { x, y, width, height } = this.shown;
    const least = LEAST_ZOOM_PX * Math.min(this.whole.width, this.whole.height) * 0.001;
    const most = 4 * Math.max(this.whole.width, this.whole.height);
    const wide = Math.min(most, Math.max(least, width * factor));
    const share = wide / width;
    const about = at ?? { x: x + width / 2, y: y + height / 2 };
    this.show({ x: about.x - (about.x - x) * share, y: about.y - (about.y - y) * share, width: wide, height: height * share });
  }

  /**
   * @param {number} dx in units
   * @param {number} dy
   */
  pan(dx, dy) {
    this.show({ ...this.shown, x: this.shown.x + dx, y: this.shown.y + dy });
  }

  /**
   * Where an event happened, in the pane's units.
   * @param {{clientX: number, clientY: number}} event
   * @returns {Spot}
   */
  spot(event) {
    const matrix = this.root.getScreenCTM();
    if (!matrix) return { x: 0, y: 0 };
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    return { x: at.x, y: at.y };
  }

  /**
   * Drag empty ground to pan; a press that does not move, and is no part of a pinch, is a click.
   * @param {(spot: Spot, event: PointerEvent) => void} onClick
   * @param {() => boolean} [mayClick]
   */
  onGround(onClick, mayClick = () => true) {
    this.root.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || /** @type {Element} */ (event.target).closest("[data-handle]")) return;
      const from = { x: event.clientX, y: event.clientY };
      const start = { ...this.shown };
      const { pinches } = this;
      let moved = this.fingers.size > 1;
      const scale = this.unit;
      /** @param {PointerEvent} move */
      const drag = (move) => {
        if (this.pinches !== pinches || this.fingers.size > 1) {
          moved = true;
          return;
        }
        const dx = move.clientX - from.x;
        const dy = move.clientY - from.y;
        moved ||= Math.hypot(dx, dy) > 4;
        if (moved) this.show({ ...start, x: start.x - dx * scale, y: start.y - dy * scale });
      };
      /** @param {PointerEvent} end */
      const stop = (end) => {
        this.root.removeEventListener("pointermove", drag);
        this.root.removeEventListener("pointerup", stop);
        this.root.removeEventListener("pointercancel", stop);
        if (!moved && this.pinches === pinches && end.type === "pointerup" && mayClick()) onClick(this.spot(end), end);
      };
      this.root.setPointerCapture(event.pointerId);
      this.root.addEventListener("pointermove", drag);
      this.root.addEventListener("pointerup", stop);
      this.root.addEventListener("pointercancel", stop);
    });
  }

  /** @param {PointerEvent} event two fingers zoom about the place between them */
  #pinch(event) {
    if (!this.fingers.has(event.pointerId)) return;
    const before = this.#spread();
    this.fingers.set(event.pointerId, event);
    const after = this.#spread();
    if (before.apart > 1 && after.apart > 1) this.zoom(before.apart / after.apart, this.spot(after));
  }

  #spread() {
    const [one, other] = [...this.fingers.values()];
    if (!other) return { apart: 0, clientX: 0, clientY: 0 };
    return {
      apart: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY),
      clientX: (one.clientX + other.clientX) / 2,
      clientY: (one.clientY + other.clientY) / 2,
    };
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    this.zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, this.spot(event));
  }

  #told() {
    for (const listener of this.listeners) listener();
  }
}

/**
 * Something that is dragged, and nudged with the arrow keys.
 * @param {Pane} pane
 * @param {SVGElement} handle
 * @param {() => Spot} where
 * @param {{move: (spot: Spot) => void, begin?: () => void, end?: () => void, keys?: (event: KeyboardEvent) => boolean}} on
 */
export function makeHandle(pane, handle, where, on) {
  handle.setAttribute("data-handle", "");
  handle.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.preventDefault();
    handle.focus({ preventScroll: true });
    const grip = pane.spot(event);
    const at = where();
    let moved = false;
    /** @param {PointerEvent} move */
    const drag = (move) => {
      const now = pane.spot(move);
      if (!moved && Math.hypot(now.x - grip.x, now.y - grip.y) < 2 * pane.unit) return;
      if (!moved) on.begin?.();
      moved = true;
      on.move({ x: at.x + now.x - grip.x, y: at.y + now.y - grip.y });
    };
    const stop = () => {
      window.removeEventListener("pointermove", drag);
      window.removeEventListener("pointerup", stop);
      window.removeEventListener("pointercancel", stop);
      if (moved) on.end?.();
    };
    window.addEventListener("pointermove", drag);
    window.addEventListener("pointerup", stop);
    window.addEventListener("pointercancel", stop);
  });
  handle.addEventListener("keydown", (event) => {
    const step = arrow(event);
    if (step) {
      event.preventDefault();
      on.begin?.();
      const far = pane.unit * (event.shiftKey ? 10 : 1);
      const at = where();
      on.move({ x: at.x + step.x * far, y: at.y + step.y * far });
      on.end?.();
    } else if (on.keys?.(event)) {
      event.preventDefault();
    }
  });
}

/**
 * @param {KeyboardEvent} event
 * @returns {Spot | null}
 */
export function arrow(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  return { ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 }, ArrowUp: { x: 0, y: -1 }, ArrowDown: { x: 0, y: 1 } }[event.key] ?? null;
}

/**
 * Fill the places of a phrase.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
