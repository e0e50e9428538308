// The wall: the last analysed picture of each camera, how old it is, tours that turn by themselves, one live view.
// @ts-check
import { call } from "./call.js";
import { isTyping } from "./keys.js";
import { showLink } from "./live.js";
import { fitTiles } from "./wall_fit.js";
import { Following, putWall, readWall } from "./wall_follow.js";
import { startTours } from "./wall_tours.js";

const LOOK_EVERY_MS = 2000;
const AGE_EVERY_MS = 500;
/** A picture this old is told so: a camera looks every few seconds. */
const OLD_S = 60;
const RETRY_MS = 3000;
/** How many pictures this seat chose last. */
const SIZE_KEPT = "gridpatrol-wall-size";

/** @typedef {{tag: string, url: string, captured_at: string, age_s: number}} Picture */
/** @typedef {{camera_id: string, name: string, state: string, error_kind: string | null, findings: string[], is_silent: boolean, picture: Picture | null}} Row */

/** @param {HTMLElement} holder */
function start(holder) {
  const live = new LiveView(holder);
  const turning = new Turning(holder, () => live.camera !== "");
  /** @type {Map<string, {at: number, age: number}>} */
  const ages = new Map();
  const following = new Following(holder, () => turning.isTurning, afresh);
  let isAsking = false;

  async function look() {
    if (isAsking || document.visibilityState !== "visible") return;
    isAsking = true;
    /** @type {Row[]} */
    let rows = [];
    const tiles = tilesOf(holder);
    const names = [...new Set([...tiles.keys(), live.camera])].filter(Boolean).slice(-16);
    if (names.length) {
      const query = new URLSearchParams(names.map((name) => ["camera", name]));
      if (live.camera) query.set("live", live.camera);
      const answer = await call("GET", `/api/v1/wall?${query}`);
      showLink(answer.ok ? "live" : answer.status === 401 ? "signed-out" : "lost");
      rows = answer.ok ? answer.body.cameras : [];
      for (const row of rows) {
        if (row.picture) ages.set(row.camera_id, { at: performance.now(), age: row.picture.age_s });
        else ages.delete(row.camera_id);
        const tile = tiles.get(row.camera_id);
        if (tile) show(tile, row, holder);
        if (row.camera_id === live.camera) live.tell(row);
      }
    }
    isAsking = false;
    tellAges();
    await following.hear(rows);
  }

  /** Other tiles stand there now. */
  function afresh() {
    fitTiles(holder);
    void look();
  }

  function tellAges() {
    for (const [name, tile] of tilesOf(holder)) tellAge(/** @type {HTMLElement} */ (tile.querySelector(".tile-age")), ages.get(name), holder);
    if (live.camera) tellAge(live.age, ages.get(live.camera), holder);
    turning.tell();
  }

  showLink("connecting");
  void look();
  window.setInterval(look, LOOK_EVERY_MS);
  window.setInterval(tellAges, AGE_EVERY_MS);
  document.addEventListener("visibilitychange", () => void look());
  turning.onTurn = () => {
    ages.clear();
    afresh();
  };
  fitTiles(holder);
  for (const moment of ["resize", "load"]) window.addEventListener(moment, () => fitTiles(holder));
  document.addEventListener("fullscreenchange", () => {
    const full = document.getElementById("full");
    set(full, (document.fullscreenElement ? holder.dataset.sayWindow : holder.dataset.sayScreen) ?? "");
    fitTiles(holder);
  });
  live.onOpen = () => void look();
  holder.addEventListener("click", (event) => {
    const tile = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".tile-open")?.closest(".tile"));
    if (tile) live.open(tile.dataset.camera ?? "", tile.dataset.name ?? "");
  });
  document.getElementById("full")?.addEventListener("click", () => toggleFull(holder));
  document.addEventListener("keydown", (event) => onKey(event, holder, turning));
  startTours(holder);
  document.getElementById("wall-sizes")?.addEventListener("click", (event) => {
    const chip = /** @type {Element} */ (event.target).closest("[id^='size-']");
    if (chip) localStorage.setItem(SIZE_KEPT, chip.id);
  });
  const asked = new URLSearchParams(location.search);
  const only = tilesOf(holder);
  if (asked.get("size") === "1" && asked.has("camera") && only.size === 1) {
    const [[name, tile]] = only;
    live.open(name, tile.dataset.name ?? "");
  }
}

/**
 * @param {HTMLElement} holder
 * @returns {Map<string, HTMLElement>}
 */
function tilesOf(holder) {
  return new Map(/** @type {HTMLElement[]} */ ([...holder.querySelectorAll(".tile")]).map((tile) => [tile.dataset.camera ?? "", tile]));
}

/**
 * @param {HTMLElement} tile
 * @param {Row} row
 * @param {HTMLElement} holder
 */
