// Values changed in place: Enter saves (the form's own habit), Escape restores, a choice saves at once; a refusal stays with its reason.
const form = (target) => target.closest?.(".inline-form");

export const startInline = () => {
  document.addEventListener("keydown", (event) => {
    if (!form(event.target)) return;
    if (event.key === "Escape") form(event.target).querySelector("[data-inline-cancel]").click();
    if (event.key === "Enter" && event.ctrlKey) form(event.target).requestSubmit();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches(".inline-form[data-inline-form] select:not([multiple])")) event.target.form.requestSubmit();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.matches?.("[data-inline]") && [409, 422].includes(event.detail.xhr.status)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const place = event.detail.elt;
    const found = place?.matches?.("[data-inline]") ? place : document.getElementById(place?.id ?? "");
    const input = found?.querySelector?.(".inline-form input:not([type=hidden]), .inline-form select, .inline-form textarea");
    if (input?.tomselect) input.tomselect.focus();
    else input?.focus();
  });
};
