// Short notes at the edge: from the page, or brought by the HX-Trigger header as {toast: {text, tag}}.
export const toast = (text, tag = "info") => {
  const place = document.getElementById("toasts");
  const note = document.createElement("div");
  note.className = `toast-note toast-${tag}`;
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.className = "btn-close";
  close.type = "button";
  close.dataset.toastClose = "";
  close.setAttribute("aria-label", place.dataset.close);
  note.append(words, close);
  place.append(note);
  return note;
};

export const startToasts = () => {
  document.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest(".toast-note").remove());
  document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tag));
};
