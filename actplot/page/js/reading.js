/** What curves say at a point, and the points near by that are worth stopping at: breaks and extrema. */

import { digits, rounded } from './numbers.js';
import { PARTS, isContinuous } from './sampling.js';

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./model.js").Break} Break
 * @typedef {import("./sampling.js").Curve} Curve
 * @typedef {import("./sampling.js").Part} Part
 * @typedef {[number, number, number]} Value Limit from the left, from the right, and the value itself.
 * @typedef {"kink" | "jump" | "pole" | "border" | "minimum" | "maximum" | ""} Kind
 * @typedef {{x: number, kind: Kind, part: Part}} Place
 */

/**
 * Values and derivatives of a curve at x: at a break the limits, and what torch returns there.
 * @param {Model} model
 * @param {Object<string, number>} parameters
 * @param {Curve} curve
 * @param {number} x
 * @param {0 | 1 | 2} order
 * @returns {Value[]}
 */
export function read(model, parameters, curve, x, order) {
  const [low, high] = curve.range;
  const at = curve.breaks.find((each) => each.x === x);
  if (at) {
    return PARTS.slice(0, order + 1).map((part) => {
      const [left, right, here] = at[part];
      return [x > low ? left : here, x < high ? right : here, here];
    });
  }
  const values = model.evaluate(Float64Array.of(x), parameters, order).map((column) => column[0]);
  const isOutside = !(x >= low && x <= high) || Number.isNaN(values[0]);
  return values.slice(0, order + 1).map((value) => (isOutside ? [NaN, NaN, NaN] : [value, value, value]));
}

/** @param {Value} value */
export function isOneNumber([left, right, here]) {
  return (left === right && right === here) || (Number.isNaN(left) && Number.isNaN(right));
}

/**
 * Value as text: one number, or three where the sides differ.
 * @param {Value} value
 * @param {{left: string, right: string, here: string}} words
 */
export function shown(value, words) {
  const [left, right, here] = value;
  if (isOneNumber(value)) return digits(here);
  return `${words.left} ${digits(left)}  ${words.here} ${digits(here)}  ${words.right} ${digits(right)}`;
}

/**
 * What a break is.
 * @param {Break} at
 * @returns {Kind}
 */
export function kindOf(at) {
  const [left, right] = at.y;
  if (Number.isNaN(left) || Number.isNaN(right)) return 'border';
  if (!Number.isFinite(left) || !Number.isFinite(right)) return 'pole';
  return isContinuous(at, 'y') ? 'kink' : 'jump';
}

/**
 * Local extrema of a part between its breaks, each to the distance of the samples.
 * @param {Curve} curve
 * @param {number} order Place of the part.
 * @returns {{index: number, sign: 1 | -1}[]}
 */
function turns(curve, order) {
  const { x, y } = curve.columns[order];
  let least = Infinity;
  let most = -Infinity;
  for (const value of y) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const noise = 1e-9 * (most - least);
  const found = [];
  for (let i = 1; i + 1 < x.length; i += 1) {
    if (x[i] === x[i - 1] || x[i] === x[i + 1]) continue;
    const before = y[i] - y[i - 1];
    let after = y[i + 1] - y[i];
    if (after === 0 && x[i + 2] !== x[i + 1]) after = y[i + 2] - y[i + 1];
    const sign = before > 0 && after < 0 ? 1 : before < 0 && after > 0 ? -1 : 0;
    if (!sign) continue;
    let reach = 0;
    for (let k = Math.max(0, i - 9); k < Math.min(y.length, i + 12); k += 1) {
      if (Math.abs(y[k] - y[i]) > reach) reach = Math.abs(y[k] - y[i]);
    }
    if (reach > noise) found.push({ index: i, sign: /** @type {1 | -1} */ (sign) });
  }
  return found;
}

/**
 * Place of an extremum, refined: the zero of the derivative by bisection, or the best of ever finer samples.
 * @param {Model} model
 * @param {Object<string, number>} parameters
 * @param {Curve} curve
 * @param {number} order
 * @param {{index: number, sign: 1 | -1}} turn
 */
