// Fields that say the same in two ways follow each other; a chosen partner fills what is still empty.
const place = document.querySelector("[data-opportunity-form]");
const form = place.closest("form");
const field = (name) => form.elements[name];
const number = (text) => Number(text.replace(",", "."));
const DAY = 86400000;

const dayOf = (text) => (text ? new Date(`${text}T00:00:00Z`) : null);
const textOf = (date) => date.toISOString().slice(0, 10);

// A month's end stays within its month, as on the server.
const later = (from, count, unit) => {
  if (unit !== "M") return new Date(from.getTime() + count * DAY * (unit === "W" ? 7 : 1));
  const first = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + count, 1));
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(from.getUTCDate(), last));
  return first;
};

const between = (from, to, unit) => {
  if (unit !== "M") return Math.floor((to - from) / DAY / (unit === "W" ? 7 : 1));
  let months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  if (later(from, months, "M") > to) months -= 1;
  return months;
};

const dayFromNumber = () => {
  const from = dayOf(field("opened_on").value);
  if (from && field("closes_in").value) field("predicted_close_on").value = textOf(later(from, Number(field("closes_in").value), field("closes_unit").value));
};

const numberFromDay = () => {
  const [from, to] = [dayOf(field("opened_on").value), dayOf(field("predicted_close_on").value)];
  if (from && to && to >= from) field("closes_in").value = between(from, to, field("closes_unit").value);
};

const totalFromPercent = () => {
  const [amount, percent] = [number(field("potential").value), number(field("gross_profit_percent").value)];
  if (amount && field("gross_profit_percent").value) field("gross_profit_total").value = (Math.round(amount * percent) / 100).toFixed(2);
};

const percentFromTotal = () => {
  const [amount, total] = [number(field("potential").value), number(field("gross_profit_total").value)];
  if (amount && field("gross_profit_total").value) field("gross_profit_percent").value = (Math.round((total / amount) * 10000) / 100).toFixed(2);
};

const fill = (name, value) => {
  const select = field(name);
  if (!select || select.value) return;
  if (!select.tomselect) return select.add(new Option(value.text, value.value, true, true));
  select.tomselect.addOption(value);
  select.tomselect.setValue(value.value, true);
};

const fillFromPartner = async () => {
  const contact = field("contact");
  contact.tomselect?.clear(true);
  contact.tomselect?.clearOptions();
  if (!field("partner").value) return;
  const answer = await fetch(`${place.dataset.partnerValues}?partner=${encodeURIComponent(field("partner").value)}`);
  if (!answer.ok) return;
  for (const [name, value] of Object.entries(await answer.json())) fill(name, value);
};

const reactions = {
  closes_in: dayFromNumber, closes_unit: dayFromNumber, opened_on: dayFromNumber, predicted_close_on: numberFromDay,
  potential: totalFromPercent, gross_profit_percent: totalFromPercent, gross_profit_total: percentFromTotal, partner: fillFromPartner,
  stage: () => { field("percentage").value = field("stage").selectedOptions[0]?.dataset.percentage ?? ""; },
};

form.addEventListener("change", (event) => reactions[event.target.name]?.());
if (!field("predicted_close_on").value) dayFromNumber();
