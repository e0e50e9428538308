// The calibration page: a picture and a map side by side, and what is drawn on them saved through the API.
// @ts-check
import { call } from "./call.js";
import { ControlPoints } from "./control_points.js";
import { GroundMap, wireMapTools } from "./ground.js";
import { startPermits, startSuppressions } from "./areas.js";
import { showAreas } from "./area_list.js";
import { spoken } from "./look.js";
import { notice, refusal } from "./notice.js";
import { filled, Pane, svg } from "./pane.js";
import { centre, faultOf, PolygonEditor, text } from "./polygons.js";

const root = /** @type {HTMLElement} */ (document.getElementById("calibrate"));
const setup = JSON.parse(root.dataset.setup ?? "{}");
const words = /** @type {Record<string, string>} */ (setup.words);
const api = `/api/v1/cameras/${encodeURIComponent(setup.id)}`;
const FALLBACK = /** @type {[number, number]} */ ([1920, 1080]);

const element = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const surface = (/** @type {string} */ id) => /** @type {SVGSVGElement} */ (/** @type {unknown} */ (document.getElementById(id)));

start();

async function start() {
  const frame = await frameOf();
  const picture = new Pane(surface("picture"), { x: 0, y: 0, width: frame[0], height: frame[1] });
  drawPicture(picture, frame, setup.still);
  const cells = svg("g", { class: "seen-cells" }, picture.root);
  const map = new GroundMap(surface("map"));
  const bounds = { width: frame[0], height: frame[1] };
  /** @type {{mode: string, standing: string}} */
  const state = { mode: "points", standing: "" };

  const editors = {
    regions: new PolygonEditor(picture, { kind: "regions", bounds, words, onChange: changed }),
    masks: new PolygonEditor(picture, { kind: "masks", bounds, words, onChange: changed }),
    suppressions: new PolygonEditor(picture, { kind: "suppressions", bounds, words, onChange: changed }),
    permits: new PolygonEditor(map.pane, { kind: "permits", bounds: null, words, onChange: changed }),
  };
  const points = new ControlPoints(picture, map, { frame, words, onChange: changed, onFit, say });

  await openMap(map);
  points.maxError = setup.view.max_error_m ?? 2;
  /** @type {HTMLInputElement} */ (element("max-error")).value = String(points.maxError);
  points.load((setup.view.control_points ?? []).map((/** @type {any} */ each) => ({ pixel: [...each.pixel], lonlat: [...each.lonlat] })));
  editors.regions.load((setup.view.regions ?? []).map((/** @type {any} */ each) => ({ points: spots(each.polygon, frame), data: { cell: each.cell, label: each.cell } })));
  editors.masks.load((setup.view.masks ?? []).map((/** @type {any} */ each) => ({ points: spots(each, frame), data: {} })));
  state.standing = shape();
  const suppressions = startSuppressions({ setup, words, editor: editors.suppressions, map, picture, frame });
  const permits = startPermits({ setup, words, editor: editors.permits, map });
  setMode("points");
  root.dataset.ready = "true";

  /** The editor of the mode at hand; none for control points. */
  function editor() {
    return /** @type {Record<string, PolygonEditor>} */ (editors)[state.mode] ?? null;
  }

  /** @param {string} mode */
  function setMode(mode) {
    state.mode = mode;
    root.dataset.mode = mode;
    for (const tab of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[role=tab]"))) {
      const is = tab.dataset.mode === mode;
      tab.setAttribute("aria-selected", String(is));
      tab.tabIndex = is ? 0 : -1;
      element(`side-${tab.dataset.mode}`).hidden = !is;
    }
    points.setActive(mode === "points");
    for (const [name, each] of Object.entries(editors)) each.setActive(name === mode);
    element("draw").hidden = mode === "points";
    element("add-point").hidden = mode !== "points";
    element("side-save").hidden = mode === "suppressions" || mode === "permits";
    map.pick(mode === "regions" ? chooseCell : mode === "suppressions" ? suppressions.chooseCell : null);
    say("");
    if (mode === "suppressions") suppressions.refresh();
    if (mode === "permits") permits.refresh();
    changed();
  }

  /** @param {string} code of the map: the cell that the chosen region shows */
  function chooseCell(code) {
    const area = editors.regions.areas[editors.regions.selected];
    if (!area) return;
    area.data = { ...area.data, cell: code, label: code };
    map.choose(code);
    editors.regions.draw();
    changed();
  }

  /** @param {string} told under the tools; empty: how this mode works */
  function say(told) {
    element("how").textContent = told || (editor()?.drawing ? words["area.drawing"] : words[`cal.how.${state.mode}`]);
  }

  function changed() {
    const at = editor();
    const undoing = at ?? points;
    /** @type {HTMLButtonElement} */ (element("undo")).disabled = !undoing.past.length;
    /** @type {HTMLButtonElement} */ (element("redo")).disabled = !undoing.future.length;
    if (at) {
      showAreas(element(`areas-${state.mode}`), at, words, state.mode === "regions" ? { cells: map.cells.map((each) => each.code), choose: chooseCell } : null);
      if (state.mode === "regions") map.choose(at.areas[at.selected]?.data.cell ?? "");
      if (at.drawing) say(words["area.drawing"]);
      else if (element("how").textContent === words["area.drawing"]) say("");
    }
    const isOther = state.standing !== "" && shape() !== state.standing;
    const save = /** @type {HTMLButtonElement | null} */ (document.getElementById("save"));
    if (save) save.disabled = !isOther || !mayBeSaved();
    element("save-said").textContent = isOther ? words["cal.changed"] : "";
    const toml = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("toml"));
    if (toml) toml.value = tomlOf(viewNow());
  }

  function mayBeSaved() {
    if (Object.values(editors).some((each) => each.drawing)) return false;
    const areas = [...editors.masks.areas, ...(state.mode === "regions" ? editors.regions.areas : [])];
    if (areas.some((area) => faultOf(area.points))) return false;
    if (state.mode === "points") return Boolean(points.fit?.usable);
    return state.mode !== "regions" || (editors.regions.areas.length > 0 && editors.regions.areas.every((area) => area.data.cell));
  }

  /** Everything that can be saved, as text: another one after each change. */
  function shape() {
    return JSON.stringify([points.saved(), points.maxError, editors.regions.areas, editors.masks.areas]);
  }

  /** The view as it would be saved now; either control points or regions. */
  function viewNow() {
    const byPoints = state.mode === "points" || (state.mode === "masks" && (setup.view.control_points ?? []).length > 0);
    /** @type {Record<string, any>} */
    const view = { frame_size: frame, masks: editors.masks.areas.map((area) => pairs(area.points)) };
    if (byPoints) {
      view.control_points = state.mode === "points" ? points.saved() : setup.view.control_points;
      view.max_error_m = points.maxError;
    } else view.regions = editors.regions.areas.map((area) => ({ cell: area.data.cell, polygon: pairs(area.points) }));
    return view;
  }

  async function save() {
    const view = viewNow();
    await send(view, words["cal.saved"]);
  }

  /** @param {Record<string, any>} view @param {string} said */
  async function send(view, said) {
    /** @type {Record<string, any>} */
    const patch = {};
    for (const key of new Set([...Object.keys(setup.view), ...Object.keys(view)])) {
      const value = view[key];
      const isGone = value === undefined ? ["control_points", "regions", "masks"].includes(key) : Array.isArray(value) && !value.length;
      if (isGone) patch[key] = null;
      else if (value !== undefined) patch[key] = value;
    }
    const answer = await call("PATCH", api, { view: patch }, { "If-Match": setup.etag });
    if (!answer.ok) {
      const faults = (answer.body?.errors ?? []).map((/** @type {any} */ each) => `${each.field}: ${each.message}`).join("; ");
      notice(answer.status === 412 ? words["cal.moved_on"] : faults || refusal(answer.status, answer.body), "bad");
      return false;
    }
    setup.etag = answer.etag;
    setup.previous = setup.view;
    setup.view = answer.body.section.view ?? {};
    state.standing = shape();
    /** @type {HTMLButtonElement} */ (element("restore")).disabled = false;
    notice(said, "good");
    changed();
    return true;
  }

  async function restore() {
    if (!setup.previous || !window.confirm(words["cal.restore.sure"])) return;
    const before = setup.previous;
    /** @type {Record<string, any>} */
    const view = { ...before };
    for (const key of Object.keys(setup.view)) view[key] ??= null;
    const answer = await call("PATCH", api, { view }, { "If-Match": setup.etag });
    if (answer.ok) location.reload();
    else notice(answer.status === 412 ? words["cal.moved_on"] : refusal(answer.status, answer.body), "bad");
  }

  /** @param {any} fit */
  function onFit(fit) {
    cells.replaceChildren();
    for (const each of fit.cells) {
      const ring = each.polygon.map(([x, y]) => ({ x, y }));
      svg("polygon", { points: text(ring), "data-code": each.cell }, cells);
      const low = Math.max(...ring.map((/** @type {{y: number}} */ at) => at.y));
      const label = svg("text", { x: centre(ring).x, y: low, dy: "-0.5em", "text-anchor": "middle", "aria-hidden": "true" }, cells);
      label.textContent = each.cell.includes("/") ? each.cell.split("/")[1] : each.cell;
    }
    sizeLabels();
    map.showSeen(fit.footprint);
    root.dataset.fit = String(Number(root.dataset.fit ?? 0) + 1);
    changed();
  }

  function sizeLabels() {
    cells.style.setProperty("--label", `${12 * picture.unit}px`);
  }
  picture.onView(sizeLabels);

  async function take() {
    const button = /** @type {HTMLButtonElement} */ (element("take"));
    button.disabled = true;
    element("picture-said").textContent = words["cal.taking"];
    const answer = await call("POST", `${api}/snapshot`);
    button.disabled = false;
    if (!answer.ok) {
      element("picture-said").textContent = "";
      notice(refusal(answer.status, answer.body), "bad");
    } else if (!answer.body.answers) {
      element("picture-said").textContent = answer.body.said.map(spoken).join(" ");
    } else if (!setup.view.frame_size && (frame[0] !== answer.body.width_px || frame[1] !== answer.body.height_px) && !points.marks.length) {
      location.reload(); // its true size is known now
    } else {
      element("picture-said").textContent = words["cal.taken"];
      drawPicture(picture, frame, `${setup.page}/still?kind=taken&at=${Date.now()}`);
    }
  }

  picture.onGround((spot) => {
    if (state.mode === "points") points.clickPicture(spot);
    else editor()?.click(spot);
  });
  map.pane.onGround((spot) => {
    if (state.mode === "points") points.clickMap(spot);
    else if (state.mode === "permits") editors.permits.click(spot);
    else if (map.onCell) {
      const code = map.cellAt(spot);
      if (code) map.onCell(code);
    }
  });
  for (const pane of [picture.root, map.pane.root]) pane.addEventListener("dblclick", () => editor()?.drawing && editor()?.close());
  for (const tab of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[role=tab]"))) {
    tab.addEventListener("click", () => setMode(tab.dataset.mode ?? "points"));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      const tabs = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[role=tab]")]);
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      setMode(next.dataset.mode ?? "points");
      next.focus();
    });
  }
  element("undo").addEventListener("click", () => (editor() ?? points).undo());
  element("redo").addEventListener("click", () => (editor() ?? points).redo());
  element("add-point").addEventListener("click", () => points.add());
  element("draw").addEventListener("click", (event) => {
    const at = editor();
    if (!at) return;
    if (/** @type {MouseEvent} */ (event).detail === 0) at.addSquare();
    else at.begin();
  });
  element("max-error").addEventListener("change", (event) => {
    const metres = Number(/** @type {HTMLInputElement} */ (event.target).value);
    if (metres > 0) points.setMaxError(metres);
  });
  document.getElementById("save")?.addEventListener("click", save);
  document.getElementById("restore")?.addEventListener("click", restore);
  document.getElementById("take")?.addEventListener("click", take);
  element("picture-in").addEventListener("click", () => picture.zoom(1 / 1.4));
  element("picture-out").addEventListener("click", () => picture.zoom(1.4));
  element("picture-fit").addEventListener("click", () => picture.fit());
  wireMapTools(map, words["cal.goto.none"], (code) => {
    points.draw();
    editors.permits.draw();
    map.onCell?.(code);
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLSelectElement;
    if (typing) return;
    if (editor()?.key(event)) event.preventDefault();
    else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      const at = editor() ?? points;
      if (event.shiftKey) at.redo();
      else at.undo();
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "y") {
      event.preventDefault();
      (editor() ?? points).redo();
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (setup.maySave && state.standing !== shape()) event.preventDefault();
  });
}