function refinedTurn(model, parameters, curve, order, { index, sign }) {
  const { x } = curve.columns[order];
  let low = x[index - 1];
  let high = x[Math.min(x.length - 1, index + 2)];
  const slope = (/** @type {number} */ at) =>
    model.evaluate(Float64Array.of(at), parameters, /** @type {1 | 2} */ (order + 1))[order + 1][0];
  const resolution = 1e-7 * (curve.range[1] - curve.range[0]);
  if (order < 2 && sign * slope(low) > 0 && sign * slope(high) < 0) {
    for (let step = 0; step < 60 && low < high; step += 1) {
      const middle = low + (high - low) / 2;
      if (sign * slope(middle) > 0) low = middle;
      else high = middle;
    }
    const near = rounded(low, resolution);
    return Math.abs(low - near) < 1e-6 * resolution ? near : low;
  }
  let best = x[index];
  for (let round = 0; round < 5; round += 1) {
    const points = Float64Array.from({ length: 41 }, (_, i) => low + ((high - low) * i) / 40);
    const values = model.evaluate(points, parameters, /** @type {0 | 1 | 2} */ (order))[order];
    let place = 0;
    for (let i = 1; i < 41; i += 1) if (sign * values[i] > sign * values[place]) place = i;
    best = points[place];
    [low, high] = [points[Math.max(0, place - 1)], points[Math.min(40, place + 1)]];
  }
  return rounded(best, resolution);
}

/**
 * Finds the places of a curve worth stopping at; keeps the extrema that it has refined.
 */
export class Landmarks {
  /**
   * @param {Model} model
   * @param {Object<string, number>} parameters
   * @param {Curve} curve
   */
  constructor(model, parameters, curve) {
    this.model = model;
    this.parameters = parameters;
    this.curve = curve;
    /** @type {Map<number, {x: number, turn: {index: number, sign: 1 | -1}, isRefined: boolean}[]>} */
    this.turns = new Map();
  }

  /** @param {number} order */
  extrema(order) {
    if (!this.turns.has(order)) {
      const { x } = this.curve.columns[order] ?? { x: [] };
      const found = this.curve.columns[order] ? turns(this.curve, order) : [];
      this.turns.set(
        order,
        found.map((turn) => ({ x: x[turn.index], turn, isRefined: false })),
      );
    }
    return this.turns.get(order) ?? [];
  }

  /**
   * Break or extremum that is nearest to x, or null where none is within reach.
   * @param {number} x
   * @param {number} reach
   * @param {number} order Place of the part whose extrema count.
   * @returns {Place | null}
   */
  near(x, reach, order) {
    const part = PARTS[order];
    /** @type {Place | null} */
    let best = null;
    for (const at of this.curve.breaks) {
      if (PARTS.slice(0, Math.max(1, order) + 1).every((each) => isContinuous(at, each))) continue;
      if (Math.abs(at.x - x) <= reach && (!best || Math.abs(at.x - x) < Math.abs(best.x - x)))
        best = { x: at.x, kind: kindOf(at), part };
    }
    for (const each of this.extrema(order)) {
      if (Math.abs(each.x - x) > reach || (best && Math.abs(each.x - x) >= Math.abs(best.x - x))) continue;
      best = this.placeOf(each, order);
    }
    return best;
  }

  /**
   * @param {{x: number, turn: {index: number, sign: 1 | -1}, isRefined: boolean}} each
   * @param {number} order
   * @returns {Place}
   */
  placeOf(each, order) {
    if (!each.isRefined) {
      each.x = refinedTurn(this.model, this.parameters, this.curve, order, each.turn);
      each.isRefined = true;
    }
    return { x: each.x, kind: each.turn.sign > 0 ? 'maximum' : 'minimum', part: PARTS[order] };
  }

  /**
   * All places of the parts up to an order, ascending; at most so many.
   * @param {number} order
   * @param {number} most
   * @returns {Place[]}
   */
  all(order, most) {
    /** @type {Place[]} */
    const places = [];
    for (const at of this.curve.breaks) {
      const first = PARTS.slice(0, Math.max(1, order) + 1).find((part) => !isContinuous(at, part));
      if (first) places.push({ x: at.x, kind: kindOf(at), part: 'y' });
    }
    for (let each = 0; each <= order; each += 1) {
      const found = this.extrema(each);
      if (found.length <= most) places.push(...found.map((turn) => this.placeOf(turn, each)));
    }
    return places.sort((a, b) => a.x - b.x).slice(0, most);
  }
}
