/** Curves: a model along the visible range, cut at its breaks, with as many points as the panel can show. */

import { refine, withEnvelopes } from './refinement.js';

export const PARTS = /** @type {const} */ (['y', 'dy', 'd2y']);

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./model.js").Break} Break
 * @typedef {"y" | "dy" | "d2y"} Part
 * @typedef {{x: Float64Array, y: Float64Array}} Line NaN in y is a gap.
 * @typedef {{range: [number, number], lines: Line[], columns: Line[], breaks: Break[], isDense: boolean}} Curve
 *   One line for each part; `columns` are the samples without what stands for fast oscillations; `isDense` where
 *   breaks are too many to be shown singly.
 */

const MOST_BREAKS = 50;
// Beyond this the arithmetic of pixels overflows.
export const TALLEST = 1e300;
// Steps below this share are an implementation's rounding, not the function's.
const SMALLEST_STEP = 1e-8;

/**
 * Whether a part is continuous at a break: both limits and the value are finite and the same.
 * @param {Break} at
 * @param {Part} part
 */
export function isContinuous(at, part) {
  const values = at[part];
  if (!values.every(Number.isFinite)) return false;
  const [left, right, here] = values;
  const spread = Math.max(left, right, here) - Math.min(left, right, here);
  return spread <= SMALLEST_STEP * Math.max(1, Math.abs(left), Math.abs(right), Math.abs(here));
}

/**
 * Whether the panel of a part jumps at a break: a derivative does wherever the function below it does.
 * @param {Break} at
 * @param {number} order Place of the part.
 */
export function jumps(at, order) {
  return PARTS.slice(0, order + 1).some((part) => !isContinuous(at, part));
}

/**
 * Whether a curve leaves a panel towards infinity at a break.
 * @param {Break} at
 * @param {Part} part
 */
export function isPole(at, part) {
  return Math.abs(at[part][0]) === Infinity || Math.abs(at[part][1]) === Infinity;
}

/**
 * Samples a model.
 * @param {Model} model
 * @param {Object<string, number>} parameters
 * @param {[number, number]} range
 * @param {number} width Pixels of the panel.
 * @param {0 | 1 | 2} order
 * @returns {Curve}
 */
export function sampleCurve(model, parameters, range, width, order) {
  const low = Math.max(range[0], model.domain[0]);
  const high = Math.min(range[1], model.domain[1]);
  const empty = { x: new Float64Array(0), y: new Float64Array(0) };
  if (!(low < high))
    return {
      range: [low, high],
      lines: PARTS.map(() => empty),
      columns: PARTS.map(() => empty),
      breaks: [],
      isDense: false,
    };
  // Kinks of a derivative are points of the grid, so that its peaks are not cut off.
  const places = model.breaks(parameters, [low, high], 2).filter((at) => at.x >= low && at.x <= high);
  const found = places.filter((at) => jumps(at, Math.max(1, order)));
  const isDense = found.length > MOST_BREAKS;
  const count = Math.min(1600, Math.max(200, Math.round(width)));
  const evaluate = (/** @type {Float64Array} */ x) => columnsOf(model, parameters, x, order);
  const kinks = places.length > 4 * MOST_BREAKS ? [] : places.filter((at) => !found.includes(at)).map((at) => at.x);
  let x = withApproaches(withPoints(grid(low, high, count), kinks), found);
  let columns = evaluate(x);
  const height = seen(columns[0], found);
  const refined = refine(x, columns, found, height, evaluate);
  x = refined.x;
  columns = refined.columns;
  const rows = withRows(x, columns, found, low, high);
  const lines = PARTS.slice(0, order + 1).map((_, place) => ({ x: rows.x, y: rows.columns[place] }));
  const shown = refined.open.length ? withEnvelopes(lines, refined.open, evaluate) : lines;
  return { range: [low, high], lines: shown, columns: lines, breaks: isDense ? [] : found, isDense };
}

/**
 * Values and derivatives, with gaps for what no panel can hold and no derivative where there is no value.
 * @param {Model} model
 * @param {Object<string, number>} parameters
 * @param {Float64Array} x
 * @param {0 | 1 | 2} order
 * @returns {Float64Array[]}
 */
