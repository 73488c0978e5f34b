// The player of the dynamic analysis: ties the clock, the scene and what stands around it together. Words come from data attributes.
import { Film, SPEEDS } from "./film.js";
import { itemsOf } from "./frames.js";
import { Scene, colourOf } from "./scene.js";

const MOST_LINES = 40;
const MOST_FOUND = 12;
const READING = 200; // milliseconds between two changes of table and list while the film runs: nobody reads faster
const language = document.documentElement.lang;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const player = document.querySelector("[data-player]");
const data = JSON.parse(document.getElementById("film").textContent);
const words = Object.fromEntries(
  Object.entries(player.dataset).filter(([name]) => name.startsWith("word")).map(([name, text]) => [name[4].toLowerCase() + name.slice(5), text]),
);
const places = new Map();
const find = (name) => places.get(name) ?? places.set(name, document.querySelector(`[data-${name}]`)).get(name);
const filled = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const exact = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
const money = (value) => `${(Number.isInteger(value) ? whole : exact).format(value)}\u00a0${data.sign}`;
words.short = (value) => `${compact.format(value)}\u00a0${data.sign}`;

const items = itemsOf(data);
const scene = new Scene(find("canvas"), data, items, words);
const film = new Film(data.days.length, still, (time) => show(time));
const totals = data.days.map((_day, frame) => data.figures.reduce((sum, cells) => sum + cells[frame][1], 0));
let shownFrame = -1;
let shownAt = 0;

const made = (tag, { text = "", href = "", ...more } = {}, children = []) => {
  const element = Object.assign(document.createElement(tag), more);
  if (href) element.href = href;
  element.append(...(text ? [text] : []), ...children);
  return element;
};

const address = (name, more) => {
  const query = new URLSearchParams(data.query);
  for (const [key, value] of Object.entries(more)) query.set(key, value);
  return `${data.addresses[name]}?${query}`;
};

// What the address says beside the criteria, so that a link opens the same frame again.
const state = () => ({
  frame: film.frame < data.days.length - 1 ? data.days[film.frame].iso : "",
  size: scene.size === "potential" ? "" : scene.size,
  trails: scene.trails ? "1" : "",
  speed: film.speed === 1 ? "" : String(film.speed),
  picks: [...scene.picks].join(","),
});

const remember = () => {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(state())) value ? query.set(name, value) : query.delete(name);
  const text = decodeURIComponent(query.toString()) === query.toString().replaceAll("%2C", ",") ? query.toString().replaceAll("%2C", ",") : query.toString();
  history.replaceState(null, "", text ? `?${text}` : location.pathname);
  for (const link of document.querySelectorAll("[data-copy]")) link.dataset.copy = location.href;
};

const recall = () => {
  const query = new URLSearchParams(location.search), known = new Set(items.map(({ id }) => id));
  const day = query.get("frame"), frame = day ? data.days.findIndex(({ iso }) => iso >= day) : -1;
  film.time = frame < 0 ? data.days.length - 1 : frame;
  scene.size = ["weighted", "equal"].includes(query.get("size")) ? query.get("size") : "potential";
  scene.trails = query.get("trails") === "1";
  film.speed = SPEEDS.includes(Number(query.get("speed"))) ? Number(query.get("speed")) : 1;
  if (!data.is_aggregated) scene.picks = new Set((query.get("picks") ?? "").split(",").map(Number).filter((id) => known.has(id)));
  find("size").value = scene.size;
  find("speed").value = String(film.speed);
  if (find("trails")) find("trails").checked = scene.trails;
};

// The sparkline of the open potential: the slider lies upon it.
const drawTrack = () => {
  const highest = Math.max(...totals, 1), last = Math.max(totals.length - 1, 1);
  const points = totals.map((total, frame) => `${((100 * frame) / last).toFixed(2)},${(30 - (28 * total) / highest).toFixed(2)}`);
  find("track").setAttribute("d", `M0,30 L${points.join(" L")} L100,30 Z`);
};

