// Small help for forms: one submit per click, a warning about duplicates, tabs, filled areas.
export const startForms = (root) => {
  for (const form of root.querySelectorAll("form[data-form]")) {
    form.addEventListener("submit", () => {
      for (const button of form.querySelectorAll("button[type=submit]")) setTimeout(() => { button.disabled = true; });
    });
  }
  for (const form of root.querySelectorAll("form[data-filters]")) {
    form.addEventListener("submit", () => {
      for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
    });
    const kept = new URLSearchParams(location.search);
    for (const name of ["columns", "sort", "q"]) {
      if (!kept.has(name) || form.elements[name]) continue;
      const input = document.createElement("input");
      [input.type, input.name, input.value] = ["hidden", name, kept.get(name)];
      form.append(input);
    }
  }
  for (const list of root.querySelectorAll("[data-tabs]")) {
    list.addEventListener("click", (event) => {
      const tab = event.target.closest("[role=tab]");
      if (!tab) return;
      for (const other of list.querySelectorAll("[role=tab]")) {
        other.setAttribute("aria-selected", String(other === tab));
        document.getElementById(other.getAttribute("aria-controls")).hidden = other !== tab;
      }
    });
  }
};
