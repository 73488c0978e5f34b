// Cards are moved by dragging, from their menu or by Shift and an arrow. The server decides: a lost race or a broken rule puts the card back
// and says why; a stage that asks for something first brings its small form.
import { toast } from "../../core/js/toasts.js";
import "./dialog.js";

const board = document.querySelector("[data-board]");
const ends = document.querySelector("[data-ends]");
const moveDialog = document.getElementById("move-dialog");
let chosen = null;

const address = (name, card) => board.dataset[name].replace("/0/", `/${card.dataset.card}/`);
const cardsOf = (stage) => board.querySelector(`.board-cards[data-stage="${stage}"]`);

const ask = async (card, stage) => {
  const body = new FormData();
  body.set("stage", stage);
  body.set("seen", card.dataset.in);
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { "HX-Request": "true", "X-Board": "1", "X-CSRFToken": token };
  try {
    const answer = await fetch(address("move", card), { method: "POST", body, headers });
    const html = (answer.headers.get("Content-Type") || "").startsWith("text/html");
    return { ok: answer.ok, text: answer.ok || !html ? await answer.text() : board.dataset.lostConnection };
  } catch {
    return { ok: false, text: board.dataset.lostConnection };
  }
};

// The card lies in its new column already; `back` returns it where it was.
const keep = async (card, stage, back) => {
  const said = await ask(card, stage);
  if (!said.ok) {
    back();
    toast(said.text, "error");
    return;
  }
  const fresh = new DOMParser().parseFromString(said.text, "text/html").querySelector(".board-card");
  const hadFocus = card.contains(document.activeElement) || document.activeElement === document.body;
  card.replaceWith(fresh);
  htmx.process(fresh);
  if (hadFocus) fresh.querySelector("a").focus();
  refreshHeads();
};

const refreshHeads = () => htmx.ajax("GET", board.dataset.heads, { source: board, swap: "none" });

// To a stage, at once or by way of its small form; `place` puts the card into its new column.
const moveTo = (card, stage, place, back = returner(card)) => {
  if ("asks" in cardsOf(stage).dataset) {
    back();
    const here = encodeURIComponent(location.pathname + location.search);
    const query = `?stage=${stage}&seen=${card.dataset.in}&back=${here}`;
    return htmx.ajax("GET", address("move", card) + query, { target: "#act-dialog-body", swap: "innerHTML" });
  }
  place();
  return keep(card, stage, back);
};

const close = (card, end) => {
  const back = encodeURIComponent(location.pathname + location.search);
  htmx.ajax("GET", `${address(end, card)}?back=${back}`, { target: "#act-dialog-body", swap: "innerHTML" });
};

const returner = (card) => {
  const [column, next] = [card.parentElement, card.nextElementSibling];
  return () => column.insertBefore(card, next?.parentElement === column ? next : null);
};

const startDragging = () => {
  let back = null;
  const mark = (on) => {
    ends.classList.toggle("is-dragging", on);
    board.classList.toggle("is-dragging", on);
  };
  const options = {
    group: "board", draggable: ".board-card", sort: false, animation: 120, delay: 150, delayOnTouchOnly: true, filter: ".board-card-menu", preventOnFilter: false,
    onStart: (event) => { back = returner(event.item); mark(true); },
    onEnd: (event) => {
      mark(false);
      const [card, to] = [event.item, event.to];
      if (to === event.from) return;
      if (!to.dataset.end) return moveTo(card, to.dataset.stage, () => {}, back);
      back();
      close(card, to.dataset.end);
    },
  };
  for (const list of board.querySelectorAll(".board-cards")) {
    new Sortable(list, "retired" in list.dataset ? { ...options, group: { name: "board", put: false } } : options);
  }
  for (const end of ends.querySelectorAll("[data-end]")) new Sortable(end, { group: { name: "board", pull: false }, sort: false });
};

const startMenu = () => {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-move-card]");
    if (opener) {
      event.preventDefault();
      chosen = opener.closest(".board-card");
      moveDialog.querySelector("[data-move-name]").textContent = chosen.querySelector(".board-card-name").textContent;
      for (const button of moveDialog.querySelectorAll("[data-move-to]")) button.disabled = button.dataset.moveTo === chosen.dataset.in;
      moveDialog.showModal();
    }
    const to = event.target.closest("[data-move-to], [data-move-end]");
    if (!to || !chosen) return;
    moveDialog.close();
    if (to.dataset.moveEnd) return close(chosen, to.dataset.moveEnd);
    moveTo(chosen, to.dataset.moveTo, () => cardsOf(to.dataset.moveTo).prepend(chosen));
  });
};

const focusOn = (card) => { card?.querySelector("a").focus(); card?.scrollIntoView({ block: "nearest", inline: "nearest" }); };

const startArrows = () => {
  const lists = [...board.querySelectorAll(".board-cards")];
  const beside = (list, step) => lists[lists.indexOf(list) + step];
  const sideways = (card, step, moving) => {
    const list = card.parentElement;
    const next = beside(list, step);
    if (!next) return;
    if (!moving) return focusOn(next.querySelectorAll(".board-card")[[...list.children].indexOf(card)] ?? next.querySelector(".board-card"));
    if (!("retired" in next.dataset)) moveTo(card, next.dataset.stage, () => next.prepend(card));
  };
  const acts = {
    ArrowDown: (card) => focusOn(card.nextElementSibling?.closest(".board-card")),
    ArrowUp: (card) => focusOn(card.previousElementSibling?.closest(".board-card")),
    ArrowLeft: (card, moving) => sideways(card, -1, moving),
    ArrowRight: (card, moving) => sideways(card, 1, moving),
    m: (card) => card.querySelector("[data-move-card]").click(),
    e: (card) => card.querySelector("[data-quick]").click(),
  };
  board.addEventListener("keydown", (event) => {
    const card = event.target.closest(".board-card");
    if (!card || !acts[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    acts[event.key](card, event.shiftKey);
  });
};

// A card moved into a column whose cards came later is there once.
document.addEventListener("htmx:load", (event) => {
  const card = event.detail.elt.closest?.(".board-card");
  if (card && board.querySelectorAll(`[data-card="${card.dataset.card}"]`).length > 1) card.remove();
});

// A card changed in its dialog comes back in its place; the sums follow.
document.addEventListener("card-saved", () => {
  document.getElementById("act-dialog").close();
  refreshHeads();
});

if (board?.classList.contains("is-editable")) {
  startMenu();
  startArrows();
  if (window.Sortable) startDragging();
}
