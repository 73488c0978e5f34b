// Draws the pictures of a page from the options its server wrote; words, addresses and figures all come from there.
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const language = document.documentElement.lang;
const compact = new Intl.NumberFormat(language, { notation: "compact" });
const full = new Intl.NumberFormat(language);
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

// "--token" becomes a colour of the theme, "compact" and "full" become formatters of the reader's language.
const alive = (value, key) => {
  if (Array.isArray(value)) return value.map((one) => alive(one));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, alive(one, name)]));
  if (typeof value === "string" && value.startsWith("--")) return token(value);
  if (key === "formatter" && value === "compact") return (number) => compact.format(number);
  if (key === "valueFormatter" && value === "full") return (number) => full.format(number ?? 0);
  return value;
};

const themed = (options) => {
  const axis = (one) => one && { ...one, axisLabel: { color: token("--v-ink-2"), ...one.axisLabel }, axisLine: { lineStyle: { color: token("--v-line") } } };
  const tooltip = { ...options.tooltip, backgroundColor: token("--v-surface"), borderColor: token("--v-line"), textStyle: { color: token("--v-ink") } };
  const axes = options.xAxis ? { xAxis: axis(options.xAxis), yAxis: axis(options.yAxis) } : {};
  return { ...options, ...axes, tooltip, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily }, animation: !still };
};

// On a narrow page few upright bars lie down, so that their words and figures do not stand on each other.
const NARROW = 480, FEW = 12;
const lying = (options) => {
  const { xAxis, yAxis, series, grid } = options;
  if (!xAxis || options.dataZoom || series.some((one) => one.type !== "bar")) return options;
  const sparse = (axis) => ({ ...axis, splitNumber: 2, axisLabel: { ...axis.axisLabel, hideOverlap: true } });
  if (xAxis.type === "value") return { ...options, xAxis: sparse(xAxis) };
  if (xAxis.data.length > FEW) return options;
  const names = { ...xAxis, inverse: true, axisLabel: { interval: 0, width: 100, overflow: "break", lineHeight: 13 } };
  const aside = (one) => (one.label ? { ...one, label: { ...one.label, position: "right" } } : one);
  const room = series.some((one) => one.label) ? 72 : grid.right;
  return { ...options, xAxis: sparse(yAxis), yAxis: names, series: series.map(aside), grid: { ...grid, right: room } };
};

const save = (chart, name) => {
  const link = document.createElement("a");
  link.href = chart.getDataURL({ pixelRatio: 2, backgroundColor: token("--v-surface") });
  link.download = `${name}.png`;
  link.click();
};

const start = (place) => {
  place.dataset.drawn = "yes";
  const options = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  place.closest("[data-chart-card]").hidden = false;
  const chart = window.echarts.init(place, null, { renderer: "canvas" });
  const isNarrow = () => place.clientWidth < NARROW;
  let drawn;
  const draw = () => {
    drawn = isNarrow();
    chart.setOption(themed(alive(drawn ? lying(options) : options)), true);
  };
  draw();
  chart.on("click", ({ data }) => data?.href && location.assign(data.href));
  new ResizeObserver(() => {
    chart.resize();
    if (drawn !== isNarrow()) draw();
  }).observe(place);
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  for (const button of document.querySelectorAll("[data-chart-save]")) {
    button.hidden = false;
    button.addEventListener("click", () => save(chart, place.dataset.name));
  }
};

document.querySelectorAll("[data-chart]").forEach(start);
// Tiles of the home page come later.
document.addEventListener("htmx:load", ({ detail }) => detail.elt.querySelectorAll?.("[data-chart]").forEach((place) => place.dataset.drawn || start(place)));
