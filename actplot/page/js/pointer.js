/** What mouse, fingers and keys do in the panels: read, pin, zoom, pan, step. */

import { rounded } from './numbers.js';
import { PARTS } from './sampling.js';
import { pixelOf, valueAt } from './panel.js';
import { read } from './reading.js';
import { checkedRange } from './state.js';

/**
 * @typedef {import("./app.js").App} App
 * @typedef {import("./plot.js").Panel} Panel
 * @typedef {{x: number, y: number}} Point
 */

// Pixels within which a pointer snaps to a break or an extremum, and a finger, which is wider.
const NEAR = 7;
const NEAR_FINGER = 18;
// Pixels that a hand may move while it clicks.
const STILL = 4;
// Steps across the range with the arrow keys.
const STEPS = 200;
const LEAPS = 20;

export class Pointer {
  /**
   * @param {App} app
   * @param {HTMLElement} element
   */
  constructor(app, element) {
    this.app = app;
    /** @type {Map<number, Point>} */
    this.held = new Map();
    /** @type {Panel | null} */
    this.panel = null;
    /** @type {Point | null} */
    this.start = null;
    this.isDragged = false;
    // Whether the line of a pinned reading is in hand.
    this.isScrubbing = false;
    element.addEventListener('pointerdown', (event) => this.down(event));
    element.addEventListener('pointermove', (event) => this.move(event));
    element.addEventListener('pointerup', (event) => this.up(event));
    element.addEventListener('pointercancel', (event) => this.cancel(event));
    element.addEventListener('pointerleave', () => app.cursor.leave());
    element.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    element.addEventListener('dblclick', (event) => this.app.plot.panelOf(event.target) && app.resetView());
    element.addEventListener('keydown', (event) => this.key(event));
  }

