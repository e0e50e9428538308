// The page that adds or changes a camera: what stands in its fields becomes a section for the API.
// @ts-check
import { call, csrf } from "./call.js";
import { GroundMap, wireMapTools } from "./ground.js";
import { showLook } from "./look.js";
import { notice, refusal } from "./notice.js";
import { filled } from "./pane.js";

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("camera-form"));
/** All of the picture, whatever its size: a view that no one has tied finer yet. */
const WHOLE_PICTURE = [
  [0, 0],
  [100000, 0],
  [100000, 100000],
  [0, 100000],
];

if (form) start(form);

/** @param {HTMLFormElement} form */
function start(form) {
  const setup = JSON.parse(form.dataset.setup ?? "{}");
  const words = setup.words;
  /** @type {{url: string, name: string} | null} */
  let clip = null;
  /** @type {GroundMap | null} */
  let map = null;

  const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  const source = () => /** @type {RadioNodeList} */ (form.elements.namedItem("source")).value;
  const alarm = /** @type {HTMLElement} */ (document.getElementById("form-said"));

  function showSource() {
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-for]"))) {
      part.hidden = !part.dataset.for?.split(" ").includes(source());
    }
    if (source() === "upload") listClips();
  }

  /** Where the pictures come from, as sections and looks name it. */
  function feed() {
    if (source() === "live") {
      /** @type {Record<string, any>} */
      const said = { url: field("url").value.trim(), transport: field("transport").value };
      if (field("username").value.trim()) said.username = field("username").value.trim();
      if (field("password").value) said.password = field("password").value;
      return said;
    }
    return { url: source() === "upload" ? clip?.url ?? "" : field("path").value.trim() };
  }

  async function probe() {
    const said = /** @type {HTMLElement} */ (document.getElementById("probe-said"));
    const button = /** @type {HTMLButtonElement} */ (document.getElementById("probe"));
    const asked = feed();
    if (!asked.url) return blame("url", words[source() === "upload" ? "form.needs.clip" : "form.needs.url"]);
    calm();
    button.disabled = true;
    said.hidden = false;
    said.className = "probe-said";
    said.textContent = words["form.probe.running"];
    if (!setup.isNew) asked.camera_id = setup.id;
    const answer = await call("POST", "/api/v1/cameras/probe", { ...asked, picture: true });
    button.disabled = false;
    if (!answer.ok) {
      said.hidden = true;
      notice(refusal(answer.status, answer.body), "bad");
      return;
    }
    showLook(said, answer.body);
    const seen = /** @type {HTMLElement} */ (document.getElementById("seen"));
    seen.hidden = !answer.body.picture_jpeg;
    if (answer.body.picture_jpeg) {
      /** @type {HTMLImageElement} */ (document.getElementById("seen-picture")).src = `data:image/jpeg;base64,${answer.body.picture_jpeg}`;
    }
  }

  /** The section as the API takes it; for a change null takes out what is no more. */
  function section() {
    const isClip = source() !== "live";
    /** @type {Record<string, any>} */
    const said = {
      ...feed(),
      name: field("name").value.trim(),
      interval_s: Number(field("interval_s").value),
      timeout_s: Number(field("timeout_s").value),
      enabled: field("enabled").checked,
    };
    if (field("worker").value.trim()) said.worker = field("worker").value.trim();
    for (const name of ["gate", "fixed", "full_decode"]) {
      if (field(name).checked !== field(name).defaultChecked) said[name] = field(name).checked;
    }
    if (isClip) {
      said.time_scale = Number(field("time_scale").value);
      said.loop = field("loop").checked;
      const begun = field("started_at");
      if (begun.value) said.started_at = `${begun.value.length === 16 ? `${begun.value}:00` : begun.value}+08:00`;
    }
    if (setup.isNew) {
      said.id = field("id").value.trim();
      if (!said.name) delete said.name;
      if (map?.chosen) said.view = { regions: [{ cell: map.chosen, polygon: WHOLE_PICTURE }] };
      return said;
    }
    said.name ||= null;
    const others = isClip ? ["username", "password", "transport"] : ["time_scale", "loop", "started_at"];
    for (const name of others) said[name] = null;
    if (!isClip && !said.username) said.username = null;
    const drop = /** @type {HTMLInputElement | null} */ (form.elements.namedItem("drop_password"));
    if (drop?.checked && !said.password) said.password = null;
    if (isClip && !said.started_at) said.started_at = null;
    return said;
  }

  async function save() {
    calm();
    const said = section();
    const fault = missing(said);
    if (fault) return blame(...fault);
    const button = /** @type {HTMLButtonElement} */ (form.querySelector("button[type=submit]"));
    button.disabled = true;
    const answer = setup.isNew
      ? await call("POST", "/api/v1/cameras", said)
      : await call("PATCH", `/api/v1/cameras/${encodeURIComponent(setup.id)}`, said, { "If-Match": setup.etag });
    button.disabled = false;
    if (answer.ok) {
      location.assign(setup.then || (setup.isNew ? `/cameras/${encodeURIComponent(said.id)}` : setup.page));
      return;
    }
    if (answer.status === 412) return notice(words["cal.moved_on"], "bad");
    for (const each of answer.body?.errors ?? []) blame(each.field, filled(words["form.field"], { message: `${each.field}: ${each.message}` }));
    if (!answer.body?.errors?.length) notice(refusal(answer.status, answer.body), "bad");
  }

  /** @param {Record<string, any>} said @returns {[string, string] | null} */
  function missing(said) {
    if (setup.isNew && !said.id) return ["id", words["form.needs.id"]];
    if (setup.isNew && /[/?#%\\]/.test(said.id)) return ["id", words["form.needs.id.plain"]];
    if (!said.url) return ["url", words[source() === "upload" ? "form.needs.clip" : "form.needs.url"]];
    if (setup.isNew && !said.view) return ["view", words["form.needs.cell"]];
    return null;
  }

  /** @param {string} name @param {string} text */
  function blame(name, text) {
    const shown = name === "url" && source() === "path" ? "path" : name === "url" && source() === "upload" ? "file" : name;
    const faulty = form.elements.namedItem(shown.split(".")[0]);
    if (faulty instanceof HTMLElement) {
      faulty.setAttribute("aria-invalid", "true");
      const folded = faulty.closest("details");
      if (folded) folded.open = true;
      faulty.focus();
    }
    alarm.textContent = [alarm.textContent, text].filter(Boolean).join("  ");
  }

  function calm() {
    alarm.textContent = "";
    for (const each of form.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
  }

  async function listClips() {
    const place = /** @type {HTMLElement} */ (document.getElementById("clips-kept"));
    const answer = await call("GET", "/api/v1/clips");
    if (!answer.ok) return notice(refusal(answer.status, answer.body), "bad");
    form.dataset.most = String(answer.body.largest_bytes);
    const list = /** @type {HTMLElement} */ (place.querySelector("ul"));
    list.replaceChildren(...answer.body.clips.map(clipRow));
    place.hidden = !answer.body.clips.length;
  }

  /** @param {any} each */
  function clipRow(each) {
    const row = document.createElement("li");
    const label = document.createElement("label");
    label.className = "check";
    const pick = document.createElement("input");
    pick.type = "radio";
    pick.name = "clip";
    pick.checked = clip?.url === each.url;
    pick.setAttribute("aria-label", filled(words["form.clip.use"], { name: each.name }));
    pick.addEventListener("change", () => useClip(each));
    const facts = [`${each.width_px}×${each.height_px}`, each.duration_s ? `${Math.round(each.duration_s)} s` : "", sized(each.bytes)];
    label.append(pick, ` ${each.name} `, Object.assign(document.createElement("span"), { className: "hint", textContent: facts.filter(Boolean).join(" · ") }));
    const drop = document.createElement("button");
    drop.type = "button";
    drop.className = "quiet";
    drop.textContent = "×";
    drop.setAttribute("aria-label", filled(words["form.clip.remove"], { name: each.name }));
    drop.addEventListener("click", async () => {
      if (!window.confirm(filled(words["form.clip.remove.sure"], { name: each.name }))) return;
      const answer = await call("DELETE", `/api/v1/clips/${each.id}`);
      if (!answer.ok) notice(refusal(answer.status, answer.body), "bad");
      if (answer.ok && clip?.url === each.url) clip = null;
      listClips();
    });
    row.append(label, drop);
    return row;
  }

  /** @param {any} each */
  function useClip(each) {
    clip = { url: each.url, name: each.name };
    if (setup.isNew && !field("id").value) {
      field("id").value = each.name.replace(/\.[^.]*$/, "").replace(/[/?#%\\\s]+/g, "-").slice(0, 60);
    }
    calm();
  }

  /** Send a file with a bar that shows how far it is; fetch tells no progress of what it sends. */
  function upload(/** @type {File} */ file) {
    const bar = /** @type {HTMLElement} */ (form.querySelector(".upload-bar"));
    const progress = /** @type {HTMLProgressElement} */ (bar.querySelector("progress"));
    const said = /** @type {HTMLElement} */ (bar.querySelector(".upload-said"));
    bar.hidden = false;
    progress.value = 0;
    const most = Number(form.dataset.most ?? 0);
    if (most && file.size > most) {
      said.textContent = filled(words["form.upload.large"], { most: sized(most) });
      return;
    }
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/clips?name=${encodeURIComponent(file.name.slice(0, 200))}`);
    request.setRequestHeader("x-csrf-token", csrf());
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => {
      progress.value = event.lengthComputable ? (100 * event.loaded) / event.total : 0;
      said.textContent = filled(words["form.upload.of"], { percent: Math.floor(progress.value) });
    };
    request.onerror = () => {
      said.textContent = words["form.upload.failed"];
    };
    request.onload = () => {
      let body = null;
      try {
        body = JSON.parse(request.responseText);
      } catch {
        body = null;
      }
      if (request.status !== 201) {
        said.textContent = words["form.upload.failed"];
        notice(refusal(request.status, body), "bad");
        return;
      }
      progress.value = 100;
      said.textContent = filled(words["form.upload.done"], { name: body.name });
      useClip(body);
      listClips();
    };
    request.send(file);
  }

  async function startMap() {
    const root = /** @type {SVGSVGElement | null} */ (/** @type {unknown} */ (document.getElementById("map")));
    if (!root) return;
    const drawn = new GroundMap(root);
    map = drawn;
    const choose = (/** @type {string} */ code) => {
      drawn.choose(code);
      /** @type {HTMLElement} */ (document.getElementById("cell-said")).textContent = filled(words["form.cell.chosen"], { cell: code });
    };
    drawn.pick(choose);
    wireMapTools(drawn, words["cal.goto.none"], (code) => drawn.cells.some((each) => each.code === code) && choose(code));
    drawn.pane.onGround((spot) => {
      const code = drawn.cellAt(spot);
      if (code) choose(code);
    });
    if (!(await drawn.go({}))) return;
    listCells(drawn);
    if (drawn.cells.length === 1) choose(drawn.cells[0].code);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  for (const radio of form.querySelectorAll("input[name=source]")) radio.addEventListener("change", showSource);
  document.getElementById("probe")?.addEventListener("click", probe);
  field("file").addEventListener("change", () => field("file").files?.[0] && upload(field("file").files[0]));
  const kept = field("started_at").dataset.kept;
  if (kept) field("started_at").value = new Date(Date.parse(kept) + 8 * 3600e3).toISOString().slice(0, 19);
  showSource();
  startMap();
}

/** @param {GroundMap} map */
function listCells(map) {
  const list = document.getElementById("cell-list");
  list?.replaceChildren(...map.cells.slice(0, 500).map((each) => Object.assign(document.createElement("option"), { value: each.code, label: each.name })));
}

/** @param {number} bytes */
function sized(bytes) {
  if (bytes >= 1024 ** 3) return `${Math.round((10 * bytes) / 1024 ** 3) / 10} GiB`;
  return bytes >= 1024 ** 2 ? `${Math.round(bytes / 1024 ** 2)} MiB` : `${Math.max(1, Math.round(bytes / 1024))} KiB`;
}
