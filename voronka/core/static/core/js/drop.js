// Zones that take files: dropped or chosen, they are sent at once; the bar says how much has gone.
export const startDrops = (root) => {
  for (const zone of root.querySelectorAll("form[data-drop-files]")) {
    const input = zone.querySelector("input[type=file]");
    const bar = zone.querySelector("progress");
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.classList.add("is-over");
    });
    zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("is-over");
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      zone.requestSubmit();
    });
    input.addEventListener("change", () => { if (input.files.length) zone.requestSubmit(); });
    zone.addEventListener("htmx:xhr:progress", (event) => {
      bar.hidden = false;
      bar.value = event.detail.total ? (100 * event.detail.loaded) / event.detail.total : 0;
    });
  }
};
