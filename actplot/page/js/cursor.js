/** The point that is read: where the pointer is, or where it was pinned. */

import { snapped } from './pointer.js';

/**
 * @typedef {import("./plot.js").Panel} Panel
 * @typedef {import("./pointer.js").Point} Point
 * @typedef {{x: number, kind: import("./reading.js").Kind, part: import("./sampling.js").Part, nearest: number}} Spot
 *   `nearest` is the place of the curve in hand, `part` the one whose extremum it is.
 */

export class Cursor {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    /** @type {Spot | null} */
    this.spot = null;
  }

  /** What is read now; nothing where it is out of sight. */
  get shown() {
    const { spot } = this;
    const [low, high] = this.app.state.range;
    if (!spot || spot.x < low || spot.x > high || !this.app.drawn[spot.nearest]) return null;
    return spot;
  }

  /**
   * Follows the pointer, unless a point is pinned.
   * @param {Panel} panel
   * @param {Point} at
   * @param {number} near Pixels within which it snaps.
   */
  follow(panel, at, near) {
    if (this.app.state.pinned !== null) return;
    this.spot = snapped(this.app, panel, at, near);
    this.app.refresh('cursor');
  }

  /**
   * Pins the point under the pointer, or lets go of the pinned one.
   * @param {Panel} panel
   * @param {Point} at
   * @param {number} near
   * @param {boolean} [isMoved] Whether the pinned point is dragged.
   */
  pinAt(panel, at, near, isMoved = false) {
    const { app } = this;
    const before = this.shown;
    const isAway =
      before !== null && Math.abs(before.x * panel.frame.across.scale + panel.frame.across.offset - at.x) > 3 * near;
    // A click far from the pinned point means another point; one close to it lets go.
    if (app.state.pinned !== null && !isMoved && !isAway) {
      app.update({ pinned: null }, 'cursor');
      return;
    }
    this.spot = snapped(app, panel, at, near);
    app.update({ pinned: this.spot.x }, 'cursor');
    app.status.offer();
  }

  /** Pins the point that is read, or lets go. */
  toggle() {
    const { app } = this;
    if (app.state.pinned !== null) app.update({ pinned: null }, 'cursor');
    else if (this.shown) app.update({ pinned: this.shown.x }, 'cursor');
  }

  /**
   * Reads nothing any more, unless a point is pinned.
   * @param {boolean} [isFinal] Whether the pinned point goes, too.
   */
  leave(isFinal = false) {
    const { app } = this;
    if (app.state.pinned !== null && !isFinal) return;
    this.spot = null;
    if (app.state.pinned !== null) app.update({ pinned: null }, 'cursor');
    else app.refresh('cursor');
  }

  /**
   * Goes to a point; a pinned one comes along.
   * @param {number} x
   */
  moveTo(x) {
    const { app } = this;
    const nearest =
      this.spot?.nearest ??
      Math.max(
        0,
        app.drawn.findIndex((each) => !each.isHidden),
      );
    this.spot = { x, kind: '', part: 'y', nearest, ...(this.kindAt(x, nearest) ?? {}) };
    if (app.state.pinned !== null) app.update({ pinned: x }, 'cursor');
    else app.refresh('cursor');
  }

  /**
   * Break at exactly x, if there is one.
   * @param {number} x
   * @param {number} nearest
   */
  kindAt(x, nearest) {
    const found = this.app.drawn[nearest]?.landmarks.near(x, 0, -1);
    return found ? { kind: found.kind } : null;
  }

  /**
   * Goes to a break or an extremum and pins it.
   * @param {import("./reading.js").Place} place
   * @param {number} nearest
   */
  goTo(place, nearest) {
    this.spot = { ...place, nearest };
    this.app.update({ pinned: place.x }, 'cursor');
  }

  /**
   * Takes another curve in hand.
   * @param {number} direction
   */
  next(direction) {
    const { app } = this;
    const visible = app.drawn
      .map((each, place) => ({ each, place }))
      .filter(({ each }) => !each.isHidden)
      .map(({ place }) => place);
    if (!this.spot || !visible.length) return;
    const at = visible.indexOf(this.spot.nearest);
    this.spot = { ...this.spot, kind: '', nearest: visible[(at + direction + visible.length) % visible.length] };
    app.refresh('cursor');
    app.status.offer();
  }

  /** Parameters have moved: what was an extremum is none. */
  loosen() {
    if (this.spot) this.spot = { ...this.spot, ...(this.kindAt(this.spot.x, this.spot.nearest) ?? { kind: '' }) };
  }
}
