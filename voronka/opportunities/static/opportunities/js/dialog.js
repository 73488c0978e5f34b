// Small forms brought by htmx open in a dialog; what the server refuses stays there with its reason.
// A narrow stage bar shows where the opportunity is.
const showHere = () => {
  const [bar, here] = [document.querySelector(".stage-bar"), document.querySelector(".step-here")];
  if (bar && here) bar.scrollLeft = here.offsetLeft - bar.offsetLeft - (bar.clientWidth - here.clientWidth) / 2;
};
showHere();
document.addEventListener("htmx:afterSettle", showHere);

const inDialog = (target) => target?.id === "act-dialog-body";
const dialog = () => document.getElementById("act-dialog");

document.addEventListener("htmx:beforeSwap", (event) => {
  if (inDialog(event.detail.target) && [409, 422].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (inDialog(event.detail.target) && !dialog().open) dialog().showModal();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-dialog-close]") || !dialog()?.open) return;
  event.preventDefault();
  dialog().close();
});
