// Areas that policy knows: what is overlooked for a while (in the picture, or a cell), and where stalls are permitted.
// @ts-check
import { call } from "./call.js";
import { notice, refusal } from "./notice.js";
import { filled, svg } from "./pane.js";
import { faultOf, text } from "./polygons.js";

const SUPPRESSIONS = "/api/v1/policy/suppressions";
const PERMITS = "/api/v1/policy/permits";
const MOST_PAGES = 5;
const NEAR_M = 1500;

/**
 * @param {{setup: any, words: Record<string, string>, editor: import("./polygons.js").PolygonEditor,
 *   map: import("./ground.js").GroundMap, picture: import("./pane.js").Pane, frame: [number, number]}} page
 */
export function startSuppressions({ setup, words, editor, map, picture, frame }) {
  const form = /** @type {HTMLFormElement | null} */ (document.getElementById("suppress-form"));
  const layer = svg("g", { class: "standing-areas" });
  picture.root.insertBefore(layer, editor.layer);
  // The calibration may count other pixels than the feed sends now; a suppression is told in the feed's.
  const scale = setup.frame ? [setup.frame[0] / frame[0], setup.frame[1] / frame[1]] : [1, 1];
  const where = () => (form ? /** @type {HTMLSelectElement} */ (form.elements.namedItem("where")).value : "picture");
  const cell = () => /** @type {HTMLInputElement} */ (form?.elements.namedItem("cell"));

  function showWhere() {
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (form?.querySelectorAll("[data-where]") ?? [])) part.hidden = part.dataset.where !== where();
  }

  /** @param {string} code */
  function chooseCell(code) {
    if (!form) return;
    /** @type {HTMLSelectElement} */ (form.elements.namedItem("where")).value = "cell";
    showWhere();
    cell().value = code;
    map.choose(code);
  }

  async function refresh() {
    const answer = await call("GET", `${SUPPRESSIONS}?camera_id=${encodeURIComponent(setup.id)}&limit=200`);
    const cells = await call("GET", `${SUPPRESSIONS}?limit=200`);
    if (!answer.ok || !cells.ok) return;
    const here = new Set(map.cells.map((each) => each.code));
    const ofCells = cells.body.suppressions.filter((/** @type {any} */ each) => !each.camera_id && each.cells.some((/** @type {string} */ code) => here.has(code)));
    const all = [...answer.body.suppressions, ...ofCells];
    layer.replaceChildren();
    for (const each of answer.body.suppressions) {
      for (const ring of each.region) svg("polygon", { points: text(ring.map(([x, y]) => ({ x: x / scale[0], y: y / scale[1] }))) }, layer);
    }
    showStanding("standing-suppressions", all, words, setup.maySuppress, (each) => ({
      title: each.reason,
      facts: [each.category ? setup.categories[each.category] ?? each.category : "", each.cells.join(", "), filled(words["area.until"], { at: each.expires_at.slice(0, 10) })],
      end: words["area.end"],
      drop: async () => {
        const gone = await call("DELETE", `${SUPPRESSIONS}/${each.id}`);
        if (!gone.ok) notice(refusal(gone.status, gone.body), "bad");
        refresh();
      },
    }));
  }

  form?.addEventListener("change", showWhere);
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const value = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value.trim();
    /** @type {Record<string, any>} */
    const draft = { reason: value("reason") };
    if (!draft.reason) return /** @type {HTMLInputElement} */ (form.elements.namedItem("reason")).focus();
    if (value("category")) draft.category = value("category");
    const days = Number(value("days"));
    if (days > 0) draft.expires_at = new Date(Date.now() + days * 86400e3).toISOString();
    if (where() === "cell") {
      if (!value("cell")) return cell().focus();
      draft.cells = [value("cell")];
    } else {
      if (!editor.areas.length) return notice(words["area.none"], "bad");
      const fault = editor.areas.map((area) => faultOf(area.points)).find(Boolean);
      if (fault) return notice(words[`area.${fault}`], "bad");
      draft.camera_id = setup.id;
      draft.view_id = setup.id;
      draft.region = editor.areas.map((area) => area.points.map((at) => [round(at.x * scale[0]), round(at.y * scale[1])]));
    }
    const answer = await call("POST", SUPPRESSIONS, draft);
    if (!answer.ok) return notice(refusal(answer.status, answer.body), "bad");
    editor.load([]);
    editor.options.onChange();
    form.reset();
    showWhere();
    notice(words["cal.saved"], "good");
    refresh();
  });
  return { refresh, chooseCell };
}