const tell = () => {
  const frame = film.frame, count = data.figures.reduce((sum, cells) => sum + cells[frame][0], 0);
  const numbers = new Map();
  for (const { kind } of data.happened?.[frame] ?? []) numbers.set(kind, (numbers.get(kind) ?? 0) + 1);
  const happened = [...numbers].map(([kind, number]) => `${words[camel(kind)]}: ${number}`);
  find("said").textContent = [filled(words.summary, { day: data.days[frame].words, count, potential: money(totals[frame]) }), ...happened].join(" ");
};

const camel = (kind) => kind.replace(/-(\w)/g, (_all, letter) => letter.toUpperCase());

const show = (time) => {
  scene.draw(time);
  const frame = film.frame, isResting = !film.isPlaying && film.target === null;
  if (player.dataset.at !== String(frame) || player.dataset.resting !== String(isResting)) Object.assign(player.dataset, { at: frame, resting: isResting });
  if (find("slider").valueAsNumber !== frame) find("slider").value = frame;
  if (frame !== shownFrame && (isResting || performance.now() - shownAt > READING)) {
    shownFrame = frame;
    shownAt = performance.now();
    showFigures(frame);
    showHappened(frame);
    find("slider").setAttribute("aria-valuetext", data.days[frame].words);
    for (const place of document.querySelectorAll("[data-day]")) place.textContent = data.days[frame].words;
  }
  showButtons();
  if (isResting) {
    remember();
    tell();
  }
};

const showButtons = () => {
  for (const [name, direction] of [["play", 1], ["reverse", -1]]) {
    const isOn = film.isPlaying && film.direction === direction;
    const button = find(name);
    if (button.getAttribute("aria-pressed") === String(isOn)) continue;
    button.setAttribute("aria-pressed", isOn);
    button.title = isOn ? words.pause : words[name];
    button.setAttribute("aria-label", button.title);
  }
};

const showFigures = (frame) => {
  const iso = data.days[frame].iso, sums = [0, 0, 0];
  data.figures.forEach((cells, place) => {
    const cell = cells[frame], row = rows[place];
    cell.forEach((value, number) => (sums[number] += value));
    row.count.textContent = whole.format(cell[0]);
    row.count.href = address("opportunities", { as_of: iso, status: "open", stage: data.bands[place].id });
    row.potential.textContent = money(cell[1]);
    row.weighted.textContent = money(cell[2]);
  });
  const total = rows.at(-1), cents = (value) => Math.round(value * 100) / 100;
  total.count.textContent = whole.format(sums[0]);
  total.count.href = address("opportunities", { as_of: iso, status: "open" });
  total.potential.textContent = money(cents(sums[1]));
  total.weighted.textContent = money(cents(sums[2]));
  for (const word of ["won", "lost"]) {
    const [count, potential] = data.closed[word][frame];
    find(`closed-${word}`).textContent = `${whole.format(count)} · ${money(potential)}`;
  }
  find("funnel").href = address("pipeline", { as_of: iso });
};

const figureRow = (name, shade, isTotal) => {
  const row = { count: made("a"), potential: made("span"), weighted: made("span") };
  const cell = (key) => made("td", { className: "num" }, [row[key]]);
  for (const key of ["count", "potential", "weighted"]) row[key].dataset.figure = key;
  const head = made("th", { scope: "row" }, [...(isTotal ? [] : [made("i", { className: `band-mark ${shade}` })]), name]);
  find(isTotal ? "figures-total" : "figures").append(made("tr", {}, [head, cell("count"), cell("potential"), cell("weighted")]));
  return row;
};
const rows = data.bands.map(({ name, pipeline, colour }) => figureRow(pipeline ? `${pipeline}: ${name}` : name, `mark${colour.slice(1)}`, false));
rows.push(figureRow(words.total, "", true));

const ORDER = ["won", "lost", "new", "reopened", "moved-in", "moved", "grown", "shrunk", "moved-out"];
const amountOf = ({ before, after }) => Math.abs((after?.[1] ?? before[1]) - (before && after && before[0] === after[0] ? before[1] : 0));

const showHappened = (frame) => {
  const list = find("happened");
  const lines = data.is_aggregated ? sumLines(frame) : dealLines(frame);
  const [shown, rest] = [lines.slice(0, MOST_LINES), lines.length - MOST_LINES];
  if (!lines.length) shown.push(made("li", { className: "text-secondary", text: frame ? words.nothing : words.first }));
  if (rest > 0) shown.push(made("li", { className: "text-secondary", text: filled(words.more, { number: rest }) }));
  list.replaceChildren(...shown);
  find("bridge").hidden = !frame;
  if (frame) find("bridge").href = address("bridge", { from: data.days[frame - 1].iso, as_of: data.days[frame].iso });
};

