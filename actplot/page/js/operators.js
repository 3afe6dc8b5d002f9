/**
 * The operations that trees are made of, as nodes: each has arrays for value (v), first (d) and second derivative (s), and
 * run(n, order), which fills the first n numbers of them from those of its inputs.
 */

import { JETS } from './jets.js';

export const multiply = (a, b) => a * b;
/** A product in which 0 wins over infinity: the slope of a saturated function, a term with coefficient 0. */
export const absorb = (a, b) => (a === 0 || b === 0 ? 0 : a * b);

/** One operation. slope and curved say whether the first and second derivative can differ from 0 at all. */
export class Node {
  constructor(inputs, { slope = true, curved = true } = {}) {
    this.isConstant = inputs.every((input) => input.isConstant);
    this.slope = slope && inputs.some((input) => input.slope);
    this.curved = curved && this.slope;
    this.inputs = inputs;
    this.v = this.d = this.s = new Float64Array(1);
    this.run = null;
  }

  reserve(n) {
    this.v = new Float64Array(n);
    if (this.slope) this.d = new Float64Array(n);
    if (this.curved) this.s = new Float64Array(n);
  }
}

const COMPARE = {
  __proto__: null,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

/** A function of the catalog at constants: call gives a function of (array, order) for its name and their values. */
export function called(call, name, [u, ...constants], times) {
  const node = new Node([u]);
  node.isConstant = false;
  node.run = (n, order) => {
    const values = constants.map((each) => each.v[0]);
    const at = call(name, values);
    const [v, d, s] = at(u.v.subarray(0, n), u.slope ? order : 0);
    for (let i = 0; i < n; i += 1) {
      node.v[i] = Number.isNaN(u.v[i]) ? NaN : v[i];
      if (order > 0 && u.slope) node.d[i] = times(d[i], u.d[i]);
      if (order > 1 && u.slope) node.s[i] = times(s[i], u.d[i] * u.d[i]) + (u.curved ? times(d[i], u.s[i]) : 0);
    }
  };
  return node;
}

function comparison(holds, inputs) {
  const [a, b] = inputs;
  const node = new Node(inputs, { slope: false });
  node.run = (n) => {
    for (let i = 0; i < n; i += 1) node.v[i] = holds(a.v[i], b.v[i]) ? 1 : 0;
  };
  return node;
}

const FLAT = new Set(['sign', 'floor', 'ceil', 'round', 'trunc'].map((name) => JETS[name]));

function unary(jet, inputs, times) {
  const [u, parameter] = inputs;
  const node = new Node([u], { slope: !FLAT.has(jet), curved: jet !== JETS.abs || u.curved });
  node.isConstant = inputs.every((input) => input.isConstant);
  const out = new Float64Array(3);
  node.run = (n, order) => {
    const c = parameter ? parameter.v[0] : 0;
    const asked = node.slope ? order : 0;
    const { v, d, s } = node;
    for (let i = 0; i < n; i += 1) {
      jet(u.v[i], asked, out, c);
      v[i] = out[0];
      if (asked > 0) d[i] = times(out[1], u.d[i]);
      if (asked > 1 && node.curved) s[i] = times(out[2], u.d[i] * u.d[i]) + (u.curved ? times(out[1], u.s[i]) : 0);
    }
  };
  return node;
}

/** The sum of two nodes with signs, derivatives alike. */
function sum(inputs, sign) {
  const [a, b] = inputs;
  const node = new Node(inputs, { curved: inputs.some((input) => input.curved) });
  const combine = (out, first, second, n) => {
    for (let i = 0; i < n; i += 1) out[i] = (first ? first[i] : 0) + (second ? sign * second[i] : 0);
  };
  node.run = (n, order) => {
    for (let i = 0; i < n; i += 1) node.v[i] = a.v[i] + sign * b.v[i];
    if (order > 0 && node.slope) combine(node.d, a.slope && a.d, b.slope && b.d, n);
    if (order > 1 && node.curved) combine(node.s, a.curved && a.s, b.curved && b.s, n);
  };
  return node;
}

function product(inputs, times) {
  const [a, b] = inputs;
  const both = a.slope && b.slope;
  const node = new Node(inputs, { curved: both || a.curved || b.curved });
  node.run = (n, order) => {
    const { v, d, s } = node;
    for (let i = 0; i < n; i += 1) v[i] = times(a.v[i], b.v[i]);
    if (order > 0 && node.slope) {
      for (let i = 0; i < n; i += 1) {
        d[i] = (a.slope ? times(a.d[i], b.v[i]) : 0) + (b.slope ? times(a.v[i], b.d[i]) : 0);
      }
    }
    if (order > 1 && node.curved) {
      for (let i = 0; i < n; i += 1) {
        const ends = (a.curved ? times(a.s[i], b.v[i]) : 0) + (b.curved ? times(a.v[i], b.s[i]) : 0);
        s[i] = ends + (both ? 2 * times(a.d[i], b.d[i]) : 0);
      }
    }
  };
  return node;
}

function quotient(inputs, times) {
  const [a, b] = inputs;
  const node = new Node(inputs, { curved: b.slope || a.curved });
  node.run = (n, order) => {
    const { v, d, s } = node;
    for (let i = 0; i < n; i += 1) {
      const below = b.v[i];
      v[i] = a.v[i] / below;
      if (order === 0 || !node.slope) continue;
      d[i] = slopeOfQuotient(a.v[i], a.slope ? a.d[i] : 0, below, b.slope ? b.d[i] : 0, a.slope, b.slope);
      if (order < 2 || !node.curved) continue;
      const mixed = b.slope ? 2 * d[i] * b.d[i] : 0;
      s[i] = ((a.curved ? a.s[i] : 0) - mixed - (b.curved ? times(v[i], b.s[i]) : 0)) / below;
    }
  };
  return node;
}

/** (a/b)'. With the products first it does not cancel for x/(1 + x); where they overflow, with the quotient first. */
function slopeOfQuotient(a, da, b, db, aHasSlope, bHasSlope) {
  if (!bHasSlope) return da / b;
  if (!aHasSlope) return -((a / b) * db) / b;
  if (b === 0) return da / b - (a / b / b) * db; // term by term, as torch has it at a pole
  const above = da * b - a * db;
  return Number.isFinite(above) ? above / b / b : (da - (a / b) * db) / b;
}

function power(inputs, times) {
  const [a, p] = inputs;
  if (p.isConstant) return constantPower(a, p, times);
  const node = new Node(inputs);
  node.run = (n, order) => {
    for (let i = 0; i < n; i += 1) {
      const [u, w] = [a.v[i], p.v[i]];
      const value = (node.v[i] = raised(u, w));
      if (order === 0 || !node.slope) continue;
      const log = Math.log(u);
      const [du, dw] = [a.slope ? a.d[i] : 0, p.slope ? p.d[i] : 0];
      const byBase = a.slope && w !== 0 ? w * raised(u, w - 1) * du : 0;
      node.d[i] = byBase + (p.slope && !(u === 0 && w >= 0) ? value * log * dw : 0);
      if (order < 2) continue;
      const rate = (dw !== 0 ? dw * log : 0) + (du !== 0 ? (w * du) / u : 0);
      const bend = (p.curved ? p.s[i] * log : 0) + (2 * dw * du) / u;
      node.s[i] = value * (rate * rate + bend + (w * ((a.curved ? a.s[i] : 0) - (du * du) / u)) / u);
    }
  };
  return node;
}

function constantPower(a, p, times) {
  const node = new Node([a, p]);
  node.run = (n, order) => {
    const exponent = p.v[0];
    const { v, d, s } = node;
    for (let i = 0; i < n; i += 1) {
      const u = a.v[i];
      v[i] = raised(u, exponent);
      if (order === 0 || !node.slope) continue;
      const slope = exponent === 0 ? 0 : exponent * raised(u, exponent - 1);
      d[i] = times(slope, a.d[i]);
      if (order < 2) continue;
      const factor = exponent * (exponent - 1);
      const bend = factor === 0 ? 0 : factor * raised(u, exponent - 2) * a.d[i] * a.d[i];
      s[i] = bend + (a.curved ? times(slope, a.s[i]) : 0);
    }
  };
  return node;
}

function raised(u, exponent) {
  if (exponent === 1 || u === 1) return u; // where JavaScript has NaN for 1 to the infinite
  if (exponent === 2) return u * u;
  return exponent === 3 ? u * u * u : exponent === 0.5 ? Math.sqrt(u) : u ** exponent;
}

function negative(inputs) {
  const [a] = inputs;
  const node = new Node(inputs, { curved: a.curved });
  node.run = (n, order) => {
    for (let i = 0; i < n; i += 1) node.v[i] = -a.v[i];
    if (order > 0 && node.slope) for (let i = 0; i < n; i += 1) node.d[i] = -a.d[i];
    if (order > 1 && node.curved) for (let i = 0; i < n; i += 1) node.s[i] = -a.s[i];
  };
  return node;
}

/** Copies a node's numbers at i into another; weight 1/2 twice makes the mean that torch takes of slopes at a tie. */
function add(node, from, i, weight, order) {
  node.v[i] = from.v[i];
  if (order > 0 && from.slope) node.d[i] += weight * from.d[i];
  if (order > 1 && from.curved) node.s[i] += weight * from.s[i];
}

function clear(node, i, order) {
  if (order > 0 && node.slope) node.d[i] = 0;
  if (order > 1 && node.curved) node.s[i] = 0;
}

function where(inputs) {
  const [condition, yes, no] = inputs;
  const node = new Node([condition, yes, no], { curved: yes.curved || no.curved });
  node.slope = yes.slope || no.slope;
  node.curved = node.curved && node.slope;
  node.run = (n, order) => {
    for (let i = 0; i < n; i += 1) {
      clear(node, i, order);
      add(node, condition.v[i] ? yes : no, i, 1, order);
    }
  };
  return node;
}

const extreme = (isFirst) => (inputs) => {
  const [a, b] = inputs;
  const node = new Node(inputs, { curved: a.curved || b.curved });
  node.run = (n, order) => {
    for (let i = 0; i < n; i += 1) {
      const [first, second] = [a.v[i], b.v[i]];
      clear(node, i, order);
      if (first === second) {
        add(node, a, i, 0.5, order);
        add(node, b, i, 0.5, order);
      } else add(node, isFirst(first, second) ? a : b, i, 1, order);
    }
  };
  return node;
};

function conjunction(inputs) {
  const node = new Node(inputs, { slope: false });
  node.run = (n) => {
    for (let i = 0; i < n; i += 1) node.v[i] = inputs.every((input) => input.v[i]) ? 1 : 0;
  };
  return node;
}

const OPERATORS = {
  __proto__: null,
  '+': (inputs) => sum(inputs, 1),
  '-': (inputs) => sum(inputs, -1),
  '*': product,
  '/': quotient,
  '**': power,
  neg: negative,
  where,
  and: conjunction,
  // NaN goes through, as in torch.
  max: extreme((a, b) => a > b || Number.isNaN(a)),
  min: extreme((a, b) => a < b || Number.isNaN(a)),
};

for (const [name, holds] of Object.entries(COMPARE)) OPERATORS[name] = (inputs) => comparison(holds, inputs);
for (const [name, jet] of Object.entries(JETS)) OPERATORS[name] = (inputs, times) => unary(jet, inputs, times);

/** Makes a node of an operator or a function. @param {string} name @param {Node[]} inputs @returns {Node} */
export function operation(name, inputs, times) {
  if (!(name in OPERATORS)) throw new Error(`unknown function ${name}`);
  return OPERATORS[name](inputs, times);
}
