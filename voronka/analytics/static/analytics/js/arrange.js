// Tiles are dragged by their headings within a column and between the two; the order goes to the server at once. Without a mouse each tile has buttons.
import { toast } from "../../core/js/toasts.js";

const page = document.querySelector("[data-arrange]");
const lists = [...page.querySelectorAll("[data-tiles]")];

const keep = async () => {
  const body = new FormData();
  for (const list of lists) body.set(list.dataset.tiles, [...list.querySelectorAll("[data-tile]")].map((tile) => tile.dataset.tile).join(","));
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  try {
    const answer = await fetch(page.dataset.arrange, { method: "POST", body, headers: { "X-CSRFToken": token } });
    if (!answer.ok) toast(answer.status === 409 ? await answer.text() : page.dataset.failed, "error");
  } catch {
    toast(page.dataset.failed, "error");
  }
};

if (window.Sortable) {
  for (const list of lists) {
    new Sortable(list, { group: "tiles", handle: ".tile-head", draggable: ".tile", filter: ".arrange-tile", preventOnFilter: false, animation: 120, delay: 150, delayOnTouchOnly: true, onEnd: keep });
  }
  page.classList.add("is-draggable");
}
