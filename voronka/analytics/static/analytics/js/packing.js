// Places for bubbles within their bands: settled once for the whole film, so that a bubble stays where it is as long as it stays in its band.
const STEP = 4; // pixels between the points a bubble may stand on
const GAP = 1;
const FULL = 0.62; // of a band's area at its fullest moment; more is never found a place for
const SMALLEST = 2.2;

export const radius = (size, scale) => Math.max(SMALLEST, Math.sqrt(size / Math.PI) * scale);

// The points of a band, those nearest to its middle first; the distance is measured in the band's own proportions.
const pointsOf = ({ width, height }) => {
  const points = [];
  for (let y = STEP / 2; y < height; y += STEP) for (let x = STEP / 2; x < width; x += STEP) points.push({ x, y });
  const away = ({ x, y }) => ((x - width / 2) / width) ** 2 + ((y - height / 2) / height) ** 2;
  return points.sort((one, other) => away(one) - away(other) || one.y - other.y || one.x - other.x);
};

// The largest sum of sizes that lie in a band at one time.
const fullest = (stays, frames) => {
  const steps = new Float64Array(frames + 1);
  for (const { begins, ends, size } of stays) {
    steps[begins] += size;
    steps[ends] -= size;
  }
  let now = 0;
  return steps.reduce((most, step) => Math.max(most, (now += step)), 0);
};

// A grid of the band's points remembers for which stay it was last found taken.
const settle = (stays, band, points, scale) => {
  const columns = Math.ceil((band.width - STEP / 2) / STEP);
  const taken = new Int32Array(columns * Math.ceil((band.height - STEP / 2) / STEP)).fill(-1);
  const mark = (number, other, reach) => {
    const first = Math.max(0, Math.ceil((other.x - reach) / STEP - 0.5)), last = Math.min(columns - 1, Math.floor((other.x + reach) / STEP - 0.5));
    const top = Math.max(0, Math.ceil((other.y - reach) / STEP - 0.5)), bottom = Math.min(taken.length / columns - 1, Math.floor((other.y + reach) / STEP - 0.5));
    for (let row = top; row <= bottom; row++) {
      for (let column = first; column <= last; column++) {
        const dx = (column + 0.5) * STEP - other.x, dy = (row + 0.5) * STEP - other.y;
        if (dx * dx + dy * dy < reach * reach) taken[row * columns + column] = number;
      }
    }
  };
  const settled = [];
  return stays.every((stay, number) => {
    const own = radius(stay.size, scale);
    for (const other of settled) {
      if (other.stay.ends > stay.begins && other.stay.begins < stay.ends) mark(number, other, other.own + own + GAP);
    }
    const fits = ({ x, y }) =>
      x >= own && y >= own && x <= band.width - own && y <= band.height - own && taken[Math.floor(y / STEP) * columns + Math.floor(x / STEP)] !== number;
    const place = points.find(fits);
    if (!place) return false;
    settled.push({ stay, own, ...place });
    stay.x = band.x + place.x;
    stay.y = band.y + place.y;
    return true;
  });
};

// Gives every stay its x and y and returns the scale: the radius of a bubble is `radius(its size, scale)`. One scale for all bands, so that
// areas can be compared. A stay has `band`, `begins`, `ends` and `size`, its largest; a band has x, y, width and height.
export const pack = (stays, bands, frames) => {
  const order = (one, other) => other.size - one.size || one.begins - other.begins || one.id - other.id;
  const parts = bands.map((band, place) => ({ band, points: pointsOf(band), stays: stays.filter((stay) => stay.band === place).sort(order) }));
  let scale = Infinity;
  for (const { band, stays: own } of parts) {
    const sum = fullest(own, frames), largest = own.reduce((most, { size }) => Math.max(most, size), 0);
    if (sum) scale = Math.min(scale, Math.sqrt((FULL * band.width * band.height) / sum), (Math.min(band.width, band.height) / 2 - 1) / Math.sqrt(largest / Math.PI));
  }
  if (!Number.isFinite(scale)) return 0;
  for (let attempt = 0; attempt < 40; attempt++) {
    if (parts.every(({ band, points, stays: own }) => settle(own, band, points, scale))) return scale;
    scale *= 0.93;
  }
  for (const { band, stays: own } of parts) for (const stay of own) if (stay.x === undefined) Object.assign(stay, { x: band.x + band.width / 2, y: band.y + band.height / 2 });
  return scale;
};
