// Draws the pipeline at a moment of the film on a canvas: bands, bubbles on their way, trails, names of those picked.
import { pack, radius } from "./packing.js";
import { pairsOf, seenIn, sizeOf } from "./frames.js";

const STRIP = 30; // where closed deals pass: won ones on top, lost ones at the bottom
const LINE = 15;
const HEAD = 4.6 * LINE; // two lines of the name and two of figures of a band
const GROUP = 20; // the name of a pipeline above its bands, where there are several
const SEAM = 4;
const NARROW = 620; // below this many pixels bands lie on each other, the last stage on top
const TRAIL = 8; // frames
const COLOURS = 8;

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const ease = (way) => (way < 0.5 ? 4 * way ** 3 : 1 - (-2 * way + 2) ** 3 / 2);
const between = (one, other, way) => one + (other - one) * way;

// Values beyond the colours share the last one.
export const colourOf = (value, values) => (values.length <= COLOURS ? value : Math.min(value, COLOURS - 1));

export class Scene {
  constructor(canvas, data, items, words) {
    Object.assign(this, { canvas, data, items, words, size: "potential", trails: false, picks: new Set(), drawn: [], frame: -1 });
    this.frames = data.days.length;
    this.seen = seenIn(items, this.frames);
    this.stays = items.flatMap((item) => item.stays);
    this.pen = canvas.getContext("2d", { alpha: false });
    this.ground = { canvas: document.createElement("canvas"), frame: -1 };
    this.dress();
  }

  // Colours of the theme; asked anew when it changes.
  dress() {
    this.ink = token("--v-ink");
    this.faint = token("--v-ink-2");
    this.surface = token("--v-surface");
    this.onBand = token("--s-ink");
    this.colours = Array.from({ length: COLOURS }, (_one, place) => token(`--c${place}`));
    this.shades = this.data.bands.map(({ colour }) => token(colour));
    this.good = token("--v-good");
    this.bad = token("--v-bad");
    this.font = getComputedStyle(document.body).fontFamily;
    this.ground.frame = -1;
  }

  // Bands and places for this width; bubbles are packed anew.
  layOut() {
    const { canvas, data } = this;
    const width = canvas.parentElement.clientWidth, ratio = Math.min(devicePixelRatio || 1, 2);
    this.isNarrow = width < NARROW;
    const height = this.isNarrow ? Math.max(420, data.bands.length * 92) + 2 * STRIP : Math.round(Math.min(Math.max(width * 0.5, 380), innerHeight * 0.62, 620));
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.height = `${height}px`;
    const hasGroups = data.bands.some(({ pipeline }) => pipeline) && !this.isNarrow;
    Object.assign(this, { width, height, ratio, group: hasGroups ? GROUP : 0 });
    this.measure();
  }

  measure() {
    for (const stay of this.stays) stay.size = 0;
    for (const { spans } of this.items) for (const span of spans) if (span.stay) span.stay.size = Math.max(span.stay.size, sizeOf(span, this.size));
    this.bands = this.isNarrow ? this.rows() : this.columns();
    this.scale = pack(this.stays, this.bands.map(({ inner }) => inner), this.frames);
    this.frame = this.ground.frame = -1;
    this.fits = new Map();
  }

  // Two thirds of the room are shared equally, one by what lies in a band at its fullest.
  shares(room) {
    const most = this.data.bands.map(() => 0);
    for (const spans of this.seen) {
      const now = most.map(() => 0);
      for (const span of spans) if (span.stay) now[span.band] += sizeOf(span, this.size);
      now.forEach((value, place) => (most[place] = Math.max(most[place], value)));
    }
    const sum = most.reduce((one, other) => one + other, 0);
    return most.map((own) => room * (2 / 3 / most.length + (sum ? own / sum : 1 / most.length) / 3));
  }

  columns() {
    let x = 0;
    const top = STRIP + this.group, height = this.height - 2 * STRIP - this.group;
    return this.shares(this.width - SEAM * (this.data.bands.length - 1)).map((width) => {
      const band = { x, y: top, width, height, inner: { x, y: top + HEAD, width, height: height - HEAD - SEAM } };
      x += width + SEAM;
      return band;
    });
  }

  rows() {
    let y = this.height - STRIP;
    const room = this.height - 2 * STRIP - SEAM * (this.data.bands.length - 1);
    return this.data.bands.map(() => {
      const height = room / this.data.bands.length, side = Math.min(116, this.width * 0.36);
      y -= height;
      const band = { x: 0, y, width: this.width, height, inner: { x: side, y: y + 2, width: this.width - side, height: height - 4 } };
      y -= SEAM;
      return band;
    });
  }

  // Where a bubble stands in a frame of its own.
  place(span) {
    const size = radius(sizeOf(span, this.size), this.scale);
    if (span.stay) return { x: span.stay.x, y: span.stay.y, r: size, shown: 1 };
    const x = span.before?.stay?.x ?? ((span.item.id * 97) % 1000) / 1000 * (this.width - 40) + 20;
    return { x, y: span.status === "won" ? STRIP / 2 : this.height - STRIP / 2, r: Math.min(size, STRIP * 0.45), shown: 1 };
  }

