// The list of cases: deadlines count, cases are ticked and commanded together, views are kept.
// @ts-check
import { startBulk } from "./cases-bulk.js";
import { startViews } from "./cases-views.js";
import { startClocks, tick } from "./case-clock.js";
import { startHelp } from "./help.js";
import { refresh } from "./refresh.js";

/** Claims and nearing deadlines are no events: the list looks for them by itself. */
const LOOK_EVERY_MS = 20_000;

window.setInterval(async () => {
  if (document.visibilityState !== "visible") return;
  await refresh();
  tick();
}, LOOK_EVERY_MS);
startClocks();
startBulk();
startViews();
startHelp();
document.body.dataset.awake = "true"; // keys are listened to from here on
