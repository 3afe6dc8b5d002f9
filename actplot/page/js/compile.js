/**
 * Trees as functions of arrays. A program is a list of nodes in the order in which they are computed, each with arrays
 * for value, first and second derivative, which are kept between calls. Equal subtrees are one node.
 */

import { Node, absorb, called, multiply, operation } from './operators.js';
import { rewrite } from './rewrite.js';

/** @typedef {import('./rewrite.js').Tree} Tree */
/** @typedef {(name: string, values: number[]) => (x: Float64Array, order: number) => Float64Array[]} Call */

const CONSTANTS = { __proto__: null, pi: Math.PI, e: Math.E };

/**
 * A tree compiled.
 *
 * @param {Tree} tree
 * @param {{absorbing?: boolean, call?: Call}} options absorbing: 0 times infinity is 0; call: a function of the
 *   catalog at constants
 */
export function compile(tree, { absorbing = false, call } = {}) {
  const times = absorbing ? absorb : multiply;
  const nodes = [];
  const known = new Map();
  const x = new Node([], {});
  x.isConstant = false;
  x.slope = true;
  x.curved = false;
  let parameters = {};

  function constant(value) {
    const node = new Node([]);
    node.run = (n) => node.v.fill(value(), 0, n);
    return node;
  }

  function build(part) {
    if (part === 'x') return x;
    const key = JSON.stringify(part);
    let node = known.get(key);
    if (!node) {
      node = make(part);
      known.set(key, node);
      nodes.push(node);
    }
    return node;
  }

  function make(part) {
    if (typeof part === 'number') return constant(() => part);
    if (typeof part === 'string') return constant(part in CONSTANTS ? () => CONSTANTS[part] : () => parameters[part]);
    const [name, ...parts] = part;
    if (name === 'call') return called(call, parts[0], parts.slice(1).map(build), times);
    if (parts.length > 2 && (name === 'max' || name === 'min')) return make([name, part.slice(0, -1), part.at(-1)]);
    if (name === 'where' && parts.length === 2) return make([...part, NaN]);
    return operation(name, parts.map(build), times);
  }

  const root = build(rewrite(tree));
  let capacity = 0;
  return {
    /** Values and derivatives; arrays of the caller's own. */
    evaluate(points, values, order) {
      const n = points.length;
      if (n > capacity) {
        capacity = n;
        for (const node of [x, ...nodes]) node.reserve(n);
        x.d.fill(1);
      }
      x.v.set(points);
      parameters = values;
      for (const node of nodes) node.run(n, order);
      const result = [root.v.slice(0, n)];
      if (order > 0) result.push(root.slope ? root.d.slice(0, n) : new Float64Array(n));
      if (order > 1) result.push(root.curved ? root.s.slice(0, n) : new Float64Array(n));
      return result;
    },
    /** The value of a tree without x. */
    constant(values) {
      return this.evaluate([0], values, 0)[0][0];
    },
  };
}
