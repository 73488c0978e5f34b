// A narrow stage bar shows where the opportunity is.
const showHere = () => {
  const [bar, here] = [document.querySelector(".stage-bar"), document.querySelector(".step-here")];
  if (bar && here) bar.scrollLeft = here.offsetLeft - bar.offsetLeft - (bar.clientWidth - here.clientWidth) / 2;
};
showHere();
document.addEventListener("htmx:afterSettle", showHere);

// A value being changed in place: Escape gives the card back as it is.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") event.target.closest(".inline-form")?.querySelector("[data-inline-cancel]").click();
});

document.addEventListener("htmx:afterSettle", (event) => {
  event.detail.elt?.querySelector?.(".inline-form input:not([type=hidden]), .inline-form select")?.focus();
});
