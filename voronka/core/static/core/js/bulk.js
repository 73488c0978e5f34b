// Rows are selected by click, shift-click and the key x; the bar with the acts appears with the first one.
const boxes = () => [...document.querySelectorAll("[data-select]")];
let last = null;

const refresh = () => {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const count = boxes().filter((box) => box.checked).length;
  bar.hidden = count === 0;
  bar.querySelector("[data-bulk-count]").textContent = count;
};

export const startBulk = () => {
  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-select]");
    if (box) {
      const all = boxes();
      if (event.shiftKey && last) {
        const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
        for (const other of all.slice(from, to + 1)) other.checked = box.checked;
      }
      last = box;
      refresh();
    }
    if (event.target.closest("[data-bulk-clear]")) {
      for (const other of boxes()) other.checked = false;
      refresh();
    }
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-select-all]")) return;
    for (const box of boxes()) box.checked = event.target.checked;
    refresh();
  });
};

export const toggle = (row) => {
  const box = row.querySelector("[data-select]");
  if (!box) return;
  box.checked = !box.checked;
  last = box;
  refresh();
};
