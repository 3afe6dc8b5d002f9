/** Samples with points between them where a curve moves faster, and least and greatest values where none suffice. */

/**
 * @typedef {import("./model.js").Break} Break
 * @typedef {import("./sampling.js").Line} Line
 */

// A chord may miss what the slopes at its ends say by this share of the curve's height.
const TOLERANCE = 2e-3;
const BULGE = 0.02;
const MOST_POINTS = 6000;
// Points looked at in a cell that no number of samples resolves, at most and in all of them.
const PER_CELL = 24;
const MOST_INSIDE = 16_000;

/**
 * Samples with points between them where a chord contradicts the slopes at its ends.
 * @param {Float64Array} x
 * @param {Float64Array[]} columns
 * @param {Break[]} breaks
 * @param {{low: number, high: number}} height
 * @param {(x: Float64Array) => Float64Array[]} evaluate
 * @returns {{x: Float64Array, columns: Float64Array[], open: [number, number][]}} `open` are cells not resolved.
 */
export function refine(x, columns, breaks, height, evaluate) {
  const size = Math.max(height.high - height.low, 1e-9 * Math.max(Math.abs(height.low), Math.abs(height.high)));
  if (!(size > 0)) return { x, columns, open: [] };
  for (let round = 0; ; round += 1) {
    const cells = suspicious(x, columns, breaks, height, size);
    if (!cells.length) return { x, columns, open: [] };
    // Where more points find as much to mend again, the curve moves faster than any panel shows.
    const isHopeless = round > 1 && cells.length > x.length / 2;
    if (round === 6 || isHopeless || x.length + cells.length > MOST_POINTS) {
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
 * Lines that go to the least and the greatest value in each cell that the samples do not resolve.
 * @param {Line[]} lines
 * @param {[number, number][]} cells
 * @param {(x: Float64Array) => Float64Array[]} evaluate
 * @returns {Line[]}
 */
export function withEnvelopes(lines, cells, evaluate) {
  const inCell = Math.min(PER_CELL, Math.max(4, Math.floor(MOST_INSIDE / cells.length)));
  const inside = new Float64Array(cells.length * inCell);
  cells.forEach(([left, right], cell) => {
    for (let k = 0; k < inCell; k += 1) {
      inside[cell * inCell + k] = left + ((right - left) * (k + 0.5 + 0.3 * Math.sin(1000 * (k + cell)))) / inCell;
    }
  });
  const values = evaluate(inside);
  return lines.map((line, part) => {
    const points = Array.from(line.x, (x, i) => ({ x, y: line.y[i] }));
    cells.forEach((_, cell) => {
      let least = -1;
      let most = -1;
      for (let i = cell * inCell; i < (cell + 1) * inCell; i += 1) {
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

/**
 * A line with no more than four points in a column of pixels, the least and the greatest among them: what is seen is the
 * same, and costs no more where the curve swings many times in a pixel.
 * @param {Line} line
 * @param {{scale: number, offset: number}} across
 * @returns {Line}
 */
export function thinned({ x, y }, across) {
  const pixels = Math.abs((x[x.length - 1] - x[0]) * across.scale);
  if (!(x.length > 4 * pixels)) return { x, y };
  const kept = [];
  for (let i = 0; i < x.length;) {
    const column = Math.floor(x[i] * across.scale + across.offset);
    const first = i;
    let least = i;
    let most = i;
    for (i += 1; i < x.length && Math.floor(x[i] * across.scale + across.offset) === column; i += 1) {
      if (Number.isNaN(y[i]) !== Number.isNaN(y[first])) break;
      if (y[i] < y[least]) least = i;
      if (y[i] > y[most]) most = i;
    }
    const ends = [Math.min(least, most), Math.max(least, most)];
    kept.push(...new Set(i - first > 4 ? ends : [first, ...ends, i - 1]));
  }
  return { x: Float64Array.from(kept, (i) => x[i]), y: Float64Array.from(kept, (i) => y[i]) };
}
