// The command palette: asks every registered search at its own address, moves by arrows.
let timer = null;

const items = (dialog) => [...dialog.querySelectorAll(".palette-item")].filter((item) => item.offsetParent);

const choose = (dialog, step) => {
  const all = items(dialog);
  if (!all.length) return;
  const now = all.findIndex((item) => item.classList.contains("is-chosen"));
  all[now]?.classList.remove("is-chosen");
  const next = all[(now + step + all.length) % all.length];
  next.classList.add("is-chosen");
  next.scrollIntoView({ block: "nearest" });
};

const search = (dialog, text) => {
  for (const group of dialog.querySelectorAll("[data-url]")) {
    const list = group.querySelector(".palette-list");
    if (text.trim().length < 2) {
      list.replaceChildren();
      group.classList.add("is-empty");
      continue;
    }
    fetch(`${group.dataset.url}?q=${encodeURIComponent(text)}`, { headers: { "HX-Request": "true" } })
      .then((answer) => answer.text())
      .then((html) => {
        list.innerHTML = html;
        group.classList.toggle("is-empty", !list.querySelector(".palette-item"));
      });
  }
  for (const item of dialog.querySelectorAll(".is-commands .palette-item")) {
    item.hidden = !item.textContent.toLowerCase().includes(text.trim().toLowerCase());
    item.classList.toggle("d-none", item.hidden);
  }
};

export const openPalette = () => {
  const dialog = document.querySelector("[data-palette]");
  if (!dialog || dialog.open) return;
  dialog.showModal();
  const input = dialog.querySelector("input");
  input.select();
  search(dialog, input.value);
};

export const startPalette = () => {
  const dialog = document.querySelector("[data-palette]");
  if (!dialog) return;
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette-open]")) openPalette();
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("input", (event) => {
    clearTimeout(timer);
    timer = setTimeout(() => search(dialog, event.target.value), 150);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(dialog, event.key === "ArrowDown" ? 1 : -1);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      (dialog.querySelector(".palette-item.is-chosen") || items(dialog)[0])?.click();
    }
  });
};
