// What is seen in each frame, from the spans the server wrote: a span holds from frame `begins` to before frame `ends`.

// Consecutive open spans in one band are one stay: the bubble keeps its place through all of them.
const addStays = (item) => {
  item.stays = [];
  let before = null;
  for (const span of item.spans) {
    span.item = item;
    const follows = before && before.ends === span.begins && before.status === "open";
    if (span.status === "open") {
      if (follows && before.band === span.band) {
        span.stay = before.stay;
        span.stay.ends = span.ends;
      } else {
        span.stay = { id: item.id, band: span.band, begins: span.begins, ends: span.ends, size: 0 };
        item.stays.push(span.stay);
      }
      span.measured = span;
    } else span.measured = follows ? before : span;
    span.before = follows ? before : null;
    before = span;
  }
  return item;
};

const deals = (data) =>
  data.deals.map(({ id, name, href, spans }) =>
    addStays({ id, name, href, spans: spans.map(([band, status, begins, ends, potential, weighted, value]) => ({ band, status, begins, ends, potential, weighted, value, count: 1 })) }));

// Of thousands of deals, a bubble for each band and value, and for what was closed in a frame one that passes.
const sums = (data) => {
  const items = [];
  for (const [band, value, cells] of data.sums) {
    const spans = [];
    const before = [0, 0, 0];
    cells.forEach((cell, frame) => {
      const isOpen = typeof band === "number";
      const [count, potential, weighted] = isOpen ? cell : cell.map((number, place) => number - before[place]);
      cell.forEach((number, place) => (before[place] = number));
      if (count > 0 && (isOpen || frame)) spans.push({ band: isOpen ? band : -1, status: isOpen ? "open" : band, begins: frame, ends: frame + 1, potential, weighted: isOpen ? weighted : potential, value, count });
    });
    const name = data.values[value];
    if (typeof band === "number") items.push(addStays({ id: items.length, name, href: "", spans }));
    else for (const span of spans) items.push(addStays({ id: items.length, name, href: "", spans: [span] }));
  }
  return items;
};

export const itemsOf = (data) => (data.is_aggregated ? sums(data) : deals(data));

export const sizeOf = ({ measured }, by) => (by === "equal" ? measured.count : Math.max(0, measured[by]));

// By frame the spans that are seen in it; a closed one in the frame of its closing only.
export const seenIn = (items, frames) => {
  const seen = Array.from({ length: frames }, () => []);
  for (const { spans } of items) {
    for (const span of spans) {
      const last = span.status === "open" ? Math.min(span.ends, frames) : Math.min(span.begins + 1, frames);
      for (let frame = span.begins; frame < last; frame++) seen[frame].push(span);
    }
  }
  return seen;
};

// Pairs of what a bubble is in a frame and in the next one; null where it is not seen.
export const pairsOf = (seen, frame) => {
  const after = new Map((seen[frame + 1] ?? []).map((span) => [span.item, span]));
  const pairs = seen[frame].map((from) => {
    const to = after.get(from.item) ?? null;
    after.delete(from.item);
    return { from, to };
  });
  for (const to of after.values()) pairs.push({ from: null, to });
  return pairs;
};
