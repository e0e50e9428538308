// Before and after under one slider: the range input moves the line, `o` flips from one picture to the other.
// @ts-check

/** Wire the slider that is on the page, also one that comes later. */
export function startCompare() {
  document.addEventListener("input", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.matches(".compare-split")) split(event.target);
  });
  for (const input of sliders()) split(input);
}

/** Show the other picture whole. */
export function flip() {
  for (const input of sliders()) {
    input.value = Number(input.value) > 50 ? "0" : "100";
    split(input);
  }
}

/** @returns {HTMLInputElement[]} */
function sliders() {
  return [...document.querySelectorAll("input.compare-split")].filter((input) => input instanceof HTMLInputElement);
}

/** @param {HTMLInputElement} input */
function split(input) {
  /** @type {HTMLElement | null} */ (input.closest("[data-compare]"))?.style.setProperty("--split", `${input.value}%`);
}