function show(tile, row, holder) {
  const picture = /** @type {HTMLImageElement} */ (tile.querySelector(".tile-picture"));
  const state = /** @type {HTMLElement} */ (tile.querySelector(".tile-state"));
  const none = /** @type {HTMLElement} */ (tile.querySelector(".tile-none"));
  const word = stateWord(row, holder);
  state.className = `tile-state state-${row.is_silent || row.findings.length ? "down" : row.state}`;
  set(state.querySelector(".tile-word"), word);
  set(none.querySelector("b"), word);
  set(none.querySelector(".tile-why"), why(row, holder));
  if (row.picture && tile.dataset.tag !== row.picture.tag) {
    tile.dataset.tag = row.picture.tag;
    const next = new Image();
    next.addEventListener("load", () => {
      if (tile.dataset.tag !== row.picture?.tag) return;
      picture.src = next.src;
      picture.hidden = false;
      none.hidden = true;
    });
    next.src = row.picture.url;
  }
  if (!row.picture) {
    delete tile.dataset.tag;
    picture.hidden = true;
    none.hidden = false;
  }
  tile.classList.toggle("is-away", row.state !== "live" || row.is_silent);
}

/**
 * @param {Row} row
 * @param {HTMLElement} holder
 */
function stateWord(row, holder) {
  if (row.is_silent) return holder.dataset.saySilent ?? ""; // what it was then, nobody knows of now
  const state = holder.getAttribute(`data-state-${row.state}`) ?? holder.getAttribute("data-state-unknown") ?? row.state;
  const findings = row.findings.map((kind) => holder.getAttribute(`data-finding-${kind}`) ?? kind);
  return [state, ...findings].join(" · ");
}

/**
 * What stands where a picture would.
 * @param {Row} row
 * @param {HTMLElement} holder
 */
function why(row, holder) {
  if (row.is_silent) return "";
  if (row.error_kind) return holder.getAttribute(`data-error-${row.error_kind}`) ?? holder.getAttribute("data-error-error") ?? "";
  return row.state === "live" || row.state === "connecting" ? (holder.dataset.sayWaiting ?? "") : "";
}

/**
 * @param {HTMLElement} place
 * @param {{at: number, age: number} | undefined} known
 * @param {HTMLElement} holder
 */
function tellAge(place, known, holder) {
  if (!known) return set(place, "");
  const age = known.age + (performance.now() - known.at) / 1000;
  const words = age < 120 ? (holder.dataset.sayAge ?? "").replaceAll("{n}", age < 10 ? age.toFixed(1) : String(Math.round(age))) : (holder.dataset.sayMinutes ?? "").replaceAll("{n}", String(Math.round(age / 60)));
  set(place, age > OLD_S ? `${holder.dataset.sayOld ?? ""} · ${words}` : words);
  place.classList.toggle("is-old", age > OLD_S);
}

/**
 * @param {Element | null} place
 * @param {string} text
 */
function set(place, text) {
  if (place && place.textContent !== text) place.textContent = text;
}

/** @param {HTMLElement} holder */
function toggleFull(holder) {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void holder.requestFullscreen?.();
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} holder
 * @param {Turning} turning
 */
function onKey(event, holder, turning) {
  if (isTyping(event) || document.querySelector("dialog[open]")) return;
  const sizes = { 1: "size-1", 2: "size-4", 3: "size-9", 4: "size-16" };
  const size = /** @type {Record<string, string>} */ (sizes)[event.key];
  if (size) document.getElementById(size)?.click();
  else if (event.key === "ArrowRight") void turning.turn(1);
  else if (event.key === "ArrowLeft") void turning.turn(-1);
  else if (event.key === "f") toggleFull(holder);
  else if (event.key === " " && turning.isTour) turning.pause();
  else return;
  event.preventDefault();
}

/** Pages: turned by hand without leaving full screen, and by themselves in a tour. */
class Turning {
  /**
   * @param {HTMLElement} holder
   * @param {() => boolean} isBusy whether somebody looks at one camera: the page stays
   */
  constructor(holder, isBusy) {
    this.holder = holder;
    this.isBusy = isBusy;
    this.isPaused = false;
    this.onTurn = () => {};
    this.isTurning = false;
    /** A turn that was asked for while one was under way. */
    this.waiting = 0;
    this.every = Number(holder.dataset.every ?? 0) * 1000;
    this.dueMs = performance.now() + this.every;
    document.getElementById("pause")?.addEventListener("click", () => this.pause());
    document.getElementById("wall-pager")?.addEventListener("click", (event) => {
      const link = /** @type {Element} */ (event.target).closest("#previous, #next");
      if (!link) return;
      event.preventDefault();
      void this.turn(link.id === "next" ? 1 : -1);
    });
  }

  get isTour() {
    return this.every > 0;
  }

