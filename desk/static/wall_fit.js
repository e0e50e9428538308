// How many columns make the wall's tiles largest in this window: nothing scrolls, no row stands half empty for nothing.
// @ts-check

const GAP_PX = 6;
const ACROSS_TO_HIGH = 16 / 9;
/** Smaller tiles cannot be read: the page scrolls instead. */
const LEAST_PX = 200;

/**
 * @param {number} tiles
 * @param {number} wide pixels that all of them may take
 * @param {number} high
 * @returns {{columns: number, tilePx: number}} `tilePx` across one tile
 */
export function fitted(tiles, wide, high) {
  let best = { columns: 1, tilePx: 0 };
  for (let columns = 1; columns <= tiles; columns++) {
    const rows = Math.ceil(tiles / columns);
    const across = (wide - (columns - 1) * GAP_PX) / columns;
    const tilePx = Math.min(across, ((high - (rows - 1) * GAP_PX) / rows) * ACROSS_TO_HIGH);
    if (tilePx > best.tilePx) best = { columns, tilePx };
  }
  if (best.tilePx >= LEAST_PX) return best;
  const columns = Math.max(1, Math.min(tiles, Math.floor((wide + GAP_PX) / (LEAST_PX + GAP_PX))));
  return { columns, tilePx: (wide - (columns - 1) * GAP_PX) / columns };
}

/**
 * Lay the tiles out anew; to be called when they, or the window, are others.
 * @param {HTMLElement} holder
 */
export function fitTiles(holder) {
  const tiles = /** @type {HTMLElement | null} */ (holder.querySelector(".tiles"));
  if (!tiles || !holder.parentElement) return;
  const isFull = document.fullscreenElement === holder;
  const top = tiles.getBoundingClientRect().top + (isFull ? 0 : window.scrollY);
  const style = getComputedStyle(isFull ? holder : holder.parentElement);
  const sides = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
  const below = parseFloat(style.paddingBottom) + (isFull ? 0 : heightOf(holder.querySelector(".wall-note")) + heightOf(document.querySelector(".foot")));
  const wide = (isFull ? window.innerWidth : holder.parentElement.clientWidth) - sides;
  const places = Number(tiles.dataset.places ?? tiles.childElementCount);
  const { columns, tilePx } = fitted(places, wide, window.innerHeight - top - below);
  tiles.style.setProperty("--columns", String(columns));
  tiles.style.setProperty("--wide", `${Math.floor(columns * tilePx + (columns - 1) * GAP_PX)}px`);
}

/** @param {Element | null} place its own height and the room above it */
function heightOf(place) {
  return place ? place.getBoundingClientRect().height + parseFloat(getComputedStyle(place).marginTop) : 0;
}
