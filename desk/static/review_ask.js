// The two questions: why it is no case, and whom it goes to.
// @ts-check

/**
 * @param {{decide: (command: string, more?: {reason?: string, note?: string, unit?: string, words?: string}) => void, unit: () => string, isReady: () => boolean}} page
 */
export function startDialogs(page) {
  const reasons = /** @type {HTMLDialogElement} */ (document.getElementById("reasons"));
  const assign = /** @type {HTMLDialogElement} */ (document.getElementById("assign"));
  const note = /** @type {HTMLInputElement} */ (document.getElementById("reason-note"));
  const unit = /** @type {HTMLInputElement} */ (document.getElementById("assign-unit"));
  const other = /** @type {HTMLElement | null} */ (reasons.querySelector("[data-asks='1']"));

  /** @param {string} key a digit */
  function digit(key) {
    const chosen = /** @type {HTMLElement | null} */ (reasons.querySelector(`[data-reason="${key}"]`));
    if (!chosen || !page.isReady()) return;
    if (chosen.dataset.asks === "1") {
      if (!reasons.open) reasons.showModal();
      note.focus();
      return;
    }
    reasons.close();
    page.decide("reject", { reason: chosen.dataset.code, note: chosen.dataset.note, words: chosen.dataset.words });
  }

  for (const dialog of [reasons, assign]) {
    dialog.addEventListener("click", (event) => {
      const target = /** @type {HTMLElement} */ (event.target);
      const chosen = /** @type {HTMLElement | null} */ (target.closest("[data-reason]"));
      if (chosen) digit(chosen.dataset.reason ?? "");
      else if (target === dialog || target.closest("[data-shut]")) dialog.close();
    });
  }
  reasons.addEventListener("keydown", (event) => {
    if (event.target === note || !/^[1-9]$/.test(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    digit(event.key);
  });
  document.getElementById("reason-form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = note.value.trim();
    if (!words) return;
    note.value = "";
    reasons.close();
    page.decide("reject", { reason: other?.dataset.code, note: words, words });
  });
  document.getElementById("assign-form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = unit.value.trim();
    if (!name) return;
    assign.close();
    page.decide("accept", { unit: name });
  });
  return {
    digit,
    reasons: () => page.isReady() && reasons.showModal(),
    assign: () => {
      if (!page.isReady()) return;
      unit.value = page.unit();
      assign.showModal();
      unit.select();
    },
  };
}
