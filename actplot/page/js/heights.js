/** Limits of y around what a panel shows: those of the figures that Python draws. */

import { PARTS, TALLEST, isPole, jumps } from './sampling.js';

/**
 * @typedef {import("./sampling.js").Curve} Curve
 * @typedef {import("./sampling.js").Line} Line
 * @typedef {[number, number]} Limits
 */

const MARGIN = 0.06;

/** How much of the margin a line at 0 may need to be in sight without lying on the frame. */
const EDGE = 2 / 3;

/**
 * Limits of y for some parts of curves; a constant gets room on both sides. Where a curve has a pole,
 * what comes within a few percent of the range of it leaves the panel.
 * @param {Curve[]} curves
 * @param {number[]} orders Places of the parts.
 * @returns {Limits}
 */
export function limitsOf(curves, orders) {
  let least = Infinity;
  let most = -Infinity;
  for (const curve of curves) {
    for (const order of orders) {
      const line = curve.lines[order];
      if (!line) continue;
      let [low, high] = extent(line, curve, order);
      if (low > high) continue;
      if (curve.isDense || curve.breaks.some((at) => isPole(at, PARTS[order]))) {
        const [bottom, middle, top] = quantiles(line);
        low = Math.max(low, middle - 1.6 * (middle - bottom) - 0.4 * (top - bottom));
        high = Math.min(high, middle + 1.6 * (top - middle) + 0.4 * (top - bottom));
      }
      least = Math.min(least, low);
      most = Math.max(most, high);
    }
  }
  return withMargin(least, most);
}

/**
 * Limits with a margin on both sides, and 0 in sight, unless the curves would keep less than half of the height.
 * @param {number} low
 * @param {number} high
 * @returns {Limits}
 */
export function withMargin(low, high) {
  if (!(low <= high)) [low, high] = [0, 0];
  if (high - low <= 1e-9 * Math.max(1e-290, Math.abs(low), Math.abs(high))) {
    const reach = Math.abs(high) || 1;
    [low, high] = [Math.min(low, 0) - reach / 2, Math.max(high, 0) + reach / 2];
  }
  const margin = MARGIN * (high - low);
  const nearest = Math.max(low, -high);
  if (EDGE * margin < nearest && nearest <= high - low) return withMargin(Math.min(low, 0), Math.max(high, 0));
  return [low - margin, high + margin];
}

/**
 * Least and greatest value of a line and of the dots at its breaks.
 * @param {Line} line
 * @param {Curve} curve
 * @param {number} order
 * @returns {Limits}
 */
function extent(line, curve, order) {
  let low = Infinity;
  let high = -Infinity;
  const take = (/** @type {number} */ value) => {
    if (!(Math.abs(value) < TALLEST)) return;
    if (value < low) low = value;
    if (value > high) high = value;
  };
  line.y.forEach(take);
  for (const at of curve.breaks) {
    const [left, right, here] = at[PARTS[order]];
    take(left);
    take(right);
    if (jumps(at, order)) take(here);
  }
  return [low, high];
}

/**
 * What a tenth, a half and nine tenths of a line, by its length along x, stay below.
 * @param {Line} line
 */
function quantiles({ x, y }) {
  /** @type {{y: number, share: number}[]} */
  const points = [];
  let total = 0;
  for (let i = 0; i < x.length; i += 1) {
    if (Number.isNaN(y[i])) continue;
    const share = ((x[i + 1] ?? x[i]) - (x[i - 1] ?? x[i])) / 2;
    total += share;
    points.push({ y: y[i], share });
  }
  points.sort((a, b) => a.y - b.y);
  /** @type {number[]} */
  const found = [];
  let sum = 0;
  let next = 0;
  for (const wanted of [0.1, 0.5, 0.9]) {
    while (next + 1 < points.length && sum + points[next].share < wanted * total) sum += points[next++].share;
    const { y: above, share } = points[next] ?? { y: 0, share: 0 };
    const below = points[next - 1]?.y ?? above;
    found.push(share > 0 ? below + ((above - below) * (wanted * total - sum)) / share : above);
  }
  return found;
}
