/** One-sided limits of a function and its derivatives, taken close by: where they grow without bound, infinite. */

/** @typedef {{x: number, y: number[], dy: number[], d2y: number[], isDefined: boolean}} Break  each [left, right, at];
 * isDefined where there is a finite value at the place or beside it */

// Distances at which limits are taken, in steps, and the factor by which what a halving of the distance adds may shrink
// where the limit is infinite.
const DISTANCES = [1, 2, 4, 8, 16];
const GROWTH = 0.995;

/**
 * The limits on both sides of ascending places, and the values there.
 *
 * @param {(x: number[], order: number) => Float64Array[]} evaluate  values and derivatives up to an order
 * @param {number[]} places
 * @returns {Break[]}
 */
export function limitsAt(evaluate, places) {
  if (!places.length) return [];
  const at = evaluate(places, 2);
  const points = [];
  places.forEach((x, index) => {
    const step = 2 ** (-36 + Math.floor(Math.log2(Math.max(1, Math.abs(x)))));
    const before = Math.min(step, index ? (x - places[index - 1]) / 64 : Infinity);
    const after = Math.min(step, index + 1 < places.length ? (places[index + 1] - x) / 64 : Infinity);
    for (const size of [-before, after]) points.push(...DISTANCES.map((times) => x + times * size));
  });
  const levels = evaluate(points, 2);
  return places.map((x, index) => {
    const both = [0, 1].map((side) => {
      const start = (2 * index + side) * DISTANCES.length;
      return sideLimits(levels.map((row) => row.subarray(start, start + DISTANCES.length)));
    });
    const [y, dy, d2y] = [0, 1, 2].map((order) => {
      const value = at[order][index];
      return [...both.map((limits) => settle(limits[order], value)), value];
    });
    const beside = [0, 1].map((side) => levels[0][(2 * index + side) * DISTANCES.length]);
    return { x, y, dy, d2y, isDefined: [at[0][index], ...beside].some(Number.isFinite) };
  });
}

/** What differs from the value at the place by a rounding error is that value. */
function settle(limit, value) {
  return Number.isFinite(value) && Math.abs(limit - value) <= 1e-14 * Math.max(1, Math.abs(value)) ? value : limit;
}

/** Limits of rows of values at growing distances, one row for each derivative. */
function sideLimits(rows) {
  const diverging = rows.map(diverges);
  const limits = rows.map((row, order) => {
    const [near, far, farther] = row;
    const [first, second] = [near - far, far - farther];
    if (Math.abs(near) === Infinity) return near;
    if (diverging[order]) return first > 0 ? Infinity : -Infinity;
    // An infinite slope without a pole: the values converge by a factor, which Aitken's rule follows.
    if (diverging[order + 1]) return near - (first * first) / (first - second);
    const swings =
      Math.abs(first) > 1e-3 * Math.max(1, Math.abs(near)) && Math.abs(second - 2 * first) > Math.abs(first);
    return swings ? NaN : near + first;
  });
  return limits.map((limit) => (Number.isNaN(limits[0]) ? NaN : Number(limit.toPrecision(15))));
}

/** Whether every halving of the distance adds as much as the one before, as towards a logarithm, or more. */
function diverges(row) {
  const first = row[0] - row[1];
  if (!(Math.abs(first) > 1e-6 * Math.max(1, Math.abs(row[0])))) return false;
  for (let k = 1; k + 1 < row.length; k += 1) {
    if (!((row[k - 1] - row[k]) / (row[k] - row[k + 1]) > GROWTH)) return false;
  }
  return true;
}
