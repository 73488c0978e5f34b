// A file dropped anywhere on the zone is sent at once.
const zone = document.querySelector("[data-drop]");
const input = zone?.querySelector("input[type=file]");

zone?.addEventListener("dragover", (event) => {
  event.preventDefault();
  zone.classList.add("is-over");
});
zone?.addEventListener("dragleave", () => zone.classList.remove("is-over"));
zone?.addEventListener("drop", (event) => {
  event.preventDefault();
  zone.classList.remove("is-over");
  if (!event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  zone.requestSubmit();
});
