/** What a page shows, checked wherever it comes from, and how it is written into a link. */

import { assignments, fill } from './encoding.js';
import { number } from './numbers.js';
import { WORDS } from './words.js';

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {import("./encoding.js").Language} Language
 * @typedef {{name: string, parameters: Object<string, number>, isHidden: boolean}} Shown
 * @typedef {{
 *   functions: Shown[], range: [number, number], order: 0 | 1 | 2, layout: "side" | "overlay", lang: Language,
 *   pinned: number | null
 * }} State
 * @typedef {(name: string) => Model} Resolve Model of a name or an expression; throws where there is none.
 */

export const MOST_FUNCTIONS = 12;
const LONGEST = 8000;
// Ends of a range beyond which, and widths below which, axes have no ticks.
const FURTHEST = 1e300;
const NARROWEST = 1e-11;

/** Something that was asked for and cannot be had, told in both languages. */
export class Refusal extends Error {
  /**
   * @param {string} key Of the words.
   * @param {Object<string, string>} [values]
   */
  constructor(key, values = {}) {
    super(fill(WORDS[key].en, values));
    this.text = { en: fill(WORDS[key].en, values), zh: fill(WORDS[key].zh, values) };
  }
}

/**
 * What is told of an error in a language.
 * @param {unknown} error
 * @param {Language} lang
 * @returns {string}
 */
export function told(error, lang) {
  if (error && typeof error === 'object' && 'text' in error) return /** @type {Refusal} */ (error).text[lang];
  return error instanceof Error ? error.message : String(error);
}

/**
 * Domain of a parameter as a phrase: "> 0", "0 … 1".
 * @param {Model["parameters"][number]} parameter
 * @param {Language} lang
 */
export function domainOf(parameter, lang) {
  if (parameter.choices) return Object.keys(parameter.choices).join(lang === 'zh' ? '、' : ', ');
  const { low, high, open_low: isOpen } = parameter.domain;
  if (low !== null && high !== null) return `${number(low)} … ${number(high)}`;
  if (low !== null) return `${isOpen ? '>' : '≥'} ${number(low)}`;
  if (high !== null) return `≤ ${number(high)}`;
  return '';
}

/**
 * Value of a parameter, or a refusal where it lies outside the domain.
 * @param {Model} model
 * @param {string} name
 * @param {unknown} given
 * @returns {number}
 */
export function checkedValue(model, name, given) {
  const parameter = model.parameters.find((each) => each.name === name);
  if (!parameter) throw new Refusal('noParameter', { name: model.name, parameter: name });
  const value = typeof given === 'string' && given.trim() === '' ? NaN : Number(given);
  const { low, high, open_low: isOpen, open_high: isOpenHigh } = parameter.domain;
  const isOutside =
    !Number.isFinite(value) ||
    (low !== null && (isOpen ? value <= low : value < low)) ||
    (high !== null && (isOpenHigh ? value >= high : value > high)) ||
    (parameter.choices && !Object.values(parameter.choices).includes(value));
  if (isOutside) throw new Refusal('badValue', { parameter: name, domain: domainOf(parameter, 'en') || 'finite' });
  return value;
}

/**
 * All parameters of a model, the defaults where none is given.
 * @param {Model} model
 * @param {Object<string, unknown>} given
 * @returns {Object<string, number>}
 */
export function checkedParameters(model, given) {
  const values = Object.fromEntries(model.parameters.map((each) => [each.name, each.default]));
  for (const [name, value] of Object.entries(given)) values[name] = checkedValue(model, name, value);
  if (!model.allows(values)) throw new Refusal('notTogether', { name: model.name, values: assignments(values) });
  return values;
}

/**
 * Range of x as two numbers, wide enough to have ticks.
 * @param {unknown} given
 * @returns {[number, number]}
 */
export function checkedRange(given) {
  const [low, high] = Array.isArray(given) && given.length === 2 ? given.map(Number) : [NaN, NaN];
  const furthest = Math.max(Math.abs(low), Math.abs(high));
  if (!(low < high) || !(furthest <= FURTHEST)) throw new Refusal('badRange');
  if (high - low < NARROWEST * furthest || high - low < 1e-150) throw new Refusal('narrowRange');
  return [low, high];
}

/**
 * State with what was given in the place of what was there.
 * @param {Object<string, unknown>} given
 * @param {State} before
 * @param {Resolve} resolve
 * @returns {State}
 */
