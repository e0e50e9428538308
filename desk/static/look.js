// What a look at a camera found, in the page's language.
// @ts-check

/** @typedef {{zh: string, en: string}} Said */

/**
 * Words in the page's language; in both, Chinese leads.
 * @param {Said} said
 */
export function spoken(said) {
  const speaks = document.documentElement.classList;
  if (speaks.contains("speaks-zh")) return said.zh;
  if (speaks.contains("speaks-en")) return said.en;
  return said.zh === said.en ? said.zh : `${said.zh} ${said.en}`;
}

/**
 * @param {HTMLElement} place
 * @param {any} look the API's answer
 */
export function showLook(place, look) {
  place.replaceChildren();
  place.hidden = false;
  place.classList.toggle("answers", look.answers);
  place.classList.toggle("fails", !look.answers);
  const [first, ...rest] = look.said;
  const title = document.createElement("b");
  title.textContent = spoken(first);
  place.append(title);
  if (look.answers) {
    const facts = document.createElement("span");
    facts.className = "mono";
    facts.textContent = `${String(look.codec ?? "").toUpperCase()} ${look.width_px}×${look.height_px}`;
    place.append(facts);
  }
  for (const said of rest) {
    const line = document.createElement("span");
    line.textContent = spoken(said);
    place.append(line);
  }
  if (look.error) {
    const line = document.createElement("span");
    line.className = "hint detail";
    line.textContent = look.error;
    place.append(line);
  }
}