/** The size that pixels are counted in: the calibration's, the feed's, or the picture's own. @returns {Promise<[number, number]>} */
async function frameOf() {
  if (setup.view.frame_size) return setup.view.frame_size;
  if (setup.frame) return setup.frame;
  if (!setup.still) return FALLBACK;
  const probe = new Image();
  probe.src = setup.still;
  try {
    await probe.decode();
    return [probe.naturalWidth, probe.naturalHeight];
  } catch {
    return FALLBACK;
  }
}

/** @param {Pane} pane @param {[number, number]} frame @param {string} href */
function drawPicture(pane, frame, href) {
  pane.root.querySelector(".backdrop")?.remove();
  const backdrop = svg("g", { class: "backdrop" });
  svg("rect", { width: frame[0], height: frame[1], class: "no-picture" }, backdrop);
  if (href) svg("image", { href, width: frame[0], height: frame[1], preserveAspectRatio: "none" }, backdrop);
  else {
    const why = words["cal.picture.none.why"];
    const ems = [...why].reduce((sum, each) => sum + (each > "\u2e7f" ? 1 : 0.56), 0);
    const size = Math.min(frame[1] / 26, (0.94 * frame[0]) / ems);
    svg("text", { x: frame[0] / 2, y: frame[1] / 2, "text-anchor": "middle", "font-size": size }, backdrop).textContent = why;
  }
  pane.root.prepend(backdrop);
}

