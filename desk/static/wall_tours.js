// A person's own tours: made, changed and removed in a dialog.
// @ts-check
import { call } from "./call.js";
import { notice, refusal } from "./notice.js";

/** @param {HTMLElement} holder */
export function startTours(holder) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("tours"));
  const form = /** @type {HTMLFormElement} */ (document.getElementById("tour-form"));
  const pick = /** @type {HTMLSelectElement} */ (document.getElementById("tour-pick"));
  const name = /** @type {HTMLInputElement} */ (document.getElementById("tour-name"));
  const size = /** @type {HTMLSelectElement} */ (document.getElementById("tour-size"));
  const every = /** @type {HTMLInputElement} */ (document.getElementById("tour-every"));
  const narrow = /** @type {HTMLInputElement} */ (document.getElementById("tour-narrow"));
  const remove = /** @type {HTMLButtonElement} */ (document.getElementById("tour-remove"));
  const boxes = () => /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[name=camera]")]);

  function fill() {
    const chosen = pick.selectedOptions[0];
    const cameras = new Set((chosen?.dataset.cameras ?? "").split("\n").filter(Boolean));
    name.value = pick.value;
    size.value = chosen?.dataset.size ?? "4";
    every.value = String(Math.round(Number(chosen?.dataset.every ?? 20)));
    for (const box of boxes()) box.checked = cameras.has(box.value);
    remove.hidden = !pick.value;
  }

  document.getElementById("edit-tours")?.addEventListener("click", () => {
    pick.value = holder.dataset.tour ?? "";
    fill();
    dialog.showModal();
  });
  pick.addEventListener("change", fill);
  narrow.addEventListener("input", () => {
    const text = narrow.value.trim().toLowerCase();
    for (const label of /** @type {HTMLElement[]} */ ([...form.querySelectorAll("[data-words]")])) label.hidden = !label.dataset.words?.includes(text);
  });
  narrow.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const cameras = boxes().filter((box) => box.checked).map((box) => box.value);
    if (!cameras.length) return notice(holder.dataset.sayEmpty ?? "", "bad");
    const body = { cameras, per_page: Number(size.value), every_s: Number(every.value) };
    const answer = await call("PUT", `/api/v1/tours/${encodeURIComponent(name.value.trim())}`, body);
    if (!answer.ok) return notice(refusal(answer.status, answer.body), "bad");
    location.assign(`/wall?${new URLSearchParams({ size: size.value, tour: answer.body.name })}`);
  });
  remove.addEventListener("click", async () => {
    const answer = await call("DELETE", `/api/v1/tours/${encodeURIComponent(pick.value)}`);
    if (!answer.ok) return notice(refusal(answer.status, answer.body), "bad");
    location.assign("/wall");
  });
}
