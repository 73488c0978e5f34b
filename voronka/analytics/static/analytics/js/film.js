// The clock of the film: where it stands (a frame and the way to the next one), which way and how fast it runs.
const FRAME = 420; // milliseconds of a frame at normal speed
const STEP = 380; // of one step by hand
export const SPEEDS = [0.5, 1, 2, 4];

export class Film {
  constructor(frames, still, show) {
    Object.assign(this, { last: frames - 1, still, show, time: frames - 1, direction: 1, speed: 1, isPlaying: false, target: null, request: 0 });
  }

  get frame() {
    return Math.min(Math.max(Math.round(this.time), 0), this.last);
  }

  play(direction) {
    if (this.isPlaying && this.direction === direction) return this.pause();
    const isAtEnd = direction > 0 ? this.time >= this.last : this.time <= 0;
    Object.assign(this, { direction, isPlaying: true, target: null, time: isAtEnd ? (direction > 0 ? 0 : this.last) : this.time });
    this.run();
  }

  pause() {
    this.isPlaying = false;
    this.settle(this.direction > 0 ? Math.ceil(this.time - 0.001) : Math.floor(this.time + 0.001));
  }

  // To a frame: the next one is walked to, a farther one is shown at once.
  go(frame) {
    this.isPlaying = false;
    const wanted = Math.min(Math.max(frame, 0), this.last);
    if (Math.abs(wanted - this.time) > 1.01) this.time = wanted;
    this.settle(wanted);
  }

  step(by) {
    this.go((this.target ?? this.frame) + by);
  }

  settle(frame) {
    if (this.still) this.time = frame;
    this.target = frame;
    this.run();
  }

  run() {
    if (this.request) return;
    this.before = performance.now();
    this.request = requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    this.request = 0;
    const passed = Math.min(Math.max(now - this.before, 0), 100);
    this.before = now;
    if (this.isPlaying) this.move((this.direction * this.speed * passed) / FRAME);
    else if (this.target !== null) this.approach(passed / STEP);
    this.show(this.still ? this.frame : this.time);
    if (this.isPlaying || this.target !== null) this.request = requestAnimationFrame((next) => this.tick(next));
  }

  move(by) {
    this.time = Math.min(Math.max(this.time + by, 0), this.last);
    if (this.time === (this.direction > 0 ? this.last : 0)) this.isPlaying = false;
  }

  approach(by) {
    const rest = this.target - this.time;
    this.time = Math.abs(rest) <= by ? this.target : this.time + Math.sign(rest) * by;
    if (this.time === this.target) this.target = null;
  }
}