  /**
   * Pixels from the corner of a panel.
   * @param {Panel} panel
   * @param {MouseEvent} event
   * @returns {Point}
   */
  at(panel, event) {
    const box = panel.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** @param {PointerEvent} event */
  down(event) {
    const panel = this.app.plot.panelOf(event.target);
    if (!panel || (event.pointerType === 'mouse' && event.button !== 0)) return;
    this.panel = this.held.size ? this.panel : panel;
    if (!this.panel) return;
    this.held.set(event.pointerId, this.at(this.panel, event));
    this.start = this.at(this.panel, event);
    this.isDragged = this.held.size > 1;
    const { pinned } = this.app.state;
    const reach = event.pointerType === 'touch' ? NEAR_FINGER : NEAR;
    this.isScrubbing =
      this.held.size === 1 &&
      pinned !== null &&
      Math.abs(pixelOf(this.panel.frame.across, pinned) - this.start.x) < reach;
    panel.element.setPointerCapture?.(event.pointerId);
  }

  /** @param {PointerEvent} event */
  move(event) {
    const before = this.held.get(event.pointerId);
    if (!before || !this.panel) {
      const panel = this.app.plot.panelOf(event.target);
      if (panel && event.pointerType !== 'touch') this.app.cursor.follow(panel, this.at(panel, event), NEAR);
      return;
    }
    const now = this.at(this.panel, event);
    if (!this.isDragged && this.start && Math.hypot(now.x - this.start.x, now.y - this.start.y) < STILL) return;
    if (!this.isDragged) this.panel.element.classList.add('dragged');
    this.isDragged = true;
    const others = [...this.held].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    this.held.set(event.pointerId, now);
    if (this.isScrubbing) this.app.cursor.pinAt(this.panel, now, NEAR, true);
    else if (others.length) pinch(this.app, this.panel, others[0], before, now);
    else pan(this.app, this.panel, now.x - before.x, now.y - before.y);
  }

  /** @param {PointerEvent} event */
  up(event) {
    const wasHeld = this.held.delete(event.pointerId);
    if (!wasHeld || !this.panel) return;
    if (!this.isDragged)
      this.app.cursor.pinAt(this.panel, this.at(this.panel, event), event.pointerType === 'touch' ? NEAR_FINGER : NEAR);
    if (!this.held.size) this.release();
  }

  /** @param {PointerEvent} event */
  cancel(event) {
    this.held.delete(event.pointerId);
    if (!this.held.size) this.release();
  }

  release() {
    this.panel?.element.classList.remove('dragged');
    this.panel = null;
    this.isDragged = false;
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    const panel = this.app.plot.panelOf(event.target);
    if (!panel) return;
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 30 : event.deltaMode === 2 ? 300 : 1;
    const turned = (event.deltaY || event.deltaX) * unit;
    const factor = Math.exp(Math.max(-1, Math.min(1, turned * 0.0015)));
    zoom(this.app, panel, this.at(panel, event), factor, event.shiftKey ? 1 : factor);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { app } = this;
    const panel = app.plot.panelOf(event.target);
    if (!panel || event.ctrlKey || event.metaKey || event.altKey) return;
    const { inner } = panel.frame;
    const middle = { x: inner.x + inner.width / 2, y: inner.y + inner.height / 2 };
    const steps = event.shiftKey ? LEAPS : STEPS;
    /** @type {Object<string, () => void>} */
    const answers = {
      ArrowLeft: () => step(app, -1, steps),
      ArrowRight: () => step(app, 1, steps),
      ArrowUp: () => app.cursor.next(-1),
      ArrowDown: () => app.cursor.next(1),
      Home: () => app.cursor.moveTo(app.state.range[0]),
      End: () => app.cursor.moveTo(app.state.range[1]),
      Enter: () => app.cursor.toggle(),
      ' ': () => app.cursor.toggle(),
      Escape: () => app.cursor.leave(true),
      '+': () => zoom(app, panel, middle, 0.8, 0.8),
      '=': () => zoom(app, panel, middle, 0.8, 0.8),
      '-': () => zoom(app, panel, middle, 1.25, 1.25),
      0: () => app.resetView(),
      n: () => nextLandmark(app, panel, 1),
      N: () => nextLandmark(app, panel, -1),
      r: () => app.reset(),
      g: () => app.toggleGrid(),
    };
    const answer = answers[event.key];
    if (!answer) return;
    event.preventDefault();
    answer();
  }
}

/**
 * Point that is meant: a break or an extremum that is near, else the place of the pointer with few digits.
 * @param {App} app
 * @param {Panel} panel
 * @param {Point} at
 * @param {number} near Pixels.
 */
export function snapped(app, panel, at, near) {
  const { frame } = panel;
  const pixel = Math.abs(1 / frame.across.scale);
  const place = valueAt(frame.across, at.x);
  const x = Math.min(app.state.range[1], Math.max(app.state.range[0], rounded(place, pixel)));
  let nearest = Math.max(
    0,
    app.drawn.findIndex((each) => !each.isHidden),
  );
  let order = panel.orders[0];
  let least = Infinity;
  app.drawn.forEach((each, index) => {
    if (each.isHidden) return;
    const values = read(each.model, each.parameters, each.curve, x, app.state.order);
    for (const candidate of panel.orders) {
      const distance = Math.abs(pixelOf(frame.up, values[candidate][2]) - at.y);
      if (distance < least) [least, nearest, order] = [distance, index, candidate];
    }
  });
  /** @type {import('./reading.js').Place | null} */
  let best = null;
  app.drawn.forEach((each, index) => {
    if (each.isHidden) return;
    const found = each.landmarks.near(place, near * pixel, index === nearest ? order : -1);
    if (found && (!best || Math.abs(found.x - place) < Math.abs(best.x - place))) best = found;
  });
  return { x, kind: /** @type {import("./reading.js").Kind} */ (''), part: PARTS[order], nearest, ...(best ?? {}) };
}

/**
 * Zooms about a point; panels whose height no hand has set find it themselves.
 * @param {App} app
 * @param {Panel} panel
 * @param {Point} at
 * @param {number} across Factor of the range.
 * @param {number} up Factor of the height; 1 leaves it as it is.
 */
export function zoom(app, panel, at, across, up) {
  const { frame } = panel;
  const [x, y] = [valueAt(frame.across, at.x), valueAt(frame.up, at.y)];
  const range = frame.range.map((end) => x + (end - x) * across);
  const limits = frame.limits.map((end) => y + (end - y) * up);
  look(app, panel, range, up === 1 ? null : limits);
}

/**
 * Moves the view by pixels.
 * @param {App} app
 * @param {Panel} panel
 * @param {number} across
 * @param {number} down
 */
export function pan(app, panel, across, down) {
  const { frame } = panel;
  const range = frame.range.map((end) => end - across / frame.across.scale);
  const limits = frame.limits.map((end) => end - down / frame.up.scale);
  look(app, panel, range, down ? limits : null);
}

/**
 * Zooms and moves the view so that what was under two fingers stays there.
 * @param {App} app
 * @param {Panel} panel
 * @param {Point} still
 * @param {Point} before
 * @param {Point} now
 */
function pinch(app, panel, still, before, now) {
  const factor = (/** @type {number} */ from, /** @type {number} */ to) =>
    Math.abs(from) < 24 || Math.abs(to) < 24 ? 1 : Math.min(2, Math.max(0.5, Math.abs(from / to)));
  zoom(app, panel, still, factor(before.x - still.x, now.x - still.x), factor(before.y - still.y, now.y - still.y));
}

/**
 * @param {App} app
 * @param {Panel} panel
 * @param {number[]} range
 * @param {number[] | null} limits
 */
function look(app, panel, range, limits) {
  try {
    const checked = checkedRange(range);
    if (
      limits &&
      Number.isFinite(limits[0]) &&
      limits[1] - limits[0] > 1e-12 * Math.max(...limits.map(Math.abs)) &&
      Math.max(...limits.map(Math.abs)) < 1e300
    ) {
      panel.chosen = [limits[0], limits[1]];
    }
    app.update({ range: checked }, 'view');
  } catch {
    // as far as numbers go
  }
}

/**
 * Goes along the curve with the arrow keys, and stops at breaks.
 * @param {App} app
 * @param {number} direction
 * @param {number} steps Across the range.
 */
function step(app, direction, steps) {
  const [low, high] = app.state.range;
  const grain = (high - low) / steps;
  const before = app.cursor.spot?.x ?? (low + high) / 2;
  const after = Math.min(high, Math.max(low, rounded(before + direction * grain, grain / 2)));
  const between = app.drawn
    .filter((each) => !each.isHidden)
    .flatMap((each) => each.curve.breaks.map((at) => at.x))
    .filter((x) => 0 < direction * (x - before) && direction * (x - before) <= direction * (after - before));
  app.cursor.moveTo(
    between.length ? between.reduce((a, b) => (Math.abs(b - before) < Math.abs(a - before) ? b : a)) : after,
  );
}

/**
 * Goes to the next extremum or break of the curve in hand.
 * @param {App} app
 * @param {Panel} panel
 * @param {number} direction
 */
function nextLandmark(app, panel, direction) {
  const each = app.drawn[app.cursor.spot?.nearest ?? 0];
  const before = app.cursor.spot?.x ?? -Infinity * direction;
  const places = each.landmarks
    .all(Math.max(...panel.orders), 50)
    .filter((place) => direction * (place.x - before) > 0);
  const place = direction > 0 ? places[0] : places[places.length - 1];
  if (place) app.cursor.goTo(place, app.cursor.spot?.nearest ?? 0);
}
