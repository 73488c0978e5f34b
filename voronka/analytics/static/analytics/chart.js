// Draws the chart of a report from its JSON; a click on a part opens the deals behind it.
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const funnel = (options) => ({
  ...options,
  tooltip: { formatter: (item) => item.data.words },
  series: options.series.map((series) => ({
    ...series,
    label: { position: "inside", color: token("--s-ink"), formatter: (item) => item.data.words, overflow: "truncate", width: 240 },
    itemStyle: { borderWidth: 0 },
    data: series.data.map((item) => ({ ...item, itemStyle: { color: token(`--s${Math.min(Math.floor(item.percentage / 10), 9)}`) } })),
  })),
});

const tones = { good: "--v-good", bad: "--v-bad", accent: "--v-accent" };

const bars = (options) => ({
  tooltip: { trigger: "axis" },
  legend: { textStyle: { color: token("--v-ink") }, top: 0 },
  grid: { left: 8, right: 8, top: 40, bottom: 8, containLabel: true },
  xAxis: { type: "category", data: options.labels, axisLabel: { color: token("--v-ink-2") } },
  yAxis: { type: "value", axisLabel: { color: token("--v-ink-2") }, splitLine: { lineStyle: { color: token("--v-line") } } },
  series: options.series.map((series) => ({ ...series, itemStyle: { color: token(tones[series.tone]) } })),
});

for (const place of document.querySelectorAll("[data-chart]")) {
  const data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  if (data.kind === "bars") place.closest(".report-chart").classList.add("is-wide");
  const chart = echarts.init(place, null, { renderer: "canvas" });
  const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const draw = () => chart.setOption({ animation: !reduced, textStyle: { fontFamily: "inherit" }, ...(data.kind === "funnel" ? funnel(data) : bars(data)) }, true);
  draw();
  chart.on("click", (item) => {
    const link = item.data?.link || data.links?.[item.dataIndex];
    if (link) location.assign(link);
  });
  addEventListener("resize", () => chart.resize());
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  place.parentElement.querySelector("[data-chart-picture]")?.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = chart.getDataURL({ pixelRatio: 2, backgroundColor: token("--v-surface") });
    link.download = `${data.name}.png`;
    link.click();
  });
}