/** @param {{setup: any, words: Record<string, string>, editor: import("./polygons.js").PolygonEditor, map: import("./ground.js").GroundMap}} page */
export function startPermits({ setup, words, editor, map }) {
  const form = /** @type {HTMLFormElement | null} */ (document.getElementById("permit-form"));

  async function refresh() {
    /** @type {any[]} */
    const all = [];
    let cursor = "";
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await call("GET", `${PERMITS}?limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
      if (!answer.ok) break;
      all.push(...answer.body.permits);
      cursor = answer.body.next_cursor ?? "";
      if (!cursor) break;
    }
    const near = all.filter((permit) => {
      const first = permit.polygon[0]?.[0];
      if (!first) return permit.cells.some((/** @type {string} */ code) => map.cells.some((each) => each.code === code));
      const at = map.plane.spot(first);
      return Math.hypot(at.x, at.y) < NEAR_M;
    });
    map.permits.replaceChildren();
    for (const permit of near) if (permit.polygon[0]) svg("polygon", { points: text(permit.polygon[0].map((/** @type {[number, number]} */ at) => map.plane.spot(at))), "data-permit": permit.id }, map.permits);
    showStanding("standing-permits", near, words, setup.mayPermit, (permit) => ({
      title: `${permit.number} ${permit.name === permit.number ? "" : permit.name}`.trim(),
      facts: [permit.hours.map((/** @type {any} */ window) => `${window.from}–${window.until}`).join(", "), permit.valid_until ? filled(words["area.until"], { at: permit.valid_until }) : ""],
      end: words["permit.take_back"],
      drop: async () => {
        const gone = await call("DELETE", `${PERMITS}/${permit.id}`, undefined, { "If-Match": `"${permit.revision}"` });
        if (!gone.ok) notice(refusal(gone.status, gone.body), "bad");
        refresh();
      },
    }));
  }

  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const value = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value.trim();
    if (!value("number")) return /** @type {HTMLInputElement} */ (form.elements.namedItem("number")).focus();
    const area = editor.areas[Math.max(0, editor.selected)];
    if (!area) return notice(words["area.none"], "bad");
    const fault = faultOf(area.points);
    if (fault) return notice(words[`area.${fault}`], "bad");
    const ring = area.points.map((at) => map.plane.lonlat(at));
    /** @type {Record<string, any>} */
    const draft = { number: value("number"), name: value("name") || value("number"), categories: value("category") ? [value("category")] : [], polygon: [[...ring, ring[0]]] };
    const days = [.../** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[name=day]:checked"))].map((each) => each.value);
    if (value("from") && value("until")) draft.hours = [{ days, from: value("from"), until: value("until") === "00:00" ? "24:00" : value("until") }];
    else if (days.length && days.length < 7) draft.hours = [{ days, from: "00:00", until: "24:00" }];
    if (value("season_from") && value("season_until")) draft.season = { from: value("season_from"), until: value("season_until") };
    for (const name of ["valid_from", "valid_until", "note"]) if (value(name)) draft[name] = value(name);
    const answer = await call("POST", PERMITS, draft);
    if (!answer.ok) return notice(refusal(answer.status, answer.body), "bad");
    editor.load([]);
    editor.options.onChange();
    form.reset();
    notice(words["cal.saved"], "good");
    refresh();
  });
  return { refresh };
}

/**
 * @param {string} id
 * @param {any[]} all
 * @param {Record<string, string>} words
 * @param {boolean} mayEnd
 * @param {(each: any) => {title: string, facts: string[], end: string, drop: () => void}} told
 */
function showStanding(id, all, words, mayEnd, told) {
  const list = /** @type {HTMLElement} */ (document.getElementById(id));
  if (!all.length) {
    list.replaceChildren(Object.assign(document.createElement("li"), { className: "hint", textContent: words["area.standing.none"] }));
    return;
  }
  list.replaceChildren(
    ...all.map((each) => {
      const said = told(each);
      const line = document.createElement("li");
      line.append(Object.assign(document.createElement("b"), { textContent: said.title }));
      line.append(Object.assign(document.createElement("span"), { className: "hint", textContent: said.facts.filter(Boolean).join(" · ") }));
      if (mayEnd) {
        const end = document.createElement("button");
        end.type = "button";
        end.className = "quiet";
        end.textContent = said.end;
        end.setAttribute("aria-label", `${said.end}: ${said.title}`);
        end.addEventListener("click", said.drop);
        line.append(end);
      }
      return line;
    }),
  );
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
