// Chosen columns are put into order: dragged by the handle, or moved by the arrow keys while it has the focus. The first, the link, stays first.
const load = (address) => new Promise((done, failed) => {
  if (window.Sortable) return done();
  const script = document.createElement("script");
  script.addEventListener("load", done);
  script.addEventListener("error", failed);
  script.src = address;
  document.head.append(script);
});

const move = (event) => {
  const handle = event.target.closest?.("[data-columns] [data-handle]");
  const isDown = event.key === "ArrowDown";
  if (!handle || !(isDown || event.key === "ArrowUp")) return;
  event.preventDefault();
  event.stopPropagation();
  const item = handle.closest("li");
  const other = isDown ? item.nextElementSibling : item.previousElementSibling;
  if (!other || "fixed" in other.dataset) return;
  other[isDown ? "after" : "before"](item);
  handle.focus();
};

// The menu takes arrows for its own on the way down to the handle, at the document: here it is one step ahead.
window.addEventListener("keydown", move, true);

export const startColumns = (root) => {
  for (const form of root.querySelectorAll("form[data-columns]")) {
    const list = form.querySelector("[data-sortable]");
    form.addEventListener("submit", () => {
      form.elements.columns.value = [...form.querySelectorAll("input[type=checkbox]")].filter((box) => box.checked).map((box) => box.value).join(",");
    });
    form.closest(".dropdown").addEventListener("show.bs.dropdown", async () => {
      await load(list.dataset.sortable);
      new Sortable(list, { handle: "[data-handle]", draggable: "li:not([data-fixed])", animation: 120 });
    }, { once: true });
  }
};