export function checkedState(given, before, resolve) {
  const state = { ...before };
  if (given.functions !== undefined) {
    const functions = given.functions;
    if (!Array.isArray(functions) || !functions.length) throw new Refusal('noFunctions');
    if (functions.length > MOST_FUNCTIONS) throw new Refusal('tooMany', { most: String(MOST_FUNCTIONS) });
    state.functions = functions.map((each) => {
      if (typeof each?.name !== 'string' || each.name.length > 1000)
        throw new Refusal('noFunction', { name: String(each?.name).slice(0, 60) });
      const model = resolve(each.name);
      return {
        name: model.name,
        parameters: checkedParameters(model, each.parameters ?? {}),
        isHidden: each.isHidden === true,
      };
    });
    state.pinned = null;
  }
  if (given.range !== undefined) state.range = checkedRange(given.range);
  if (given.order !== undefined) {
    if (given.order !== 0 && given.order !== 1 && given.order !== 2) throw new Refusal('badOrder');
    state.order = given.order;
  }
  if (given.layout !== undefined) {
    if (given.layout !== 'side' && given.layout !== 'overlay') throw new Refusal('badLayout');
    state.layout = given.layout;
  }
  if (given.lang !== undefined) {
    if (given.lang !== 'zh' && given.lang !== 'en') throw new Refusal('badLanguage');
    state.lang = given.lang;
  }
  if (given.pinned !== undefined) state.pinned = Number.isFinite(given.pinned) ? Number(given.pinned) : null;
  return state;
}

/**
 * Function as one word, as `actplot compare` takes it: "leaky_relu:slope=0.1".
 * @param {Shown} shown
 * @param {Object<string, number>} defaults Parameters that need not be written.
 */
export function specOf({ name, parameters }, defaults) {
  const values = Object.entries(parameters).filter(([key, value]) => value !== defaults[key]);
  return values.length ? `${name}:${values.map(([key, value]) => `${key}=${number(value)}`).join(',')}` : name;
}

/**
 * Function of a word that `specOf` has written.
 * @param {string} spec
 */
export function shownOf(spec) {
  const colon = spec.lastIndexOf(':');
  const tail = spec.slice(colon + 1);
  if (colon < 0 || !/^\s*\w+\s*=[^=]/.test(tail)) return { name: spec, parameters: {} };
  const parameters = Object.fromEntries(
    tail.split(',').map((part) => {
      const [name, value, ...more] = part.split('=');
      if (value === undefined || value.trim() === '' || more.length) throw new Refusal('badLink');
      return [name.trim(), Number(value)];
    }),
  );
  return { name: spec.slice(0, colon), parameters };
}

/**
 * Fragment of a link that holds a state, without the leading "#".
 * @param {State} state
 * @param {(name: string) => Object<string, number>} defaultsOf
 */
export function fragmentOf(state, defaultsOf) {
  const plain = (/** @type {string} */ words) =>
    encodeURIComponent(words).replace(/%(3A|2C|3D|2F|2B)/g, decodeURIComponent);
  const parts = state.functions.map(
    (each) => `${each.isHidden ? 'hidden' : 'f'}=${plain(specOf(each, defaultsOf(each.name)))}`,
  );
  parts.push(`range=${state.range.map(number).join(',')}`, `order=${state.order}`);
  if (state.layout !== 'side') parts.push(`layout=${state.layout}`);
  parts.push(`lang=${state.lang}`);
  if (state.pinned !== null) parts.push(`x=${number(state.pinned)}`);
  return parts.join('&');
}

/**
 * What a fragment asks for, not yet checked; a name alone is that of a function.
 * @param {string} fragment Without the leading "#".
 * @returns {Object<string, any>}
 */
export function askedBy(fragment) {
  if (fragment.length > LONGEST) throw new Refusal('badLink');
  /** @type {Object<string, any>} */
  const asked = {};
  const functions = [];
  for (const part of fragment.split('&')) {
    const equals = part.indexOf('=');
    const [key, value] = equals < 0 ? ['f', part] : [part.slice(0, equals), part.slice(equals + 1)];
    let words;
    try {
      words = decodeURIComponent(value);
    } catch {
      throw new Refusal('badLink');
    }
    if (key === 'f' || key === 'hidden') functions.push({ ...shownOf(words), isHidden: key === 'hidden' });
    else if (key === 'range') asked.range = words.split(',').map((each) => (each.trim() === '' ? NaN : Number(each)));
    else if (key === 'order') asked.order = Number(words);
    else if (key === 'layout' || key === 'lang') asked[key] = words;
    else if (key === 'x') asked.pinned = Number(words);
    else throw new Refusal('badLink');
  }
  if (functions.length) asked.functions = functions;
  return asked;
}