const dealLines = (frame) =>
  data.happened[frame]
    .toSorted((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind) || amountOf(other) - amountOf(one))
    .map((one) => dealLine(one, data.deals[one.deal]));

const dealLine = ({ kind, before, after }, deal) => {
  const name = deal.href ? made("a", { text: deal.name, href: deal.href }) : made("span", { text: deal.name });
  const stage = (edge) => data.bands[edge[0]]?.name ?? "";
  const more = {
    moved: () => `${stage(before)} → ${stage(after)}`,
    grown: () => `${words.short(before[1])} → ${words.short(after[1])}`,
    shrunk: () => `${words.short(before[1])} → ${words.short(after[1])}`,
  }[kind]?.() ?? [stage(after ?? before), words.short((after ?? before)[1])].filter(Boolean).join(" · ");
  return made("li", {}, [made("span", { className: `happened-kind is-${kind}`, text: words[camel(kind)] }), name, made("span", { className: "text-secondary", text: more })]);
};

const sumLines = (frame) => {
  if (!frame) return [];
  const change = (cells) => cells[frame].map((value, place) => value - cells[frame - 1][place]);
  const line = (kind, name, [count, potential]) =>
    made("li", {}, [made("span", { className: `happened-kind is-${kind}`, text: name }), made("span", { className: "text-secondary", text: `${count > 0 ? "+" : ""}${whole.format(count)} · ${words.short(potential)}` })]);
  const closed = ["won", "lost"].map((word) => [word, words[word], change(data.closed[word])]);
  const bands = data.figures.map((cells, place) => ["moved", data.bands[place].name, change(cells)]);
  return [...closed, ...bands].filter(([, , [count, potential]]) => count || potential).map((one) => line(...one));
};

const showLegend = () => {
  const own = data.values.slice(0, 8);
  find("legend").replaceChildren(
    ...own.map((name, value) => made("li", {}, [made("i", { className: `swatch swatch-${colourOf(value, data.values)}` }), data.values.length > 8 && value === 7 ? words.others : name])),
  );
};

// Deals picked: shown with their names, the others grey.
const pick = (id) => {
  scene.picks.has(id) ? scene.picks.delete(id) : scene.picks.add(id);
  showPicks();
  refresh();
};

const showPicks = () => {
  const picked = items.filter(({ id }) => scene.picks.has(id));
  find("picked").replaceChildren(
    ...picked.map(({ id, name, href }) => {
      const remove = made("button", { type: "button", className: "btn-close", ariaLabel: filled(words.unpick, { name }) });
      remove.addEventListener("click", () => pick(id));
      return made("li", {}, [href ? made("a", { text: name, href }) : name, remove]);
    }),
  );
  find("clear").hidden = !picked.length;
};

const search = () => {
  const text = find("search").value.trim().toLocaleLowerCase(language);
  const found = text ? items.filter(({ id, name }) => !scene.picks.has(id) && name.toLocaleLowerCase(language).includes(text)).slice(0, MOST_FOUND) : [];
  find("found").replaceChildren(
    ...found.map(({ id, name }) => {
      const button = made("button", { type: "button", className: "player-find", text: name });
      button.addEventListener("click", () => {
        find("search").value = "";
        search();
        pick(id);
        find("search").focus();
      });
      return made("li", {}, [button]);
    }),
  );
};

const refresh = () => film.run();

const bubbleAt = (event) => {
  const box = scene.canvas.getBoundingClientRect();
  return [scene.at(event.clientX - box.left, event.clientY - box.top), event.clientX - box.left, event.clientY - box.top];
};

