// Cards are dragged between stages. The server decides: a lost race or a broken rule puts the card back and says why.
import { toast } from "../core/js/toasts.js";

const board = document.querySelector("[data-board]");

const send = async (card, stage, seen) => {
  const body = new FormData();
  body.set("stage", stage);
  body.set("seen", seen);
  const headers = { Accept: "application/json", "X-CSRFToken": board.dataset.token };
  const answer = await fetch(card.dataset.move, { method: "POST", body, headers });
  const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : { message: answer.statusText };
  return { ok: answer.ok, message: said.message };
};

const putBack = (event) => {
  const next = event.from.children[event.oldIndex];
  event.from.insertBefore(event.item, next || null);
};

const dropped = async (event) => {
  document.querySelector("[data-board-ends]").classList.remove("is-dragging");
  const card = event.item;
  if (event.to.dataset.end) {
    const address = event.to.dataset.end === "win" ? card.dataset.win : card.dataset.lose;
    putBack(event);
    location.assign(address);
    return;
  }
  if (event.to === event.from) return;
  const said = await send(card, event.to.dataset.stage, event.from.dataset.stage);
  if (!said.ok) putBack(event);
  toast(said.message, said.ok ? "success" : "error");
  if (said.ok) refreshHeads();
};

// Sums are the server's: fetched anew rather than added up here.
const refreshHeads = async () => {
  const html = await (await fetch(location.href)).text();
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelectorAll(".board-head");
  document.querySelectorAll(".board-head").forEach((head, place) => fresh[place] && head.replaceWith(fresh[place]));
};

if (board && window.Sortable) {
  const options = { group: "deals", draggable: ".deal", animation: 120, onEnd: dropped, delay: 120, delayOnTouchOnly: true };
  options.onStart = () => document.querySelector("[data-board-ends]").classList.add("is-dragging");
  for (const list of board.querySelectorAll(".board-cards")) new Sortable(list, options);
  for (const end of document.querySelectorAll("[data-end]")) new Sortable(end, { group: "deals" });
}
