/** Models: functions with parameters, of the catalog, typed in, or sampled by Python, all with the same face. */

import { compile } from './compile.js';
import { narrow, parse } from './expression.js';
import { limitsAt } from './limits.js';
import { finder } from './places.js';

/** @typedef {import('./limits.js').Break} Break */
/** @typedef {{zh: string, en: string}} Text */
/** @typedef {{name: string, default: number, low: number, high: number, step?: number,
 *   choices?: Object<string, number>, text: Text,
 *   domain: {low: number|null, high: number|null, open_low: boolean, open_high: boolean}}} Parameter */
/** @typedef {{name: string, title: Text, chinese: string|null, variable: Text|null, family: string, parameters: Parameter[], range: [number, number],
 *   domain: [number, number], formula: {y: string|null, dy: string|null},
 *   evaluate: (x: ArrayLike<number>, values: Object<string, number>, order: number) => Float64Array[],
 *   breaks: (values: Object<string, number>, range: [number, number], order?: number) => Break[],
 *   allows: (values: Object<string, number>) => boolean, isSampled: boolean}} Model */

/** The entries of the catalog that this page knows, by name; expressions call them. @type {Map<string, Model>} */
const catalog = new Map();

// Points this near a break are the break itself: rounding decides which side they see.
const CLOSE = 1e-15;

const plain = (name) => narrow(name).toLowerCase().replace(/[-_ ]/g, '');

/** Makes entries known to expressions. @param {Object[]} entries */
export function register(entries) {
  for (const entry of entries) {
    const model = modelOf(entry);
    const { en, zh } = entry.title;
    for (const name of [en, zh, zh.replace(/函数$/, ''), entry.name, ...(entry.aliases ?? [])])
      catalog.set(plain(name), model);
  }
}

/** The model of a registered entry under any spelling, or undefined. @param {string} name @returns {Model|undefined} */
export function lookUp(name) {
  return catalog.get(plain(name));
}

/** A function of the catalog at constants: given a name and values in the order of its parameters. */
function call(name, values) {
  const model = lookUp(name);
  if (!model) throw new Error(`unknown function ${name}`);
  const parameters = named(model, values);
  return (x, order) => model.evaluate(x, parameters, order);
}

/** The breaks of such a function, with order 2 the kinks of its derivative too. */
function placesOfCall(name, values, order) {
  const model = lookUp(name);
  return model.breaks(named(model, values), [-Infinity, Infinity], order).map((each) => each.x);
}

function named(model, values) {
  return Object.fromEntries(model.parameters.map((each, i) => [each.name, values[i] ?? each.default]));
}

const face = (entry) => ({
  name: entry.name,
  title: entry.title,
  chinese: entry.chinese ?? null,
  variable: entry.variable ?? null,
  family: entry.family ?? '',
  parameters: entry.parameters ?? [],
  range: entry.range ?? [-5, 5],
  domain: [entry.domain?.[0] ?? -Infinity, entry.domain?.[1] ?? Infinity],
  formula: entry.formula ?? { y: null, dy: null },
  facts: entry.facts ?? [],
  isSampled: false,
});

/** A model whose functions take the defaults of parameters that are not given. */
function withDefaults(model) {
  const defaults = Object.fromEntries(model.parameters.map((each) => [each.name, each.default]));
  const { evaluate, breaks, allows } = model;
  return {
    ...model,
    evaluate: (x, values, order = 1) => evaluate(x, { ...defaults, ...values }, order),
    breaks: (values, range = model.range, order = 1) => breaks({ ...defaults, ...values }, range, order),
    allows: (values) => allows({ ...defaults, ...values }),
  };
}

/** The model of an entry written by compile.entry. @param {Object} entry @returns {Model} */
export function modelOf(entry) {
  if (entry.samples) return sampledModel(entry);
  if (!entry.breaks) return expressionModel(entry, entry.tree);
  const program = compile(entry.tree, { absorbing: true, call });
  // The slopes at breaks are a convention of torch.
  const [slopeAt, bendAt] = [entry.at.dy, entry.at.d2y].map(
    (tree) => tree !== null && compile(tree, { absorbing: true, call }),
  );
  const places = [entry.breaks, entry.kinks].map((trees) => trees.map((tree) => compile(tree)));
  const rule = entry.requires && compile(entry.requires);
  const at = (programs, values) => {
    const found = programs.map((each) => each.constant(values) + 0).filter((x) => !Number.isNaN(x));
    return [...new Set(found)].sort((a, b) => a - b);
  };
  const model = withDefaults({
    ...face(entry),
    allows: (values) => !rule || rule.constant(values) === 1,
    evaluate(x, values, order) {
      const result = program.evaluate(x, values, order);
      if (order > 0) {
        for (const i of near(x, at(places[0], values), CLOSE)) {
          slopeAt.evaluate([x[i]], values, order - 1).forEach((row, index) => (result[index + 1][i] = row[0]));
        }
      }
      if (order > 1 && bendAt) {
        for (const i of near(x, [...at(places[0], values), ...at(places[1], values)], 0)) {
          result[2][i] = bendAt.evaluate([x[i]], values, 0)[0][0];
        }
      }
      return clean(result);
    },
    breaks(values, [low, high], order) {
      const all = [...at(places[0], values), ...(order > 1 ? at(places[1], values) : [])];
      const inside = [...new Set(all)].filter((x) => low <= x && x <= high).sort((a, b) => a - b);
      return limitsAt((x, n) => model.evaluate(x, values, n), inside);
    },
  });
  return model;
}

