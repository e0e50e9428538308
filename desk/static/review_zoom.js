// The big picture: wheel, keys and dragging zoom and move it; b flips to the picture before; a sighting can be chosen.
// @ts-check

const MOST = 8;
const STEP = 1.4;

/** @type {WeakMap<HTMLElement, Scene>} */
const scenes = new WeakMap();

/**
 * A panel's scene: one, however often it is shown.
 * @param {HTMLElement} panel
 */
export function sceneOf(panel) {
  const known = scenes.get(panel);
  if (known) return known;
  const made = new Scene(panel);
  scenes.set(panel, made);
  return made;
}

class Scene {
  /** @param {HTMLElement} panel */
  constructor(panel) {
    this.panel = panel;
    this.frame = /** @type {HTMLElement | null} */ (panel.querySelector(".frame"));
    this.now = /** @type {HTMLImageElement | null} */ (panel.querySelector("img.now"));
    this.was = /** @type {HTMLImageElement | null} */ (panel.querySelector("img.was"));
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    /** @type {Map<number, {x: number, y: number}>} fingers, or the mouse with its button down */
    this.held = new Map();
    if (!this.frame) return;
    this.frame.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    this.frame.addEventListener("pointerdown", (event) => this.onDown(event));
    this.frame.addEventListener("pointermove", (event) => this.onMove(event));
    for (const over of /** @type {const} */ (["pointerup", "pointercancel"])) {
      this.frame.addEventListener(over, (event) => this.held.delete(event.pointerId));
    }
    this.frame.addEventListener("dblclick", () => this.toggle());
    for (const button of panel.querySelectorAll(".sight")) button.addEventListener("click", () => this.pick(/** @type {HTMLElement} */ (button)));
  }

  get isBefore() {
    return this.was !== null && !this.was.hidden;
  }

  /** @param {boolean} [wanted] show the picture before */
  flip(wanted = !this.isBefore) {
    if (!this.was || !this.now) return;
    this.was.hidden = !wanted;
    this.now.hidden = wanted;
    for (const [name, isShown] of [["says-now", !wanted], ["says-was", wanted]]) {
      const says = /** @type {HTMLElement | null} */ (this.panel.querySelector(`.${name}`));
      if (says) says.hidden = !isShown;
    }
  }

  /** To the target, or back to the whole picture. */
  toggle() {
    if (this.scale > 1) {
      this.reset();
      return;
    }
    const [x, y] = this.target();
    this.to(3, x, y);
  }

  reset() {
    this.scale = 1;
    this.x = this.y = 0;
    this.apply();
  }

  /** @param {number} direction */
  by(direction) {
    const [x, y] = this.target();
    this.to(this.scale * STEP ** direction, x, y);
  }

  /**
   * Another sighting in the big picture.
   * @param {HTMLElement} button
   */
  pick(button) {
    if (!this.now) return;
    this.flip(false);
    this.now.src = button.dataset.href ?? "";
    const crop = /** @type {HTMLImageElement | null} */ (this.panel.querySelector("img.crop"));
    if (crop && button.dataset.crop) crop.src = button.dataset.crop;
    for (const each of this.panel.querySelectorAll(".sight")) each.setAttribute("aria-pressed", String(each === button));
    const says = this.panel.querySelector(".says-now");
    const when = button.querySelector("time");
    if (says && when) says.replaceChildren(when.cloneNode(true));
    this.now.dataset.boxes = button.dataset.boxes ?? "";
    button.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** @param {number} step */
  pickBy(step) {
    const all = /** @type {HTMLElement[]} */ ([...this.panel.querySelectorAll(".sight")]);
    const at = all.findIndex((each) => each.getAttribute("aria-pressed") === "true");
    const next = all[Math.min(all.length - 1, Math.max(0, at + step))];
    if (next) this.pick(next);
  }

  /** The middle of the boxes, in the frame's pixels; the frame's middle where there are none. */
  target() {
    const frame = this.frame;
    if (!frame) return [0, 0];
    const numbers = (this.now?.dataset.boxes ?? "").split(",").map(Number);
    const image = this.now;
    if (numbers.length !== 4 || numbers.some(Number.isNaN) || !image?.naturalWidth) return [frame.clientWidth / 2, frame.clientHeight / 2];
    const fit = Math.min(frame.clientWidth / image.naturalWidth, frame.clientHeight / image.naturalHeight);
    const left = (frame.clientWidth - image.naturalWidth * fit) / 2;
    const top = (frame.clientHeight - image.naturalHeight * fit) / 2;
    return [left + ((numbers[0] + numbers[2]) / 2) * fit, top + ((numbers[1] + numbers[3]) / 2) * fit];
  }

  /**
   * Zoom so that a place of the unzoomed picture comes as near the middle as may be.
   * @param {number} scale
   * @param {number} x
   * @param {number} y
   */
  to(scale, x, y) {
    const frame = this.frame;
    if (!frame) return;
    this.scale = Math.min(MOST, Math.max(1, scale));
    this.x = frame.clientWidth / 2 - x * this.scale;
    this.y = frame.clientHeight / 2 - y * this.scale;
    this.apply();
  }

  apply() {
    const frame = this.frame;
    if (!frame) return;
    this.x = Math.min(0, Math.max(frame.clientWidth * (1 - this.scale), this.x));
    this.y = Math.min(0, Math.max(frame.clientHeight * (1 - this.scale), this.y));
    for (const image of [this.now, this.was]) {
      image?.style.setProperty("transform", this.scale > 1 ? `translate(${this.x}px, ${this.y}px) scale(${this.scale})` : "none");
    }
    frame.classList.toggle("zoomed", this.scale > 1);
  }

  /**
   * Zoom about a place of the frame, which stays where it is.
   * @param {number} x
   * @param {number} y
   * @param {number} wanted
   */
  about(x, y, wanted) {
    const scale = Math.min(MOST, Math.max(1, wanted));
    this.x = x - ((x - this.x) / this.scale) * scale;
    this.y = y - ((y - this.y) / this.scale) * scale;
    this.scale = scale;
    this.apply();
  }

  /** @param {{clientX: number, clientY: number}} event */
  placeOf(event) {
    const box = this.frame?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  }

  /** @param {WheelEvent} event */
  onWheel(event) {
    event.preventDefault();
    const { x, y } = this.placeOf(event);
    this.about(x, y, this.scale * (event.deltaY < 0 ? STEP : 1 / STEP));
  }

  /** @param {PointerEvent} event */
  onDown(event) {
    if (event.button !== 0 || !this.frame) return;
    this.held.set(event.pointerId, this.placeOf(event));
    if (this.scale > 1 || this.held.size > 1) this.frame.setPointerCapture(event.pointerId);
  }

  /**
   * One finger moves the zoomed picture; two zoom it about their middle and move it with that.
   * @param {PointerEvent} event
   */
  onMove(event) {
    const before = this.held.get(event.pointerId);
    if (!before) return;
    const now = this.placeOf(event);
    this.held.set(event.pointerId, now);
    const others = [...this.held].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    if (others.length > 1 || (others.length === 0 && this.scale <= 1)) return;
    const share = others.length ? 0.5 : 1;
    this.x += (now.x - before.x) * share;
    this.y += (now.y - before.y) * share;
    if (!others.length) {
      this.apply();
      return;
    }
    const [other] = others;
    const apart = Math.hypot(before.x - other.x, before.y - other.y);
    this.about((now.x + other.x) / 2, (now.y + other.y) / 2, this.scale * (Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, apart)));
  }
}