function columnsOf(model, parameters, x, order) {
  const columns = model.evaluate(x, parameters, order === 2 ? 2 : 1);
  for (const column of columns) {
    for (let i = 0; i < x.length; i += 1) {
      if (!(Math.abs(column[i]) < TALLEST) || Number.isNaN(columns[0][i])) column[i] = NaN;
    }
  }
  return columns;
}

/**
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
function grid(low, high, count) {
  const x = new Float64Array(count + 1);
  for (let i = 0; i <= count; i += 1) x[i] = low + ((high - low) * i) / count;
  x[count] = high;
  return x;
}

/**
 * Grid with some more points.
 * @param {Float64Array} x
 * @param {number[]} points
 */
function withPoints(x, points) {
  return points.length ? Float64Array.from(new Set([...x, ...points])).sort() : x;
}

/**
 * Grid without the breaks themselves, whose rows come later, and with points ever closer to each pole.
 * @param {Float64Array} x
 * @param {Break[]} breaks
 */
function withApproaches(x, breaks) {
  if (!breaks.length) return x;
  const step = x[1] - x[0];
  const kept = x.filter((value) => !breaks.some((at) => Math.abs(value - at.x) <= 1e-12 * Math.max(1, Math.abs(at.x))));
  const near = [];
  for (const at of breaks.length > MOST_BREAKS ? [] : breaks) {
    for (const [side, direction] of [
      [at.y[0], -1],
      [at.y[1], 1],
    ]) {
      if (Math.abs(side) !== Infinity) continue;
      for (let reach = step / 2, n = 0; n < 30; reach /= 2, n += 1) near.push(at.x + direction * reach);
    }
  }
  if (!near.length) return kept;
  const inside = near.filter(
    (value) => value > x[0] && value < x[x.length - 1] && !breaks.some((at) => at.x === value),
  );
  return Float64Array.from([...kept, ...inside]).sort();
}

/**
 * Height that a panel shows: that of the values, without what leaves towards a pole.
 * @param {Float64Array} y
 * @param {Break[]} breaks
 */
function seen(y, breaks) {
  const finite = y.filter(Number.isFinite);
  if (!finite.length) return { low: 0, high: 0 };
  if (breaks.some((at) => isPole(at, 'y'))) {
    finite.sort();
    const [low, middle, high] = [0.1, 0.5, 0.9].map((share) => finite[Math.floor(share * (finite.length - 1))]);
    const edge = 0.4 * (high - low);
    return { low: middle - 1.6 * (middle - low) - edge, high: middle + 1.6 * (high - middle) + edge };
  }
  let low = Infinity;
  let high = -Infinity;
  for (const value of finite) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

/**
 * Samples with three rows at each break: the limit from the left, the value or a gap, the limit from the right.
 * @param {Float64Array} x
 * @param {Float64Array[]} columns
 * @param {Break[]} breaks
 * @param {number} low
 * @param {number} high
 */
function withRows(x, columns, breaks, low, high) {
  if (!breaks.length) return { x, columns };
  /** @type {{x: number, values: number[]}[]} */
  const rows = [];
  for (const at of breaks) {
    const place = /** @type {const} */ ([0, 2, 1]);
    for (const side of place) {
      if ((side === 0 && at.x <= low) || (side === 1 && at.x >= high)) continue;
      rows.push({
        x: at.x,
        values: columns.map((_, order) => {
          if (side === 2 && jumps(at, order)) return NaN;
          const value = at[PARTS[order]][side];
          return Math.abs(value) < TALLEST ? value : NaN;
        }),
      });
    }
  }
  const merged = new Float64Array(x.length + rows.length);
  const made = columns.map(() => new Float64Array(merged.length));
  for (let i = 0, next = 0, to = 0; to < merged.length; to += 1) {
    const isRow = next < rows.length && (i >= x.length || rows[next].x <= x[i]);
    merged[to] = isRow ? rows[next].x : x[i];
    made.forEach((column, place) => (column[to] = isRow ? rows[next].values[place] : columns[place][i]));
    if (isRow) next += 1;
    else i += 1;
  }
  return { x: merged, columns: made };
}