/** The indices of the points that are one of the places, but for a relative distance. */
function near(x, places, distance) {
  const found = [];
  for (const place of places) {
    for (let i = 0; i < x.length; i += 1) {
      if (Math.abs(x[i] - place) <= distance * Math.max(1, Math.abs(place))) found.push(i);
    }
  }
  return found;
}

/** Without a value there is no slope: log(-1) has none, whatever 1/x says. */
function clean(rows) {
  const [y, ...slopes] = rows;
  for (let i = 0; i < y.length; i += 1) if (Number.isNaN(y[i])) for (const row of slopes) row[i] = NaN;
  return rows;
}

/** The model of an expression as it is typed: names other than x are parameters, with value 1. */
export function modelOfExpression(text, name = text) {
  const { tree, names } = parse(text, lookUp);
  const parameters = names.map((each) => ({
    name: each,
    default: 1,
    low: 0,
    high: 2,
    text: { zh: each, en: each },
    domain: { low: null, high: null, open_low: true, open_high: true },
  }));
  return expressionModel({ name, title: { zh: name, en: name }, parameters }, tree);
}

function expressionModel(entry, tree) {
  const program = compile(tree, { call });
  const evaluate = (x, values, order) => clean(program.evaluate(x, values, order));
  const breaks = finder(tree, { call, placesOfCall }, evaluate);
  return withDefaults({ ...face(entry), allows: () => true, evaluate, breaks });
}

/**
 * The model of a callable's samples, written by compile.samples: parameters step through the values that were sampled, x
 * is interpolated. In arrays null stands for NaN.
 *
 * @param {{samples: {parameters: Object, x: number[], y: number[], dy?: number[], d2y?: number[], breaks: Object[]}[]}} entry
 * @returns {Model}
 */
export function sampledModel(entry) {
  const numbers = (row) => Float64Array.from(row ?? [], (value) => value ?? NaN);
  const samples = entry.samples.map((sample) => ({
    parameters: sample.parameters,
    x: numbers(sample.x),
    rows: [sample.y, sample.dy, sample.d2y].map(numbers),
    breaks: sample.breaks.map(({ x, ...rows }) => ({
      x,
      ...Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row.map(Number)])),
    })),
  }));
  const nearest = (values) => {
    const distance = ({ parameters }) =>
      Object.entries(parameters).reduce((sum, [name, value]) => sum + Math.abs(value - values[name]), 0);
    return samples.reduce((best, sample) => (distance(sample) < distance(best) ? sample : best));
  };
  return withDefaults({
    ...face(entry),
    isSampled: true,
    allows: () => true,
    evaluate(x, values, order) {
      const sample = nearest(values);
      const names = ['y', 'dy', 'd2y'].slice(0, order + 1);
      return names.map((name, index) =>
        Float64Array.from(x, (at) => {
          const found = sample.breaks.find((each) => each.x === at);
          return found ? found[name][2] : interpolated(sample.x, sample.rows[index], sample.rows[index + 1], at);
        }),
      );
    },
    breaks: (values, [low, high]) => nearest(values).breaks.filter((each) => low <= each.x && each.x <= high),
  });
}

/**
 * Between two samples the cubic that has their slopes, where these are known, else the straight line; NaN beside a gap
 * and outside.
 */
function interpolated(xs, row, slopes, at) {
  let [low, high] = [0, xs.length - 1];
  if (!(at >= xs[low] && at <= xs[high]) || !row.length) return NaN;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= at) low = middle;
    else high = middle;
  }
  if (xs[high] === at) return row[high];
  if (xs[low] === at) return row[low];
  const width = xs[high] - xs[low];
  const share = (at - xs[low]) / width;
  const line = row[low] + (row[high] - row[low]) * share;
  if (!slopes || !Number.isFinite(slopes[low] + slopes[high])) return line;
  const [left, right] = [slopes[low] * width - (row[high] - row[low]), row[high] - row[low] - slopes[high] * width];
  return line + share * (1 - share) * (left * (1 - share) + right * share);
}
