import { toast } from "./toasts.js";

// Selectors that search on the server; without JavaScript they stay plain lists.
export const startPickers = (root) => {
  for (const select of root.querySelectorAll("select[data-picker]")) {
    if (select.tomselect) continue;
    // The selector takes the label for itself; the hidden list keeps the words, without those of the list where it stands inside the label.
    const [label] = select.labels;
    const inside = label?.contains(select) ? select.textContent : "";
    if (label) select.setAttribute("aria-label", label.textContent.replace(inside, "").replace("*", "").trim());
    const url = () => new URL(select.dataset.picker, location.href);
    new TomSelect(select, {
      valueField: "value",
      labelField: "text",
      searchField: [],
      // The server has searched; what is chosen now and the empty choice step back, so that Enter takes the first found.
      score: (query) => (item) => (query && [select.value, ""].includes(String(item.value)) ? 0 : 1),
      maxOptions: 50,
      preload: "focus",
      allowEmptyOption: !select.required,
      plugins: select.multiple ? ["remove_button"] : [],
      create: select.dataset.create ? (text, done) => create(select, text, done) : false,
      load: (query, done) => {
        const address = url();
        address.searchParams.set("q", query);
        for (const name of (select.dataset.with || "").split(" ").filter(Boolean)) {
          const other = select.form?.elements[name];
          if (other?.value) address.searchParams.set(name, other.value);
        }
        fetch(address, { headers: { Accept: "application/json" } })
          .then((answer) => (answer.ok ? answer.json() : []))
          .then(done, () => done());
      },
      shouldLoad: () => true,
      render: { no_results: () => null, option_create: (data, escape) => `<div class="create">+ ${escape(data.input)}</div>` },
    });
    select.tomselect.on("type", () => select.tomselect.clearOptions());
  }
};

// What the server warns of (there is such a record already) is offered for choosing; the same text a second time is made all the same.
const create = async (select, text, done) => {
  const body = new FormData();
  body.set("name", text);
  if (select.dataset.warned === text) body.set("anyway", "1");
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  const answer = await fetch(select.dataset.create, { method: "POST", body, headers: { "X-CSRFToken": token } });
  const told = answer.ok || answer.status === 409 ? await answer.json() : {};
  done(answer.ok ? told : false);
  if (answer.ok || !told.message) return;
  toast(told.message, "warning");
  if (!told.duplicates) return;
  select.dataset.warned = text;
  const picker = select.tomselect;
  picker.clearOptions();
  picker.addOptions(told.duplicates);
  picker.refreshOptions(true);
};
