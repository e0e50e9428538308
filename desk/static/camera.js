// One camera's page: probe, take a picture, switch, remove; everything through the API.
// @ts-check
import { call } from "./call.js";
import { notice, refusal } from "./notice.js";
import { showLook } from "./look.js";

const head = /** @type {HTMLElement} */ (document.getElementById("camera"));
const api = `/api/v1/cameras/${encodeURIComponent(head?.dataset.id ?? "")}`;

/** @type {Record<string, (button: HTMLButtonElement) => Promise<void>>} */
const deeds = {
  async probe(button) {
    const said = /** @type {HTMLElement} */ (document.getElementById("probe-said"));
    said.hidden = false;
    said.textContent = head.dataset.sayProbing ?? "";
    const answer = await call("POST", "/api/v1/cameras/probe", { camera_id: head.dataset.id });
    if (answer.ok) showLook(said, answer.body);
    else {
      said.hidden = true;
      notice(refusal(answer.status, answer.body), "bad");
    }
    button.focus();
  },
  async snapshot() {
    notice(head.dataset.sayTaking ?? "");
    const answer = await call("POST", `${api}/snapshot`);
    if (!answer.ok) notice(refusal(answer.status, answer.body), "bad");
    else if (answer.body.answers) location.reload();
    else {
      const said = /** @type {HTMLElement} */ (document.getElementById("probe-said"));
      said.hidden = false;
      showLook(said, answer.body);
    }
  },
  disable: () => switched("disable"),
  enable: () => switched("enable"),
  async remove() {
    if (!window.confirm(head.dataset.saySure)) return;
    const answer = await call("DELETE", api, undefined, tag());
    if (answer.ok) location.assign("/cameras");
    else told(answer);
  },
};

/** @param {"disable" | "enable"} what */
async function switched(what) {
  const answer = await call("POST", `${api}/${what}`, undefined, tag());
  if (!answer.ok) told(answer);
  else {
    notice((what === "disable" ? head.dataset.sayDisabled : head.dataset.sayEnabled) ?? "", "good");
    location.reload();
  }
}

/** @param {import("./call.js").Answer} answer */
function told(answer) {
  notice(answer.status === 412 ? head.dataset.sayMovedOn ?? "" : refusal(answer.status, answer.body), "bad");
}

/** @returns {Record<string, string>} */
function tag() {
  return head.dataset.etag ? { "If-Match": head.dataset.etag } : {};
}

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button[data-do]"))) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await deeds[button.dataset.do ?? ""](button);
    } finally {
      button.disabled = false;
    }
  });
}
