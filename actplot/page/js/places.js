/**
 * Breaks of an expression. Where it can have any is known from its tree: where a comparison, abs, max, min, sign or
 * floor switches, where a denominator is 0, at the end of the domain of a logarithm or a root, and at the breaks of the
 * functions of the catalog that it calls. These places are found by sampling and bisection, and those are kept at which
 * the one-sided limits show a break.
 */

import { compile } from './compile.js';
import { limitsAt } from './limits.js';
import { mentionsX } from './rewrite.js';

/** @typedef {import('./compile.js').Call} Call */
/** @typedef {import('./rewrite.js').Tree} Tree */
/** @typedef {{tree: Tree, levels: ((values: Object) => number[]) | 'whole' | 'half'}} Switch  something happens where
 * the tree passes one of the levels, or any whole number, or any half between two */

const CELLS = 2048;
const MOST = 2000;
// Smaller steps do not count, relative to the size of the function.
const SMALLEST_STEP = 1e-8;

const zero = () => [0];
/** Functions that are 0 where their argument is, and nowhere else. */
const KEEPS_ZERO = new Set('neg abs sign sqrt cbrt square sinh tanh asinh asin atan atanh erf expm1 log1p'.split(' '));
/** Where an argument meets an end of the domain, or a pole. */
const ENDS = { __proto__: null, log1p: [-1], acosh: [1], asin: [-1, 1], acos: [-1, 1], atanh: [-1, 1] };
for (const name of ['abs', 'sign', 'sqrt', 'cbrt', 'log', 'log2', 'log10']) ENDS[name] = [0];
const GRIDS = { __proto__: null, floor: 'whole', ceil: 'whole', trunc: 'whole', lgamma: 'whole', round: 'half' };

/**
 * Where breaks of a tree can be.
 *
 * @param {Tree} tree
 * @param {(name: string, values: number[]) => number[]} placesOfCall  breaks of a function of the catalog
 * @returns {Switch[]}
 */
function switches(tree, placesOfCall) {
  const found = new Map();
  const add = (part, levels, /** @type {any} */ why = '') => {
    if (mentionsX(part)) found.set(JSON.stringify([part, why]), { tree: part, levels });
  };
  const addZeros = (part) => {
    const [name, ...parts] = Array.isArray(part) ? part : [part];
    if (name === '*') parts.forEach(addZeros);
    else if (name === '/' || KEEPS_ZERO.has(name)) addZeros(parts[0]);
    else if (name === '**' && parts[1] > 0) addZeros(parts[0]);
    else if (name !== 'exp' && name !== 'cosh') add(part, zero);
  };
  const difference = (a, b) => addZeros(b === 0 ? a : ['-', a, b]);
  const walk = (part) => {
    if (!Array.isArray(part)) return;
    const [name, ...parts] = part;
    if (['<', '<=', '>', '>=', '==', '!='].includes(name)) difference(...parts);
    else if (name === 'max' || name === 'min') {
      parts.forEach((a, i) => parts.slice(i + 1).forEach((b) => difference(a, b)));
    } else if (name === '/') addZeros(parts[1]);
    else if (name === '**' && !(Number.isInteger(parts[1]) && parts[1] >= 0)) addZeros(parts[0]);
    else if (name === 'tan') add(['cos', parts[0]], zero);
    else if (name in GRIDS) add(parts[0], GRIDS[name], GRIDS[name]);
    else if (name === 'call') {
      const constants = parts.slice(2).map((each) => compile(each));
      const valuesOf = (values) => constants.map((each) => each.constant(values));
      add(parts[1], (values) => placesOfCall(parts[0], valuesOf(values)), part);
    } else if (name in ENDS && ENDS[name][0] === 0) addZeros(parts[0]);
    else if (name in ENDS) add(parts[0], () => ENDS[name], ENDS[name]);
    parts.forEach(walk);
  };
  walk(tree);
  return [...found.values()];
}

/**
 * A function that finds the breaks of an expression at given parameters.
 *
 * @param {Tree} tree
 * @param {{call: Call, placesOfCall: (name: string, values: number[], order: number) => number[]}} catalog
 * @param {(x: ArrayLike<number>, values: Object, order: number) => Float64Array[]} evaluate
 */
