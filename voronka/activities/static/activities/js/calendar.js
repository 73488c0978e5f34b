// The calendar: FullCalendar over the events of the server, a column per person in the team's view, drag, stretch and create by selecting.
// All times here are those of the reader's clock; FullCalendar takes them for UTC, so that no zone of the browser ever changes them.
import { toast } from "../../core/js/toasts.js";

const place = document.getElementById("calendar");
const said = place.dataset;
const people = JSON.parse(document.getElementById("calendar-people").textContent);
const filters = document.querySelector("[data-calendar-filters]");
const title = document.querySelector("[data-calendar-title]");
const mayWrite = "mayWrite" in said;
const VIEWS = { day: "timeGridDay", workweek: "workweek", week: "timeGridWeek", month: "dayGridMonth", agenda: "agenda", team: "timeGridDay" };
const narrow = matchMedia("(max-width: 640px)").matches;
let view = narrow && !said.chosen ? "agenda" : said.view;
let calendars = [];

const wallNow = () => new Date().toLocaleString("sv-SE", { timeZone: said.zone }).replace(" ", "T");
const day = (date) => date.toISOString().slice(0, 10);
const moment = (date) => date.toISOString().slice(0, 19);
const before = (date) => new Date(date.getTime() - 86400000);
const coloursBy = () => filters.elements.colour.value;

const asked = () => {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(filters)) if (value && !["view", "date", "list"].includes(name)) data.append(name, value);
  return data;
};

// One answer for all columns of a view: they ask for the same window at the same moment.
let kept = { key: "", answer: null };
const load = (window_) => {
  const data = asked();
  data.set("view", view);
  data.set("start", window_.startStr.slice(0, 19));
  data.set("end", window_.endStr.slice(0, 19));
  const key = data.toString();
  if (kept.key !== key) {
    kept = { key, answer: fetch(`${said.events}?${key}`, { headers: { Accept: "application/json" } }).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer))) };
    kept.answer.then((found) => found.is_cut && toast(said.wordCut, "warning"), () => { kept = { key: "", answer: null }; });
  }
  return kept.answer;
};
const again = () => {
  kept = { key: "", answer: null };
  for (const one of calendars) one.refetchEvents();
};

const colour = (event) => people.find((one) => event.people?.includes(one.id))?.colour ?? "";
const classes = ({ event }) => {
  const more = event.extendedProps;
  if (!more.kind || more.kind === "absence") return [];
  const names = [more.kind === "busy" || coloursBy() === "kind" ? `kind-${more.kind}` : colour(more), `is-${more.status}`];
  if (more.tentative) names.push("is-tentative");
  if (more.clashes) names.push("clashes");
  return names.filter(Boolean);
};
const describe = ({ el, event }) => {
  const more = event.extendedProps;
  el.title = [event.title, more.partner, more.where, more.clashes ? said.wordClash : ""].filter(Boolean).join("\n");
};
// A day of the month is named by all it holds, not by its number alone.
const nameByContent = ({ el }) => el.removeAttribute("aria-labelledby");

