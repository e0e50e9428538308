// The city's map: grids in colours, cameras with what they see; drawn on a canvas from the city's own outlines.
// @ts-check
import { call } from "./call.js";
import { isTyping } from "./keys.js";
import { follow } from "./live.js";
import { City } from "./map_city.js";
import { paint, readPalette } from "./map_paint.js";
import { Tiles } from "./map_tiles.js";
import { Viewport } from "./map_viewport.js";
import { notice } from "./notice.js";
import { refresh } from "./refresh.js";

/** Least milliseconds between two counts of the figures, however fast events come. */
const FIGURES_GAP_MS = 2000;
/** Cameras' states are no case events; deadlines pass by themselves. */
const LOOK_EVERY_MS = 10_000;
const PAN_PX = 90;
const FROM_ANYWHERE = new Set(["+", "=", "-", "_", "0", "n", "N"]);
const ZOOM_STEP = 1.5;
const CLICK_PX = 5;
const CAMERA_REACH_PX = 14;

const box = document.getElementById("citymap");
if (box) void start(box);

/** @param {HTMLElement} holder */
async function start(holder) {
  const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById("map-canvas"));
  const show = holder.dataset.show ?? "open";
  const [base, cameras, figures] = await Promise.all([
    call("GET", "/api/v1/map/base"),
    call("GET", "/api/v1/map/cameras"),
    call("GET", `/api/v1/map/figures?show=${show}`),
  ]);
  const wait = document.getElementById("map-wait");
  if (!base.ok || !cameras.ok || !figures.ok) {
    if (wait) wait.textContent = holder.dataset.sayFailed ?? "";
    return;
  }
  const city = new City(base.body);
  city.setCameras(cameras.body.cameras);
  city.setFigures(figures.body);
  wait?.remove();
  const map = new CityMap(holder, canvas, city, show);
  map.fillNames();
  map.draw();
  holder.dataset.ready = String(Math.round(performance.now()));
}

class CityMap {
  /**
   * @param {HTMLElement} holder
   * @param {HTMLCanvasElement} canvas
   * @param {City} city
   * @param {string} show
   */
  constructor(holder, canvas, city, show) {
    this.holder = holder;
    this.canvas = canvas;
    this.city = city;
    this.show = show;
    this.card = /** @type {HTMLElement} */ (document.getElementById("map-card"));
    this.palette = readPalette(holder);
    this.view = new Viewport(city.bounds);
    this.tiles = holder.dataset.tiles ? new Tiles(holder.dataset.tiles, Number(holder.dataset.maxZoom), city, () => this.draw()) : null;
    this.chosen = { cell: "", camera: "" };
    this.isWaiting = false;
    this.lastFiguresMs = performance.now();
    this.figuresTimer = 0;
    this.resize();
    this.view.fit();
    this.recall();
    new ResizeObserver(() => this.resize()).observe(holder);
    for (const screen of ["(prefers-color-scheme: dark)", `(resolution: ${window.devicePixelRatio}dppx)`]) {
      window.matchMedia(screen).addEventListener("change", () => this.resize());
    }
    this.listen();
    follow(() => this.countSoon(), () => this.countSoon());
    window.setInterval(() => document.visibilityState === "visible" && this.look(), LOOK_EVERY_MS);
  }

  resize() {
    const { width, height } = this.holder.getBoundingClientRect();
    const sharp = Math.min(window.devicePixelRatio || 1, 2);
    this.canvas.width = Math.max(1, Math.round(width * sharp));
    this.canvas.height = Math.max(1, Math.round(height * sharp));
    this.view.resize(width, height, sharp);
    this.palette = readPalette(this.holder);
    this.draw();
  }

