// Small forms brought by htmx open in the page's dialog; what the server refuses stays there with its reason.
const inDialog = (target) => target?.id === "act-dialog-body";
const dialog = () => document.getElementById("act-dialog");

export const startDialog = () => {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, xhr } = event.detail;
    // A form with errors is an answer to be shown; in the dialog a refusal is too.
    if (xhr.status !== 422 && !(xhr.status === 409 && inDialog(target) && dialog().open)) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (inDialog(event.detail.target) && !dialog().open) dialog().showModal();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-dialog-close]") || !dialog()?.open) return;
    event.preventDefault();
    dialog().close();
  });
};