  pause() {
    this.isPaused = !this.isPaused;
    this.dueMs = performance.now() + this.every;
    const button = document.getElementById("pause");
    button?.setAttribute("aria-pressed", String(this.isPaused));
    if (button) set(button, (this.isPaused ? this.holder.dataset.sayGo : this.holder.dataset.sayPause) ?? "");
    this.tell();
  }

  /** Say what the tour does, and turn when it is time. */
  tell() {
    if (!this.isTour) return;
    const place = document.getElementById("tour-state");
    if (this.isBusy()) this.dueMs = Math.max(this.dueMs, performance.now() + 1000);
    const left = Math.max(0, Math.ceil((this.dueMs - performance.now()) / 1000));
    set(place, this.isPaused ? (this.holder.dataset.sayPaused ?? "") : (this.holder.dataset.sayRunning ?? "").replaceAll("{n}", String(left)));
    if (!this.isPaused && !left && Number(this.holder.dataset.pages) > 1) void this.turn(1);
  }

  /** @param {number} step */
  async turn(step) {
    if (this.isTurning) {
      this.waiting = Math.sign(this.waiting + step);
      return;
    }
    const href = step > 0 ? this.holder.dataset.next : this.holder.dataset.previous;
    if (!href || Number(this.holder.dataset.pages) < 2) return;
    this.isTurning = true;
    this.dueMs = performance.now() + this.every;
    try {
      const drawn = await readWall(href);
      if (!drawn) return;
      putWall(this.holder, drawn);
      history.replaceState(null, "", href);
      this.onTurn();
    } catch {
      showLink("lost");
    } finally {
      this.isTurning = false;
    }
    const more = this.waiting;
    this.waiting = 0;
    if (more) await this.turn(more);
  }
}

/** One camera, large: its key frames as they come. */
class LiveView {
  /** @param {HTMLElement} holder */
  constructor(holder) {
    this.holder = holder;
    this.camera = "";
    this.onOpen = () => {};
    this.dialog = /** @type {HTMLDialogElement} */ (document.getElementById("live"));
    this.picture = /** @type {HTMLImageElement} */ (document.getElementById("live-picture"));
    this.age = /** @type {HTMLElement} */ (document.getElementById("live-age"));
    this.wait = /** @type {HTMLElement} */ (document.getElementById("live-wait"));
    this.retry = 0;
    this.dialog.addEventListener("close", () => this.ended());
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    document.getElementById("live-shut")?.addEventListener("click", () => this.dialog.close());
    this.picture.addEventListener("load", () => this.shown());
    this.picture.addEventListener("error", () => this.lost());
    window.addEventListener("pagehide", () => this.picture.removeAttribute("src"));
  }

  /**
   * @param {string} camera
   * @param {string} name
   */
  open(camera, name) {
    this.camera = camera;
    set(document.getElementById("live-camera"), camera);
    set(document.getElementById("live-name"), name);
    document.getElementById("live-cases")?.setAttribute("href", `/?${new URLSearchParams({ state: "all", camera_id: camera })}`);
    this.picture.alt = (this.holder.dataset.sayLive ?? "").replaceAll("{camera}", camera);
    this.wait.hidden = false;
    set(this.wait, this.holder.dataset.sayWaiting ?? "");
    set(this.age, "");
    this.load();
    if (!this.dialog.open) this.dialog.showModal();
    this.onOpen();
  }

  load() {
    if (this.camera) this.picture.src = `/cameras/${encodeURIComponent(this.camera)}/live.mjpeg?at=${Date.now()}`;
  }

  shown() {
    this.wait.hidden = true;
  }

  lost() {
    if (!this.camera || !this.picture.getAttribute("src")) return;
    this.wait.hidden = false;
    window.clearTimeout(this.retry);
    this.retry = window.setTimeout(() => this.load(), RETRY_MS);
  }

  /** @param {Row} row */
  tell(row) {
    set(document.getElementById("live-state"), stateWord(row, this.holder));
    if (row.picture) this.wait.hidden = true;
    else set(this.wait, [stateWord(row, this.holder), why(row, this.holder)].filter(Boolean).join(" · "));
  }

  ended() {
    window.clearTimeout(this.retry);
    const camera = this.camera;
    this.camera = "";
    this.picture.removeAttribute("src");
    tilesOf(this.holder).get(camera)?.querySelector("button")?.focus();
  }
}

/** The page of the size that was chosen last, where the address asks for none; empty: this one is right. */
function keptHref() {
  const asked = new URLSearchParams(location.search);
  if (["size", "tour", "camera", "page"].some((name) => asked.has(name))) return "";
  const chip = /** @type {HTMLAnchorElement | null} */ (document.getElementById(localStorage.getItem(SIZE_KEPT) ?? ""));
  return !chip || chip.hasAttribute("aria-current") ? "" : chip.href;
}

const wall = document.getElementById("wall");
const kept = wall ? keptHref() : "";
if (kept) location.replace(kept);
else if (wall) start(wall);
