// A narrow stage bar shows where the opportunity is.
const showHere = () => {
  const [bar, here] = [document.querySelector(".stage-bar"), document.querySelector(".step-here")];
  if (bar && here) bar.scrollLeft = here.offsetLeft - bar.offsetLeft - (bar.clientWidth - here.clientWidth) / 2;
};
showHere();
document.addEventListener("htmx:afterSettle", showHere);