  // Between two frames: a new one grows, a moved one slides, a closed one goes out over the edge, one that left shrinks.
  way({ from, to }, way) {
    const before = from && this.place(from), after = to && this.place(to);
    if (before && after) return { x: between(before.x, after.x, way), y: between(before.y, after.y, way), r: between(before.r, after.r, way), shown: 1 };
    if (after) return { ...after, r: after.r * way };
    if (from.stay) return { ...before, r: before.r * (1 - way) };
    return { ...before, y: before.y + (from.status === "won" ? -1 : 1) * STRIP * way, shown: 1 - way };
  }

  draw(time) {
    if (!this.canvas.width || !this.canvas.height) return; // not laid out yet: it is drawn when it gets its size
    const frame = Math.min(Math.floor(time), this.frames - 1), way = ease(time - frame);
    if (frame !== this.frame) this.pairs = pairsOf(this.seen, (this.frame = frame));
    if (Math.round(time) !== this.ground.frame) this.drawGround((this.ground.frame = Math.round(time)));
    const { pen, ratio } = this;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.drawImage(this.ground.canvas, 0, 0);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.drawn = this.pairs.map((pair) => ({ ...this.way(pair, way), span: (way < 0.5 && pair.from) || pair.to || pair.from }));
    if (this.trails && !this.data.is_aggregated) this.drawTrails(frame);
    this.drawBubbles();
    this.drawNames();
  }

  // What stands still during a frame, on a canvas of its own: bands, their names and figures, the day.
  drawGround(frame) {
    const { pen, ratio } = this, { canvas } = this.ground;
    if (canvas.width !== this.canvas.width || canvas.height !== this.canvas.height) Object.assign(canvas, { width: this.canvas.width, height: this.canvas.height });
    this.pen = canvas.getContext("2d", { alpha: false });
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.pen.fillStyle = this.surface;
    this.pen.fillRect(0, 0, this.width, this.height);
    this.drawBands(frame);
    this.pen = pen;
  }

  drawBands(frame) {
    const { pen } = this;
    this.bands.forEach((band, place) => {
      pen.fillStyle = this.shades[place];
      pen.beginPath();
      pen.roundRect(band.x, band.y, band.width, band.height, 6);
      pen.fill();
      this.drawHead(band, place, frame);
    });
    if (this.group) this.drawGroups();
    const middle = STRIP / 2 + 5;
    for (const [word, y, colour] of [["won", middle, this.good], ["lost", this.height - STRIP + middle, this.bad]]) {
      const [count, potential] = this.data.closed[word][frame];
      this.write(`${this.words[word]}: ${count} · ${this.words.short(potential)}`, 8, y, { size: this.isNarrow ? 12 : 13, weight: 600, colour, room: this.width * 0.54 });
    }
    this.write(this.data.days[frame].words, this.width - 8, middle, { size: this.isNarrow ? 12 : 15, weight: 600, colour: this.ink, align: "right", room: this.width * 0.42 });
  }

  drawHead(band, place, frame) {
    const room = (this.isNarrow ? band.inner.x : band.width) - 14, [count, potential] = this.data.figures[place][frame];
    const { name, pipeline } = this.data.bands[place];
    const lines = this.lines(pipeline && this.isNarrow ? `${pipeline}: ${name}` : name, room);
    lines.forEach((text, line) => this.write(text, band.x + 8, band.y + (line + 1.1) * LINE, { weight: 600, room }));
    this.write(String(count), band.x + 8, band.y + (lines.length + 1.15) * LINE, { size: 12, room });
    this.write(this.words.short(potential), band.x + 8, band.y + (lines.length + 2.1) * LINE, { size: 12, room });
  }

  // A name in one line or two.
  lines(text, room) {
    this.pen.font = `600 13px ${this.font}`;
    const key = `lines ${text}`;
    if (!this.fits.has(key)) {
      const parts = text.split(" ");
      let cut = parts.length;
      while (cut > 1 && this.pen.measureText(parts.slice(0, cut).join(" ")).width > room) cut--;
      this.fits.set(key, [parts.slice(0, cut).join(" "), parts.slice(cut).join(" ")].filter(Boolean));
    }
    return this.fits.get(key);
  }

  // The name of each pipeline above its first band, over the width of all of them.
  drawGroups() {
    this.data.bands.forEach(({ pipeline }, place) => {
      if (this.data.bands[place - 1]?.pipeline === pipeline) return;
      const own = this.bands.filter((_band, other) => this.data.bands[other].pipeline === pipeline);
      this.write(pipeline, own[0].x + 8, STRIP + GROUP - 6, { weight: 600, colour: this.faint, room: own.at(-1).x + own.at(-1).width - own[0].x - 8 });
    });
  }

  write(text, x, y, { size = 13, weight = 400, colour = this.onBand, align = "left", room = Infinity }) {
    const { pen } = this;
    pen.font = `${weight} ${size}px ${this.font}`;
    pen.fillStyle = colour;
    pen.textAlign = align;
    pen.fillText(this.fitted(text, room), x, y);
  }

