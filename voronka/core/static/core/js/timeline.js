// What was just written goes under the heading of its day: the one that stands, or a new one where it belongs.
const moment = (entry) => Date.parse(entry.querySelector("time")?.dateTime ?? "");

const headed = (list, { day, dayWords }) => {
  const days = [...list.querySelectorAll(":scope > .timeline-day")];
  const found = days.find((one) => one.dataset.day === day);
  if (found) return found;
  const heading = document.createElement("li"), words = document.createElement("h2");
  heading.className = "timeline-day";
  heading.dataset.day = day;
  words.textContent = dayWords;
  heading.append(words);
  list.insertBefore(heading, days.find((one) => one.dataset.day < day) ?? list.querySelector(":scope > .timeline-earlier"));
  return heading;
};

export const startTimeline = (root) => {
  if (!root.matches?.(".timeline-entry[data-day]")) return;
  const list = root.parentElement;
  let before = headed(list, root.dataset);
  delete root.dataset.day;
  for (let next = before.nextElementSibling; next?.matches(".timeline-entry"); next = next.nextElementSibling) {
    if (next === root) continue;
    if (!(moment(next) > moment(root))) break;
    before = next;
  }
  before.after(root);
  list.parentElement.querySelector(".timeline-none")?.remove();
};
