// Starts behaviours found by data attribute, on load and in everything htmx brings.
import { startPickers } from "./picker.js";
import { startBulk } from "./bulk.js";
import { startPalette } from "./palette.js";
import { startKeys } from "./keys.js";
import { startToasts } from "./toasts.js";
import { startForms } from "./forms.js";
import { startDrops } from "./drop.js";

const start = (root) => {
  startPickers(root);
  startForms(root);
  startDrops(root);
};

startPalette();
startKeys();
startToasts();
startBulk();
start(document);
document.addEventListener("htmx:load", (event) => start(event.detail.elt));
