// A letter: people's names put their addresses into the line, a chosen template comes at once.
const form = document.querySelector(".letter-form");
const to = form.elements.to;

for (const place of form.querySelectorAll("[data-addresses]")) place.hidden = false;
for (const chip of form.querySelectorAll("[data-address]")) {
  chip.addEventListener("click", () => {
    const there = to.value.split(/[,;]/).map((one) => one.trim()).filter(Boolean);
    if (!there.some((one) => one.toLowerCase() === chip.dataset.address.toLowerCase())) there.push(chip.dataset.address);
    to.value = there.join(", ");
    to.focus();
  });
}
