/** What scripts can do with a page: `globalThis.actplot`. */

import { checkedParameters, checkedState } from './state.js';

// Ends of a line that holds every break of a function whose breaks are known.
const EVERYWHERE = /** @type {[number, number]} */ ([-1e300, 1e300]);

/**
 * @param {import("./app.js").App} app
 * @param {string[]} names
 * @param {() => void} [open] Makes the figure visible, where it may not be.
 */
export function surfaceOf(app, names, open) {
  /** @returns {import('./model.js').Model & Partial<import('./remote.js').RemoteModel>} */
  const resolve = (/** @type {string} */ name) => app.library.resolve(name);
  return Object.freeze({
    /** Names of the functions of the page. */
    names: Object.freeze([...names]),

    /**
     * Values and derivatives up to an order: numbers for a number, arrays for an array.
     * @param {string} name
     * @param {number | number[]} x
     * @param {Object<string, number>} [parameters] The defaults where none is given.
     * @param {0 | 1 | 2} [order]
     */
    evaluate(name, x, parameters = {}, order = 1) {
      if (order !== 0 && order !== 1 && order !== 2) throw new RangeError('order must be 0, 1 or 2');
      const model = resolve(name);
      const isOne = typeof x === 'number';
      const points = Float64Array.from(isOne ? [x] : x);
      const values = checkedParameters(model, parameters);
      // What the process behind the page computes is asked for, not interpolated.
      const columns = model.exact
        ? model.exact(Array.from(points), values, order)
        : model.evaluate(points, values, order).slice(0, order + 1);
      return columns.map((column) => (isOne ? column[0] : Array.from(column)));
    },

    /**
     * Breaks of a function, each with the limit from the left, that from the right, and the value.
     * @param {string} name
     * @param {Object<string, number>} [parameters]
     * @param {[number, number]} [range] By default the whole line for a function of the catalog, else the range in sight.
     */
    breaks(name, parameters = {}, range) {
      const model = resolve(name);
      const where = range ?? (app.library.about(name).isCatalog ? EVERYWHERE : app.state.range);
      const values = checkedParameters(model, parameters);
      const found = model.exactBreaks ? model.exactBreaks(values, where) : model.breaks(values, where, 2);
      return found.map(({ x, y, dy, d2y }) => ({ x, y: [...y], dy: [...dy], d2y: [...d2y] }));
    },

    /** What is shown; what is set is checked first, and what is left out stays. */
    get state() {
      const { functions, range, order, layout, lang } = app.state;
      return {
        functions: functions.map(({ name, parameters }) => ({ name, parameters: { ...parameters } })),
        range: [...range],
        order,
        layout,
        lang,
      };
    },
    set state(given) {
      const state = checkedState(/** @type {any} */ (given), app.state, resolve);
      open?.();
      app.show(state);
    },
  });
}