  /** Draw with the next frame; many calls in a row make one. */
  draw() {
    if (this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      const begun = performance.now();
      const level = this.city.levelFor(this.view.scale);
      paint(this.canvas, this.city, this.view, level, this.palette, this.tiles, this.chosen, this.show, document.activeElement === this.canvas);
      this.holder.dataset.drawMs = (performance.now() - begun).toFixed(1);
      this.tell(level);
    });
  }

  /** @param {string} level */
  tell(level) {
    this.holder.dataset.level = level;
    const name = document.getElementById("map-level");
    if (name) name.textContent = this.holder.getAttribute(`data-level-${level}`) ?? level;
    for (const legend of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-legend]"))) {
      legend.hidden = legend.dataset.legend !== level;
    }
    const metres = this.view.scaleBar(this.city.metresPerUnit);
    document.getElementById("map-scalebar")?.style.setProperty("width", `${metres.width}px`);
    const scale = document.getElementById("map-scale");
    if (scale) scale.textContent = metres.metres < 1000 ? `${metres.metres} m` : `${metres.metres / 1000} km`;
  }

  /** Names for the find box: areas, cameras, and grids where there are not too many for a list. */
  fillNames() {
    const list = document.getElementById("map-names");
    if (!list) return;
    const named = [...this.city.areas.map((area) => area.code), ...this.city.cameras.map((camera) => camera.camera_id)];
    const options = named.slice(0, 400).map((name) => {
      const option = document.createElement("option");
      option.value = name;
      return option;
    });
    list.replaceChildren(...options);
  }

  countSoon() {
    if (this.figuresTimer) return;
    const gap = Math.max(0, this.lastFiguresMs + FIGURES_GAP_MS - performance.now());
    this.figuresTimer = window.setTimeout(() => void this.count(), gap);
  }

  async count() {
    const figures = await call("GET", `/api/v1/map/figures?show=${this.show}`);
    this.figuresTimer = 0;
    this.lastFiguresMs = performance.now();
    if (!figures.ok) return;
    if (this.city.setFigures(figures.body)) {
      this.draw();
      await refresh();
    }
  }

  async look() {
    const cameras = await call("GET", "/api/v1/map/cameras");
    if (cameras.ok && this.city.setCameras(cameras.body.cameras)) this.draw();
    this.countSoon();
  }

  listen() {
    const moves = new Map();
    let dragged = 0;
    let apart = 0;
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      moves.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
      if (moves.size === 1) dragged = 0;
    });
    this.canvas.addEventListener("pointermove", (event) => {
      const before = moves.get(event.pointerId);
      if (!before) {
        this.canvas.style.cursor = this.cameraAt(event.offsetX, event.offsetY) ? "pointer" : "";
        return;
      }
      moves.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
      if (moves.size === 2) {
        const [one, other] = [...moves.values()];
        const now = Math.hypot(one.x - other.x, one.y - other.y);
        if (apart) this.view.zoomAt(now / apart, (one.x + other.x) / 2, (one.y + other.y) / 2);
        apart = now;
        dragged = CLICK_PX + 1;
      } else {
        this.view.pan(event.offsetX - before.x, event.offsetY - before.y);
        dragged += Math.abs(event.offsetX - before.x) + Math.abs(event.offsetY - before.y);
      }
      this.draw();
    });
    const end = (/** @type {PointerEvent} */ event) => {
      if (!moves.delete(event.pointerId)) return;
      apart = 0;
      if (event.type === "pointerup" && dragged <= CLICK_PX) this.pick(event.offsetX, event.offsetY);
      this.keep();
    };
    this.canvas.addEventListener("pointerup", end);
    this.canvas.addEventListener("pointercancel", end);
    this.canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.view.zoomAt(Math.exp(-Math.sign(event.deltaY) * Math.min(Math.abs(event.deltaY), 120) / 400), event.offsetX, event.offsetY);
      this.keep();
    }, { passive: false });
    this.canvas.addEventListener("dblclick", (event) => {
      this.view.zoomAt(ZOOM_STEP * ZOOM_STEP, event.offsetX, event.offsetY);
      this.keep();
    });
    for (const moment of ["focus", "blur"]) this.canvas.addEventListener(moment, () => this.draw());
    this.canvas.addEventListener("keydown", (event) => this.onKey(event));
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && !isTyping(event)) {
        event.preventDefault();
        document.getElementById("map-find-text")?.focus();
      }
      if (event.key === "Escape" && !isTyping(event)) this.shut();
      // Keys that do nothing else on a page are the map's wherever the focus is, and lead to it.
      if (event.target !== this.canvas && FROM_ANYWHERE.has(event.key) && !isTyping(event)) {
        this.canvas.focus();
        this.onKey(event);
      }
    });
    document.getElementById("zoom-in")?.addEventListener("click", () => this.zoom(ZOOM_STEP));
    document.getElementById("zoom-out")?.addEventListener("click", () => this.zoom(1 / ZOOM_STEP));
    document.getElementById("zoom-all")?.addEventListener("click", () => this.all());
    document.getElementById("map-find")?.addEventListener("submit", (event) => this.find(event));
    this.card.addEventListener("click", (event) => this.onCard(/** @type {HTMLElement} */ (event.target)));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (isTyping(event)) return;
    const steps = { ArrowLeft: [PAN_PX, 0], ArrowRight: [-PAN_PX, 0], ArrowUp: [0, PAN_PX], ArrowDown: [0, -PAN_PX] };
    const step = /** @type {Record<string, number[]>} */ (steps)[event.key];
    if (step) {
      this.view.pan(step[0], step[1]);
      this.keep();
    } else if (event.key === "+" || event.key === "=") this.zoom(ZOOM_STEP);
    else if (event.key === "-" || event.key === "_") this.zoom(1 / ZOOM_STEP);
    else if (event.key === "0") this.all();
    else if (event.key === "Enter") this.pick(this.view.width / 2, this.view.height / 2, true);
    else if (event.key.toLowerCase() === "n") this.nextCamera(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
  }

  /** @param {number} factor */
  zoom(factor) {
    this.view.zoomAt(factor, this.view.width / 2, this.view.height / 2);
    this.keep();
  }

  all() {
    this.view.fit();
    this.keep();
  }

  /** Remember where the map stands, for the way back; draw. */
  keep() {
    sessionStorage.setItem("gridpatrol-map", JSON.stringify(this.view.standing()));
    this.draw();
  }

  recall() {
    try {
      this.view.restore(JSON.parse(sessionStorage.getItem("gridpatrol-map") ?? "null"), this.city.bounds);
    } catch {
      sessionStorage.removeItem("gridpatrol-map");
    }
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  cameraAt(x, y) {
    let nearest = null;
    let least = CAMERA_REACH_PX;
    for (const camera of this.city.cameras) {
      const at = this.view.toScreen(camera.place[0], camera.place[1]);
      const away = Math.hypot(at.x - x, at.y - y);
      if (away < least) [nearest, least] = [camera, away];
    }
    return nearest;
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {boolean} [byKey]
   */
  pick(x, y, byKey = false) {
    const camera = this.cameraAt(x, y);
    if (camera) {
      void this.openCamera(camera.camera_id, byKey);
      return;
    }
    const at = this.view.toCity(x, y);
    const level = this.city.levelFor(this.view.scale);
    const cell = this.city.cellAt(at.x, at.y);
    if (!cell) return;
    if (level === "grid") void this.openCell(cell.code, byKey);
    else {
      const area = this.city.areaOf(cell.code, level);
      if (area) this.goTo(area.bounds);
    }
  }

  /** @param {number} step */
  nextCamera(step) {
    const cameras = this.city.cameras;
    if (!cameras.length) return;
    const now = cameras.findIndex((camera) => camera.camera_id === this.chosen.camera);
    const next = cameras[(now + step + cameras.length) % cameras.length];
    this.view.centreOn(next.place[0], next.place[1]);
    void this.openCamera(next.camera_id, false);
  }

  /** @param {{x0: number, y0: number, x1: number, y1: number}} bounds */
  goTo(bounds) {
    this.view.fitTo(bounds);
    this.keep();
  }

  /**
   * @param {string} code
   * @param {boolean} [takesFocus]
   */
  async openCell(code, takesFocus = false) {
    this.chosen = { cell: code, camera: "" };
    this.keep();
    await this.openCard(`/map/cells/${encodeURIComponent(code)}`, takesFocus);
  }

  /**
   * @param {string} cameraId
   * @param {boolean} [takesFocus]
   */
  async openCamera(cameraId, takesFocus = false) {
    this.chosen = { cell: "", camera: cameraId };
    this.keep();
    await this.openCard(`/map/cameras/${encodeURIComponent(cameraId)}`, takesFocus);
  }

  /**
   * @param {string} path
   * @param {boolean} takesFocus
   */
  async openCard(path, takesFocus) {
    try {
      const answer = await fetch(path, { credentials: "same-origin", headers: { Accept: "text/html" } });
      if (!answer.ok || !new URL(answer.url).pathname.startsWith("/map/")) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      this.card.replaceChildren(...fresh.body.childNodes);
      if (takesFocus) this.card.focus();
      else this.card.scrollIntoView({ block: "nearest" });
    } catch {
      notice(this.holder.dataset.sayFailed ?? "", "bad");
    }
  }

  /** @param {HTMLElement} target */
  onCard(target) {
    if (target.closest("[data-shut]")) this.shut();
    const camera = /** @type {HTMLElement | null} */ (target.closest("[data-camera]"))?.dataset.camera;
    const cell = /** @type {HTMLElement | null} */ (target.closest("[data-cell]"))?.dataset.cell;
    if (camera) this.goToCamera(camera);
    if (cell) this.goToCell(cell);
  }

  shut() {
    if (!this.chosen.cell && !this.chosen.camera) return;
    this.chosen = { cell: "", camera: "" };
    this.card.replaceChildren();
    this.canvas.focus({ preventScroll: true });
    this.draw();
  }

  /** @param {string} cameraId */
  goToCamera(cameraId) {
    const camera = this.city.cameras.find((each) => each.camera_id === cameraId);
    if (camera) this.view.centreOn(camera.place[0], camera.place[1], this.city.closeScale);
    void this.openCamera(cameraId, true);
  }

  /** @param {string} code */
  goToCell(code) {
    const cell = this.city.cellOf(code);
    if (!cell) return false;
    this.view.centreOn((cell.x0 + cell.x1) / 2, (cell.y0 + cell.y1) / 2, this.city.closeScale);
    void this.openCell(code, true);
    return true;
  }

  /** @param {Event} event */
  find(event) {
    event.preventDefault();
    const input = /** @type {HTMLInputElement} */ (document.getElementById("map-find-text"));
    const text = input.value.trim();
    if (!text) return;
    const camera = this.city.cameraNamed(text);
    if (camera) return this.goToCamera(camera.camera_id);
    const area = this.city.areas.find((each) => each.code === text || each.name === text);
    if (area) return this.goTo(area.bounds);
    const cell = this.city.cellNamed(text);
    if (cell) this.goToCell(cell.code);
    else notice((this.holder.dataset.sayNone ?? "").replaceAll("{text}", text), "bad");
  }
}
