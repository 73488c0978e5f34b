// Starts behaviours found by data attribute, on load and in everything htmx brings.
import { startPickers } from "./picker.js";
import { startBulk } from "./bulk.js";
import { startPalette } from "./palette.js";
import { startKeys } from "./keys.js";
import { startToasts } from "./toasts.js";
import { startForms } from "./forms.js";
import { startColumns } from "./columns.js";
import { startInline } from "./inline.js";
import { startCopying } from "./copy.js";
import { startDrops } from "./drop.js";
import { startDialog } from "./dialog.js";
import { startTimeline } from "./timeline.js";

const start = (root) => {
  startPickers(root);
  startForms(root);
  startColumns(root);
  startCopying(root);
  startDrops(root);
  startTimeline(root);
};

startPalette();
startKeys();
startToasts();
startBulk();
startInline();
startDialog();
start(document);
document.addEventListener("htmx:load", (event) => start(event.detail.elt));
