import "./counting.js";

// A chosen criterion takes effect at once; empty ones stay out of the address.
for (const form of document.querySelectorAll("[data-criteria]")) {
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
  });
  form.addEventListener("change", ({ target }) => {
    if (!target.name) return; // what is typed into a selector that searches is no choice yet
    if (target.type !== "date" || !target.value || target.valueAsDate?.getFullYear() > 1900) form.requestSubmit();
  });
}
// Of many reports beside each other the open one is in sight.
const current = document.querySelector(".report-tabs [aria-current]"), row = current?.parentElement;
if (row) row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// The slider of days: shows the day while it moves, asks for it when it is let go.
const written = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" });
for (const slider of document.querySelectorAll("[data-time]")) {
  const { form } = slider, day = () => new Date(Date.parse(slider.dataset.time) + slider.valueAsNumber * 86400000);
  slider.hidden = false;
  slider.addEventListener("input", () => {
    const words = written.format(day());
    slider.setAttribute("aria-valuetext", words);
    form.querySelector("[data-time-day]").textContent = words;
    form.elements.as_of.value = slider.value === slider.max ? "" : day().toISOString().slice(0, 10);
  });
}
