/** Curves: a model along the visible range, cut at its breaks, with as many points as the panel can show. */

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

// A chord may miss what the slopes at its ends say by this share of the curve's height.
const TOLERANCE = 2e-3;
const BULGE = 0.02;
const MOST_POINTS = 6000;
// Points looked at in a cell that no number of samples resolves.
const PER_CELL = 24;
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
  const found = model.breaks(parameters, [low, high], Math.max(1, order)).filter((at) => at.x >= low && at.x <= high);
  const isDense = found.length > MOST_BREAKS;
  const count = Math.min(1600, Math.max(200, Math.round(width)));
  const evaluate = (/** @type {Float64Array} */ x) => columnsOf(model, parameters, x, order);
  let x = withApproaches(grid(low, high, count), found);
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
 * Samples with points between them where a chord contradicts the slopes at its ends.
 * @param {Float64Array} x
 * @param {Float64Array[]} columns
 * @param {Break[]} breaks
 * @param {{low: number, high: number}} height
 * @param {(x: Float64Array) => Float64Array[]} evaluate
 * @returns {{x: Float64Array, columns: Float64Array[], open: [number, number][]}} `open` are cells not resolved.
 */
function refine(x, columns, breaks, height, evaluate) {
  const size = Math.max(height.high - height.low, 1e-9 * Math.max(Math.abs(height.low), Math.abs(height.high)));
  if (!(size > 0)) return { x, columns, open: [] };
  for (let round = 0; ; round += 1) {
    const cells = suspicious(x, columns, breaks, height, size);
    if (!cells.length) return { x, columns, open: [] };
    if (round === 6 || x.length + cells.length > MOST_POINTS) {
      return { x, columns, open: round > 1 ? cells.map((i) => [x[i], x[i + 1]]) : [] };
    }
    const middles = Float64Array.from(cells, (i) => x[i] + 0.382 * (x[i + 1] - x[i]));
    const values = evaluate(middles);
    const merged = new Float64Array(x.length + cells.length);
    const made = columns.map(() => new Float64Array(merged.length));
    for (let i = 0, next = 0, to = 0; i < x.length; i += 1) {
      merged[to] = x[i];
      columns.forEach((column, place) => (made[place][to] = column[i]));
      to += 1;
      if (cells[next] === i) {
        merged[to] = middles[next];
        values.forEach((column, place) => (made[place][to] = column[next]));
        next += 1;
        to += 1;
      }
    }
    x = merged;
    columns = made;
  }
}

/**
 * Cells whose chord misses what the slopes say, by the index of their left end.
 * @param {Float64Array} x
 * @param {Float64Array[]} columns
 * @param {Break[]} breaks
 * @param {{low: number, high: number}} height
 * @param {number} size
 */
function suspicious(x, [y, dy], breaks, height, size) {
  const cells = [];
  let next = 0;
  for (let i = 0; i + 1 < x.length; i += 1) {
    while (next < breaks.length && breaks[next].x <= x[i]) next += 1;
    if (next < breaks.length && breaks[next].x < x[i + 1]) continue;
    const width = x[i + 1] - x[i];
    const off = Math.abs(y[i + 1] - y[i] - (width * (dy[i] + dy[i + 1])) / 2);
    const bulge = (width * Math.abs(dy[i + 1] - dy[i])) / 8;
    if (!(off > TOLERANCE * size || bulge > BULGE * size) || !Number.isFinite(off)) continue;
    if (Math.max(y[i], y[i + 1]) < height.low || Math.min(y[i], y[i + 1]) > height.high) continue;
    if (width > 1e-12 * Math.max(1, Math.abs(x[i]))) cells.push(i);
  }
  return cells;
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

/**
 * Lines that go to the least and the greatest value in each cell that the samples do not resolve.
 * @param {Line[]} lines
 * @param {[number, number][]} cells
 * @param {(x: Float64Array) => Float64Array[]} evaluate
 * @returns {Line[]}
 */
function withEnvelopes(lines, cells, evaluate) {
  const inside = new Float64Array(cells.length * PER_CELL);
  cells.forEach(([left, right], cell) => {
    for (let k = 0; k < PER_CELL; k += 1) {
      inside[cell * PER_CELL + k] = left + ((right - left) * (k + 0.5 + 0.3 * Math.sin(1000 * (k + cell)))) / PER_CELL;
    }
  });
  const values = evaluate(inside);
  return lines.map((line, part) => {
    const points = Array.from(line.x, (x, i) => ({ x, y: line.y[i] }));
    cells.forEach((_, cell) => {
      let least = -1;
      let most = -1;
      for (let i = cell * PER_CELL; i < (cell + 1) * PER_CELL; i += 1) {
        if (Number.isNaN(values[part][i])) continue;
        if (least < 0 || values[part][i] < values[part][least]) least = i;
        if (most < 0 || values[part][i] > values[part][most]) most = i;
      }
      for (const i of new Set([least, most])) if (i >= 0) points.push({ x: inside[i], y: values[part][i] });
    });
    points.sort((a, b) => a.x - b.x);
    return { x: Float64Array.from(points, (each) => each.x), y: Float64Array.from(points, (each) => each.y) };
  });
}