  // The text, shortened to its room; remembered, for measuring is slow.
  fitted(text, room) {
    const key = `${Math.round(room)} ${this.pen.font} ${text}`;
    if (!this.fits.has(key)) {
      let shown = text;
      while (shown.length > 1 && this.pen.measureText(shown).width > room) shown = `${shown.replace(/…$/, "").slice(0, -1).trimEnd()}…`;
      this.fits.set(key, shown);
    }
    return this.fits.get(key);
  }

  isGrey(item) {
    return this.picks.size > 0 && !this.picks.has(item.id);
  }

  shade(span) {
    return this.isGrey(span.item) ? this.faint : this.colours[colourOf(span.value, this.data.values)];
  }

  // One path for all bubbles of a colour; those that fade have a path each.
  drawBubbles() {
    const { pen } = this, paths = new Map();
    for (const bubble of this.drawn) {
      const colour = this.shade(bubble.span), opacity = (this.isGrey(bubble.span.item) ? 0.28 : 0.9) * bubble.shown;
      const key = `${colour} ${opacity}`;
      if (!paths.has(key)) paths.set(key, { colour, opacity, path: new Path2D() });
      const { path } = paths.get(key);
      path.moveTo(bubble.x + bubble.r, bubble.y);
      path.arc(bubble.x, bubble.y, Math.max(bubble.r, 0), 0, 2 * Math.PI);
    }
    pen.lineWidth = 1;
    pen.strokeStyle = this.surface;
    for (const { colour, opacity, path } of paths.values()) {
      pen.globalAlpha = opacity;
      pen.fillStyle = colour;
      pen.fill(path);
      pen.stroke(path);
    }
    pen.globalAlpha = 1;
  }

  // The places a bubble had in the last frames; of those picked, all of them.
  drawTrails(frame) {
    const { pen } = this;
    pen.lineWidth = 1.5;
    for (const { x, y, span } of this.drawn) {
      const isPicked = this.picks.has(span.item.id);
      if (this.isGrey(span.item)) continue;
      const past = span.item.stays.filter((stay) => stay.begins <= frame && (isPicked || stay.ends > frame - TRAIL));
      if (past.length < 2 && past[0] === span.stay) continue;
      pen.strokeStyle = this.shade(span);
      pen.globalAlpha = isPicked ? 0.9 : 0.4;
      pen.beginPath();
      for (const stay of past) pen.lineTo(stay.x, stay.y);
      pen.lineTo(x, y);
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  // Counts stand in the bubbles of sums, names beside those picked.
  drawNames() {
    const { pen } = this;
    for (const { x, y, r, span } of this.drawn) {
      if (this.data.is_aggregated && r > 11) this.write(String(span.count), x, y + 4, { size: 12, weight: 600, colour: this.surface, align: "center" });
      if (!this.picks.has(span.item.id) || !this.picks.size) continue;
      pen.lineWidth = 2;
      pen.strokeStyle = this.ink;
      pen.beginPath();
      pen.arc(x, y, r + 1.5, 0, 2 * Math.PI);
      pen.stroke();
      const isRight = x > this.width * 0.75, edge = isRight ? x - r - 5 : x + r + 5;
      pen.lineWidth = 3;
      pen.strokeStyle = this.surface;
      pen.font = `600 12px ${this.font}`;
      pen.textAlign = isRight ? "right" : "left";
      pen.strokeText(span.item.name.slice(0, 40), edge, y + 4);
      this.write(span.item.name.slice(0, 40), edge, y + 4, { size: 12, weight: 600, colour: this.ink, align: isRight ? "right" : "left" });
    }
  }

  // The topmost bubble at a point; small ones are easier to hit than they are large.
  at(x, y) {
    return this.drawn.findLast((bubble) => (bubble.x - x) ** 2 + (bubble.y - y) ** 2 <= Math.max(bubble.r, 6) ** 2);
  }

  // The picture with the day and the legend, for a file.
  picture() {
    const copy = document.createElement("canvas"), pen = copy.getContext("2d"), { ratio } = this;
    const names = this.data.values.slice(0, COLOURS).map((name, place) => (this.data.values.length > COLOURS && place === COLOURS - 1 ? this.words.others : name));
    copy.width = this.canvas.width;
    copy.height = this.canvas.height + Math.round(28 * ratio);
    pen.fillStyle = this.surface;
    pen.fillRect(0, 0, copy.width, copy.height);
    pen.drawImage(this.canvas, 0, 0);
    pen.setTransform(ratio, 0, 0, ratio, 0, this.canvas.height);
    pen.font = `12px ${this.font}`;
    let x = 8;
    names.forEach((name, place) => {
      pen.fillStyle = this.colours[place];
      pen.fillRect(x, 9, 10, 10);
      pen.fillStyle = this.ink;
      pen.fillText(name, x + 15, 18);
      x += pen.measureText(name).width + 32;
    });
    return copy;
  }
}
