// A chosen criterion takes effect at once; empty ones stay out of the address.
for (const form of document.querySelectorAll("[data-criteria]")) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
  });
  form.addEventListener("change", ({ target }) => {
    if (target.type !== "date" || !target.value || target.valueAsDate?.getFullYear() > 1900) form.requestSubmit();
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