export function finder(tree, catalog, evaluate) {
  const all = [1, 2].map((order) =>
    switches(tree, (name, values) => catalog.placesOfCall(name, values, order)).map(({ tree: part, levels }) => ({
      program: compile(part, { call: catalog.call }),
      levels,
    })),
  );
  return (values, [low, high], order) => {
    const candidates = [];
    for (const { program, levels } of all[order > 1 ? 1 : 0]) {
      const wanted = typeof levels === 'string' ? levels : levels(values);
      candidates.push(...crossings((x, n) => program.evaluate(x, values, n), wanted, low, high));
      if (candidates.length > MOST) return [];
    }
    const at = (x, n) => evaluate(x, values, n);
    const scale = sizeOf(at, low, high);
    return limitsAt(at, merged(candidates)).filter((each) => isBreak(each, scale, order, low, high));
  };
}

/** The places at which u passes a level. */
function crossings(u, levels, low, high) {
  const nodes = gridOf(low, high);
  let [value, slopes] = u(nodes, 1);
  // Where the slope changes its sign there is an extremum, which may touch a level, or pass it and come back.
  const turns = [];
  for (let i = 0; i + 1 < nodes.length; i += 1) {
    if (slopes[i] * slopes[i + 1] < 0) turns.push([nodes[i], nodes[i + 1], 0]);
  }
  const extrema = new Set(bisected((x) => u(x, 1)[1], turns).flat());
  let points = nodes;
  if (extrema.size) {
    points = Float64Array.from([...nodes, ...extrema]).sort();
    [value] = u(points, 0);
  }
  const near = value.map((each) => nearestLevel(levels, each));
  const isOn = (i) => near[i] === value[i] && Number.isFinite(value[i]);
  const found = [];
  const brackets = [];
  for (let i = 0; i < points.length && brackets.length <= MOST; i += 1) {
    const isTouched = Math.abs(value[i] - near[i]) < 1e-13 * Math.max(1, Math.abs(near[i])) && extrema.has(points[i]);
    if (isTouched || (isOn(i) && !isOn(i - 1) && !isOn(i + 1))) found.push([points[i], points[i]]);
    if (i + 1 === points.length || Number.isNaN(value[i] + value[i + 1])) continue;
    // Of a stretch on a level the ends count.
    if (isOn(i) !== isOn(i + 1) && (isOn(i - 1) || isOn(i + 2))) {
      brackets.push([points[i], points[i + 1], isOn(i) ? value[i] : value[i + 1]]);
    }
    eachLevelBetween(levels, value[i], value[i + 1], (level) => brackets.push([points[i], points[i + 1], level]));
  }
  const scale = Math.min(1, high - low);
  if (brackets.length > MOST) return Array(MOST + 1).fill(low);
  return [...found, ...bisected((x) => u(x, 0)[0], brackets)].map(([a, b]) => shortest(a, b, scale));
}

let lastGrid = { low: NaN, high: NaN, nodes: new Float64Array(0) };

/** Ends of cells: evenly spaced, at whole numbers, halvings of the range, and 0. */
function gridOf(low, high) {
  if (lastGrid.low === low && lastGrid.high === high) return lastGrid.nodes;
  const nodes = [0];
  for (let i = 0; i <= CELLS; i += 1) nodes.push(i === CELLS ? high : low + ((high - low) * i) / CELLS);
  for (let k = 1; k < 44; k += 1) nodes.push((high - low) * 2 ** -k, -(high - low) * 2 ** -k);
  for (let k = Math.ceil(low); k <= Math.min(high, low + CELLS); k += 1) nodes.push(k);
  const inside = Float64Array.from(nodes.filter((x) => low <= x && x <= high)).sort();
  lastGrid = { low, high, nodes: inside.filter((x, i) => i === 0 || x !== inside[i - 1]) };
  return lastGrid.nodes;
}

