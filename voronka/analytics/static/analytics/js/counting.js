// How long something has been counted, and of a file that it came: the browser stays on its page then, and a cookie tells.
const count = (told) => {
  const began = performance.now(), making = told.closest("[data-making]"), made = making.parentElement.querySelector("[data-made]");
  const turn = setInterval(() => {
    const came = made && document.cookie.split("; ").includes(`voronka_made=${making.dataset.making}`);
    if (came) [making.hidden, made.hidden] = [true, false];
    if (came || !told.isConnected) return clearInterval(turn);
    told.textContent = told.dataset.word.replace("{number}", Math.round((performance.now() - began) / 1000));
  }, 1000);
};

for (const told of document.querySelectorAll("[data-elapsed]")) count(told);
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  for (const told of detail.elt.querySelectorAll("[data-elapsed]")) count(told);
});
