/** Curves of the functions of the state, sampled anew only where something has changed. */

import { Landmarks } from './reading.js';
import { sampleCurve } from './sampling.js';
import { spanOf } from './functions.js';
import { tellApart } from './encoding.js';

/**
 * @typedef {import("./scene.js").Drawn} Drawn
 * @typedef {import("./model.js").Model} Model
 */

// Longer ones make no title and no legend.
const LONGEST_TITLE = 40;

/**
 * Function as titles and legends need it.
 * @param {Model} model
 * @param {Object<string, number>} defaults
 * @param {Object<string, number>} parameters
 */
export function titledOf(model, defaults, parameters) {
  const title = model.title?.en ?? model.name;
  const shown = title.length > LONGEST_TITLE ? 'f(x)' : title;
  const { chinese, variable } = model;
  return { name: model.name, title: shown, chinese: chinese ?? shown, variable, defaults, parameters };
}

export class Curves {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    /** @type {Map<string, any>} */
    this.kept = new Map();
  }

  /** Samples the functions whose parameters, range or panel are others. */
  sample() {
    const { app } = this;
    const { functions, range, order } = app.state;
    const fresh = new Map();
    const titled = functions.map(({ name, parameters }) =>
      titledOf(app.library.resolve(name), app.library.about(name).defaults, parameters),
    );
    const labels = tellApart(titled);
    app.drawn = functions.map((shown, place) => {
      const key = JSON.stringify([shown.name, shown.parameters, range, order, Math.round(app.plot.width)]);
      const known =
        fresh.get(key) ?? this.kept.get(key) ?? this.curveOf(shown.name, shown.parameters, range, app.plot.width);
      fresh.set(key, known);
      const index = functions.length > 1 ? place : null;
      return { ...known, index, isHidden: shown.isHidden, label: labels[place], titled: titled[place] };
    });
    this.kept = fresh;
  }

  /**
   * @param {string} name
   * @param {Object<string, number>} parameters
   * @param {[number, number]} range
   * @param {number} width
   */
  curveOf(name, parameters, range, width) {
    const model = /** @type {any} */ (this.app.library.resolve(name));
    model.want?.(parameters, range, this.app.state.order);
    const curve = sampleCurve(model, parameters, range, width, this.app.state.order);
    return { model, parameters, curve, landmarks: new Landmarks(model, parameters, curve) };
  }

  /** Curves at both ends of the slider in hand, for which the panels make room. */
  reachable() {
    const { drawn, sliding, state } = this.app;
    if (!sliding) return drawn;
    const { name, parameters } = state.functions[sliding.place];
    const model = this.app.library.resolve(name);
    if ('want' in model) return drawn;
    const parameter = model.parameters.find((each) => each.name === sliding.parameter);
    if (!parameter) return drawn;
    const { low, high } = spanOf(parameter, parameters[sliding.parameter]);
    return [low, high].map((value) => ({
      ...drawn[sliding.place],
      ...this.curveOf(name, { ...parameters, [sliding.parameter]: value }, state.range, 300),
    }));
  }
}