const hint = (event) => {
  const tip = find("tip"), [bubble, x, y] = bubbleAt(event);
  tip.hidden = !bubble;
  scene.canvas.classList.toggle("is-over", Boolean(bubble));
  if (!bubble) return;
  const { span } = bubble, { item } = span;
  const lines = [item.name, data.bands[span.band]?.name ?? words[span.status], money(span.potential), data.is_aggregated ? `× ${whole.format(span.count)}` : data.values[span.value]];
  tip.replaceChildren(...lines.map((text, place) => made(place ? "span" : "strong", { text })));
  tip.style.left = `${Math.min(Math.max(x + 14, 0), scene.width - tip.offsetWidth - 4)}px`;
  tip.style.top = `${y + 16 + tip.offsetHeight > scene.height ? y - tip.offsetHeight - 10 : y + 16}px`;
};

const choose = (event) => {
  const [bubble] = bubbleAt(event);
  if (!bubble) return;
  const { span } = bubble;
  if (!data.is_aggregated) return pick(span.item.id);
  const more = { as_of: data.days[film.frame].iso, status: span.status, [data.criterion]: data.keys[span.value] };
  location.assign(address("opportunities", span.status === "open" ? { ...more, stage: data.bands[span.band].id } : more));
};

const save = () => {
  scene.picture().toBlob((content) => {
    const link = made("a", { href: URL.createObjectURL(content), download: `${player.dataset.name}-${data.days[film.frame].iso}.png` });
    link.click();
    URL.revokeObjectURL(link.href);
  });
};

const setSpeed = (speed) => {
  film.speed = speed;
  find("speed").value = String(speed);
  if (!film.isPlaying) refresh();
};
const faster = (by) => setSpeed(SPEEDS[Math.min(Math.max(SPEEDS.indexOf(film.speed) + by, 0), SPEEDS.length - 1)]);

const keys = {
  " ": () => film.play(film.direction),
  ArrowRight: () => film.step(1),
  ArrowLeft: () => film.step(-1),
  Home: () => film.go(0),
  End: () => film.go(film.last),
  "+": () => faster(1),
  "=": () => faster(1),
  "-": () => faster(-1),
};

const press = (event) => {
  const { target, key } = event;
  if (!keys[key] || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (target.closest("input:not([type=range]), textarea, select, [contenteditable]")) return;
  if (key === " " && target.closest("button, a, summary")) return;
  event.preventDefault();
  keys[key]();
};

const listen = () => {
  const onClick = { play: () => film.play(1), reverse: () => film.play(-1), back: () => film.step(-1), forward: () => film.step(1), clear: () => [...scene.picks].forEach(pick) };
  for (const [name, act] of Object.entries(onClick)) find(name).addEventListener("click", act);
  find("slider").addEventListener("input", ({ target }) => {
    film.isPlaying = false;
    film.target = null;
    film.time = Number(target.value);
    film.run();
  });
  find("speed").addEventListener("change", ({ target }) => setSpeed(Number(target.value)));
  find("size").addEventListener("change", ({ target }) => {
    scene.size = target.value;
    scene.measure();
    refresh();
  });
  find("trails")?.addEventListener("change", ({ target }) => {
    scene.trails = target.checked;
    refresh();
  });
  find("search")?.addEventListener("input", search);
  scene.canvas.addEventListener("pointermove", hint);
  scene.canvas.addEventListener("pointerleave", () => (find("tip").hidden = true));
  scene.canvas.addEventListener("click", choose);
  document.addEventListener("keydown", press);
  for (const button of document.querySelectorAll("[data-chart-save]")) {
    button.hidden = false;
    button.addEventListener("click", save);
  }
  // Other criteria keep the frame, the size and the picks.
  document.addEventListener("submit", ({ target }) => {
    if (!target.matches("[data-criteria]")) return;
    for (const [name, value] of Object.entries(state())) {
      const field = target.querySelector(`input[type="hidden"][name="${name}"]`) ?? target.appendChild(made("input", { type: "hidden", name }));
      Object.assign(field, { value, disabled: !value });
    }
  }, { capture: true });
};

const watch = () => {
  let width = 0;
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width === width) return;
    width = contentRect.width;
    scene.layOut();
    refresh();
  }).observe(scene.canvas.parentElement);
  new MutationObserver(() => {
    scene.dress();
    refresh();
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
};

for (const part of document.querySelectorAll("[data-player], [data-frame]")) part.hidden = false;
find("every-frame").open = false;
find("slider").max = data.days.length - 1;
recall();
drawTrack();
showLegend();
showPicks();
listen();
watch();