const send = async (values) => {
  const body = new FormData();
  for (const [name, value] of Object.entries(values)) if (value !== undefined && value !== null && value !== "") body.set(name, value);
  const token = document.querySelector("#frame-acts [name=csrfmiddlewaretoken]").value;
  const answer = await fetch(said.move, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
  const type = answer.headers.get("Content-Type") ?? "";
  return { ok: answer.ok, ...(type.includes("json") ? await answer.json() : { message: said.wordLost }) };
};

const where = (event) =>
  event.allDay
    ? { day: day(event.start), last_day: event.extendedProps.untimed ? "" : day(before(event.end ?? new Date(event.start.getTime() + 86400000))) }
    : { start: moment(event.start), end: event.end ? moment(event.end) : "" };

const scopeOf = (event) =>
  new Promise((done) => {
    if (!event.extendedProps.series) return done("one");
    const dialog = document.getElementById("calendar-scope");
    dialog.returnValue = "";
    dialog.addEventListener("close", () => done(dialog.returnValue), { once: true });
    dialog.showModal();
  });

const tell = (answer, mayUndo) => {
  const note = toast([answer.message, ...(answer.warnings ?? [])].join(" "), answer.warnings?.length ? "warning" : "success");
  if (!mayUndo || !(answer.undo?.start || answer.undo?.day)) return;
  const undo = document.createElement("button");
  [undo.type, undo.className, undo.textContent] = ["button", "btn btn-sm", said.wordUndo];
  undo.addEventListener("click", async () => {
    note.remove();
    const back = await send(answer.undo).catch(() => ({ message: said.wordLost }));
    toast(back.ok ? said.wordUndone : back.message, back.ok ? "success" : "error");
    again();
  });
  note.insertBefore(undo, note.lastChild);
};

const move = async (event, revert, owner) => {
  const scope = await scopeOf(event);
  if (!scope) return revert();
  const more = event.extendedProps;
  const values = { activity: more.activity, occurrence: more.occurrence, version: more.activity ? more.version : "", scope, owner, ...where(event) };
  const answer = await send(values).catch(() => ({ message: said.wordLost }));
  if (!answer.ok) {
    revert();
    toast(answer.message, "error");
    return;
  }
  tell(answer, scope === "one" && owner === undefined);
  again();
};

const create = (chosen, owner) => {
  const address = new URL(said.create, location.href);
  address.searchParams.set("kind", "meeting");
  address.searchParams.set("back", location.pathname + location.search);
  if (owner) address.searchParams.set("owner", owner);
  address.searchParams.set("at", chosen.allDay ? `${day(chosen.start)}T00:00:00` : moment(chosen.start));
  if (chosen.allDay) {
    address.searchParams.set("all_day", "1");
    address.searchParams.set("last_day", day(before(chosen.end)));
  } else address.searchParams.set("minutes", String((chosen.end - chosen.start) / 60000));
  location.assign(address);
};

const drop = async (info, owner) => {
  const { unplanned, version } = info.draggedEl.dataset;
  const values = { activity: unplanned, version, owner, ...(info.allDay ? { day: day(info.date) } : { start: moment(info.date) }) };
  const answer = await send(values).catch(() => ({ message: said.wordLost }));
  if (!answer.ok) return void toast(answer.message, "error");
  if (!info.allDay) info.draggedEl.remove();
  tell(answer, false);
  again();
};

const options = (more) => ({
  timeZone: "UTC", locale: document.documentElement.lang, firstDay: 1, now: wallNow, nowIndicator: true, initialDate: said.date, headerToolbar: false,
  navLinks: false, dayMaxEvents: true, height: "auto", expandRows: false, eventMinHeight: 24, slotMinTime: "07:00", slotMaxTime: "21:00", scrollTime: said.opens,
  // Rows as long as the steps of a drag: with longer ones FullCalendar puts what is taken at its upper edge a step further than the hand goes.
  slotDuration: "00:15", snapDuration: "00:15", slotLabelInterval: "01:00", slotLabelFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
  eventTimeFormat: { hour: "2-digit", minute: "2-digit", hour12: false }, allDayText: said.wordAllDay, noEventsText: said.wordEmpty, closeHint: said.wordClose,
  businessHours: { daysOfWeek: [1, 2, 3, 4, 5], startTime: said.opens, endTime: said.closes },
  displayEventEnd: false, moreLinkContent: ({ num }) => `+${num}`,
  editable: mayWrite, selectable: mayWrite, selectMirror: true, longPressDelay: 350, droppable: mayWrite,
  views: { workweek: { type: "timeGrid", duration: { weeks: 1 }, hiddenDays: [0, 6] }, agenda: { type: "list", duration: { days: 14 } } },
  eventClassNames: classes, eventDidMount: describe, dayCellDidMount: nameByContent,
  eventDrop: ({ event, revert }) => move(event, revert),
  eventResize: ({ event, revert }) => move(event, revert),
  select: (chosen) => create(chosen),
  drop: (info) => drop(info),
  events: (window_, done, failed) => load(window_).then((found) => done(widen(found.events)), failed),
  datesSet: ({ view: shown }) => named(shown),
  ...more,
});

// Work before seven and after nine in the evening is not hidden: the day grows to hold it.
const widen = (events) => {
  const hours = events.filter((one) => !one.allDay && one.display !== "background").flatMap((one) => [one.start.slice(11, 16), one.end.slice(0, 10) > one.start.slice(0, 10) ? "24:00" : one.end.slice(11, 16)]);
  const first = hours.reduce((least, hour) => (hour < least ? hour : least), "07:00");
  const last = hours.reduce((most, hour) => (hour > most ? hour : most), "21:00");
  for (const one of calendars) {
    if (one.getOption("slotMinTime") !== `${first.slice(0, 2)}:00`) one.setOption("slotMinTime", `${first.slice(0, 2)}:00`);
    const end = last.endsWith(":00") ? last : `${String(Number(last.slice(0, 2)) + 1).padStart(2, "0")}:00`;
    if (one.getOption("slotMaxTime") !== end) one.setOption("slotMaxTime", end);
  }
  return events;
};

const named = (shown) => {
  title.textContent = shown.title;
  filters.elements.view.value = view;
  filters.elements.date.value = day(shown.calendar.getDate());
  const data = asked();
  data.set("view", view);
  data.set("date", filters.elements.date.value);
  history.replaceState(null, "", `${location.pathname}?${data}`);
  for (const link of document.querySelectorAll("[data-calendar-view]")) {
    const here = link.dataset.calendarView === view;
    link.classList.toggle("active", here);
    here ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  }
  const list = document.querySelector("[data-calendar-list]");
  data.set("list", "1");
  list.href = `${location.pathname}?${data}`;
};

const inColumn = (person, number) => ({
  initialView: "timeGridDay", dayHeaders: false, dayMaxEvents: 2, ...(number ? { slotLabelContent: () => "", allDayContent: () => "" } : {}),
  events: (window_, done, failed) =>
    load(window_).then((found) => done(widen(found.events).filter((one) => !one.extendedProps?.people || one.extendedProps.people.includes(person.id))), failed),
  select: (chosen) => create(chosen, person.id),
  drop: (info) => drop(info, person.id),
  eventReceive: ({ event, revert }) => event.extendedProps.kind && move(event, revert, person.id),
  ...(number ? { datesSet: () => {} } : {}),
});

const columns = () => {
  place.classList.add("cal-columns");
  return people.map((person, number) => {
    const column = document.createElement("div");
    const name = document.createElement("h3");
    const dot = document.createElement("span");
    const grid = document.createElement("div");
    [column.className, name.className, dot.className] = ["cal-column", "cal-column-name", `cal-dot ${person.colour}`];
    name.append(dot, person.name);
    column.append(name, grid);
    place.append(column);
    return new FullCalendar.Calendar(grid, options(inColumn(person, number)));
  });
};

const start = () => {
  place.hidden = false;
  document.querySelector("[data-calendar-fallback]").hidden = true;
  filters.querySelector("[data-calendar-apply]").hidden = true;
  calendars = view === "team" ? columns() : [new FullCalendar.Calendar(place, options({ initialView: VIEWS[view] }))];
  for (const one of calendars) one.render();
};

for (const link of document.querySelectorAll("[data-calendar-go]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    for (const one of calendars) one[link.dataset.calendarGo]();
  });
}
for (const link of document.querySelectorAll("[data-calendar-view]")) {
  link.addEventListener("click", (event) => {
    const next = link.dataset.calendarView;
    // Into the team's view and out of it the people change: the server says who.
    event.preventDefault();
    if (view === "team" || next === "team") {
      const address = new URL(link.href);
      address.searchParams.delete("people");
      address.searchParams.set("date", filters.elements.date.value);
      return location.assign(address);
    }
    view = next;
    calendars[0].changeView(VIEWS[view]);
  });
}
filters.addEventListener("change", (event) => {
  // Another set of people is another set of colours and columns.
  if (event.target.name === "people") return filters.requestSubmit();
  again();
  for (const one of calendars) one.render();
  named(calendars[0].view);
});
filters.addEventListener("submit", (event) => {
  if (event.submitter || document.activeElement?.name !== "q") return;
  event.preventDefault();
  again();
});
const drawer = document.querySelector("[data-calendar-drawer]");
if (drawer && mayWrite) {
  drawer.classList.add("is-draggable");
  document.querySelector("[data-calendar-hint]").hidden = false;
  new FullCalendar.Draggable(drawer, {
    itemSelector: "[data-unplanned]",
    eventData: (item) => ({ title: item.querySelector("a").textContent, duration: "00:30", create: false }),
  });
}
start();