function nearestLevel(levels, value) {
  if (levels === 'whole') return Math.round(value);
  if (levels === 'half') return Math.floor(value) + 0.5;
  let best = Infinity;
  for (const level of levels) if (Math.abs(level - value) < Math.abs(best - value)) best = level;
  return best;
}

/** Calls with each level strictly between two values. */
function eachLevelBetween(levels, first, second, use) {
  const [below, above] = first < second ? [first, second] : [second, first];
  if (typeof levels !== 'string') {
    for (const level of levels) if (below < level && level < above) use(level);
    return;
  }
  if (above - below === Infinity) return; // the cells nearer to a pole are narrower
  const shift = levels === 'half' ? 0.5 : 0;
  const start = Math.floor(below - shift) + 1 + shift;
  for (let level = start; level < above && level - start <= MOST; level += 1) use(level);
}

/** Brackets [a, b, level] of a function narrowed to neighbouring floats. */
function bisected(u, brackets) {
  if (!brackets.length) return [];
  const lows = Float64Array.from(brackets, ([a]) => a);
  const highs = Float64Array.from(brackets, ([, b]) => b);
  const signsAt = (points) => u(points).map((value, i) => Math.sign(value - brackets[i][2]));
  const signs = signsAt(lows);
  const isCrossing = signsAt(highs).map((sign, i) => sign * signs[i]); // else one end is on the level
  for (let isOpen = true; isOpen;) {
    isOpen = false;
    const middles = lows.map((low, i) => (low + highs[i]) / 2);
    const found = signsAt(middles);
    for (let i = 0; i < middles.length; i += 1) {
      if (middles[i] <= lows[i] || middles[i] >= highs[i] || highs[i] - lows[i] < 1e-18) continue;
      isOpen = true;
      if (found[i] === 0 && isCrossing[i]) lows[i] = highs[i] = middles[i];
      else if (found[i] === signs[i]) lows[i] = middles[i];
      else highs[i] = middles[i];
    }
  }
  return brackets.map((_, i) => [lows[i], highs[i]]);
}

/** The number with the shortest decimal within four floats of both; near 0 the floats at a scale count. */
function shortest(a, b, scale) {
  const slack = 4 * spacing(Math.max(Math.abs(a), Math.abs(b), scale));
  if (a - slack <= 0 && 0 <= b + slack) return 0;
  for (let digits = 0; digits < 17; digits += 1) {
    const candidate = Number(a.toExponential(digits));
    if (a - slack <= candidate && candidate <= b + slack) return candidate;
  }
  return a;
}

function spacing(x) {
  return 2 ** (Math.floor(Math.log2(x)) - 52);
}

/** In ascending order, of those a rounding error apart one. */
function merged(places) {
  const kept = [];
  for (const place of places.sort((a, b) => a - b)) {
    if (!kept.length || place - kept.at(-1) > 1e-12 * Math.max(1, Math.abs(place))) kept.push(place);
  }
  return kept;
}

/** The size of a function that stays small; 1 for any other. */
function sizeOf(evaluate, low, high) {
  const points = [];
  for (let i = 0; i < 40; i += 1) points.push(0.001 * 50000 ** (i / 39), -0.001 * 50000 ** (i / 39));
  for (let i = 0; i <= 100; i += 1) points.push(low + ((high - low) * i) / 100);
  let largest = 0;
  for (const row of evaluate(points, 1)) {
    for (const value of row) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  }
  return largest > 1e-14 && largest < 1 ? largest : 1;
}

/** At an end of the range only the side within it counts; slopes that are NaN all around are no break. */
function isBreak({ x, y, dy, d2y, isDefined }, scale, order, low, high) {
  const rows = [y, dy, d2y].slice(0, order + 1).map((row) => row.slice(x === low ? 1 : 0));
  if (x === high) for (const row of rows) row.splice(-2, 1);
  return isDefined && rows.some((row, level) => !areSame(row, scale) && !(level && row.every(Number.isNaN)));
}

function areSame(row, scale) {
  if (!row.every(Number.isFinite)) return false;
  return Math.max(...row) - Math.min(...row) <= SMALLEST_STEP * Math.max(scale, ...row.map(Math.abs));
}