/** @param {GroundMap} map */
async function openMap(map) {
  const points = setup.view.control_points ?? [];
  if (points.length) {
    const mean = (/** @type {number} */ axis) => points.reduce((/** @type {number} */ sum, /** @type {any} */ each) => sum + each.lonlat[axis], 0) / points.length;
    const middle = /** @type {[number, number]} */ ([mean(0), mean(1)]);
    if (await map.go({ lonlat: middle })) {
      // Without tiles the grid's own lines are all that tells where the points lie.
      const marked = points.map((/** @type {any} */ each) => each.lonlat);
      map.frame(map.hasTiles && marked.length > 2 ? marked : [...marked, ...map.around(middle)]);
    }
  } else {
    const cell = setup.view.regions?.[0]?.cell;
    if (!(cell && (await map.go({ cell })))) await map.go({});
  }
  const list = document.getElementById("cell-list");
  list?.replaceChildren(...map.cells.slice(0, 500).map((each) => Object.assign(document.createElement("option"), { value: each.code, label: each.name })));
}

/** @param {[number, number][]} polygon @param {[number, number]} frame corners are brought into the picture */
function spots(polygon, frame) {
  return polygon.map(([x, y]) => ({ x: Math.min(frame[0], Math.max(0, x)), y: Math.min(frame[1], Math.max(0, y)) }));
}

/** @param {{x: number, y: number}[]} ring */
function pairs(ring) {
  return ring.map((at) => [Math.round(at.x * 10) / 10, Math.round(at.y * 10) / 10]);
}

/** The view for a configuration file. @param {Record<string, any>} view */
function tomlOf(view) {
  const lines = ["[cameras.view]", `frame_size = ${JSON.stringify(view.frame_size)}`];
  if (view.max_error_m) lines.push(`max_error_m = ${view.max_error_m}`);
  const rows = (/** @type {string} */ name, /** @type {string[]} */ said) => said.length && lines.push(`${name} = [`, ...said.map((row) => `  ${row},`), "]");
  rows("control_points", (view.control_points ?? []).map((/** @type {any} */ each) => `{ pixel = ${JSON.stringify(each.pixel)}, lonlat = ${JSON.stringify(each.lonlat)} }`));
  rows("regions", (view.regions ?? []).map((/** @type {any} */ each) => `{ cell = ${JSON.stringify(each.cell)}, polygon = ${JSON.stringify(each.polygon)} }`));
  rows("masks", (view.masks ?? []).map((/** @type {any} */ each) => JSON.stringify(each)));
  return filled(lines.join("\n"), {});
}
