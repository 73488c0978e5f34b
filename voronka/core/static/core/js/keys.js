// One-letter keys, silent while somebody types.
import { openPalette } from "./palette.js";
import { toggle } from "./bulk.js";

let pending = "";

const rows = () => [...document.querySelectorAll("[data-row]")];

const move = (step) => {
  const all = rows();
  if (!all.length) return;
  const now = all.findIndex((row) => row.classList.contains("is-current"));
  const next = Math.min(Math.max(now + step, 0), all.length - 1);
  all[now]?.classList.remove("is-current");
  all[next].classList.add("is-current");
  all[next].querySelector("a")?.focus();
  all[next].scrollIntoView({ block: "nearest" });
};

const acts = {
  "/": openPalette,
  "?": () => document.getElementById("keys")?.showModal(),
  j: () => move(1),
  k: () => move(-1),
  x: () => { const row = document.querySelector("[data-row].is-current"); if (row) toggle(row); },
  c: () => document.querySelector("[data-key-create]")?.click(),
  e: () => document.querySelector("[data-key-edit]")?.click(),
};

export const startKeys = () => {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      return openPalette();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    if (pending === "g") {
      pending = "";
      const address = document.querySelector(`[data-key-go="${CSS.escape(event.key)}"]`)?.dataset.address;
      if (address) location.assign(address);
      return;
    }
    pending = event.key === "g" ? "g" : "";
    if (acts[event.key]) {
      event.preventDefault();
      acts[event.key]();
    }
  });
};
