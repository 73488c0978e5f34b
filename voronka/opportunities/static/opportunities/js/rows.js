// One more row of a form set, made from its template. Without JavaScript one empty row is there after each saving.
import { startPickers } from "../../core/js/picker.js";

for (const set of document.querySelectorAll("[data-formset]")) {
  const add = set.querySelector("[data-formset-add]");
  const rows = set.querySelector("[data-formset-rows]");
  add.hidden = false;
  add.addEventListener("click", () => {
    const total = set.querySelector("[name$=TOTAL_FORMS]");
    rows.insertAdjacentHTML("beforeend", set.querySelector("[data-formset-empty]").innerHTML.replaceAll("__prefix__", total.value));
    total.value = Number(total.value) + 1;
    startPickers(rows.lastElementChild);
    rows.lastElementChild.querySelector("input:not([type=hidden]), select")?.focus();
  });
}
