/** The command line that draws what a page shows, spelt as Python spells it. */

import { number } from './numbers.js';
import { specOf } from './state.js';

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./state.js").Shown} Shown
 * @typedef {(name: string) => {isCatalog: boolean, defaults: Object<string, number>}} About
 */

/**
 * Words as one command line for a shell.
 * @param {string[]} words
 */
export function joined(words) {
  return words.map(quoted).join(' ');
}

/** @param {string} word */
function quoted(word) {
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(word)) {
    const escaped = word.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n');
    return `$'${escaped.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, coded)}'`;
  }
  if (word && !/[^A-Za-z0-9_@%+=:,./-]/.test(word)) return word;
  return `'${word.replace(/'/g, `'"'"'`)}'`;
}

/** @param {string} character */
function coded(character) {
  const code = /** @type {number} */ (character.codePointAt(0));
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/**
 * Command of a state; functions that are hidden are left out.
 * @param {State} state
 * @param {About} about
 * @param {{at: number[], title: string | null}} more Marked points, and the title of the figure.
 */
export function commandOf(state, about, { at, title }) {
  const visible = state.functions.filter((each) => !each.isHidden);
  const words = functionWords(visible.length ? visible : state.functions, about);
  words.push('--range', ...state.range.map(number));
  if (state.order !== 1) words.push('--order', String(state.order));
  const [low, high] = state.range;
  for (const x of at) if (x >= low && x <= high) words.push('--at', number(x));
  if (state.layout !== 'side') words.push('--layout', state.layout);
  words.push('--lang', state.lang);
  if (title !== null) words.push('--title', title);
  return joined(words);
}

/**
 * Command that asks for functions, without the options of the figure.
 * @param {Shown[]} functions
 * @param {About} about
 */
function functionWords(functions, about) {
  const specs = [...new Set(functions.map((each) => argumentOf(each, about)))];
  const [first] = functions;
  const { isCatalog, defaults } = about(first.name);
  if (specs.length > 1 && !isSweep(functions)) return ['actplot', 'compare', ...specs];
  const words = isCatalog ? ['actplot', first.name] : ['actplot', 'plot', first.name];
  for (const name of Object.keys(first.parameters)) {
    const values = [...new Set(functions.map((each) => each.parameters[name]))];
    if (isCatalog && values.every((value) => value === defaults[name])) continue;
    for (const value of values) {
      if (isCatalog) words.push(`--${name.replace(/_/g, '-')}`, number(value));
      else words.push('--param', `${name}=${number(value)}`);
    }
  }
  return words;
}

/**
 * @param {Shown} shown
 * @param {About} about
 */
function argumentOf(shown, about) {
  const { isCatalog, defaults } = about(shown.name);
  const name = shown.name.startsWith('-') ? `(${shown.name})` : shown.name;
  return specOf({ ...shown, name }, isCatalog ? defaults : {});
}

/**
 * Whether functions are one function at every combination of some values, in that order.
 * @param {Shown[]} functions
 */
function isSweep(functions) {
  if (new Set(functions.map((each) => each.name)).size > 1) return false;
  const names = Object.keys(functions[0].parameters);
  /** @type {number[][]} */
  let combinations = [[]];
  for (const name of names) {
    const values = [...new Set(functions.map((each) => each.parameters[name]))];
    combinations = combinations.flatMap((before) => values.map((value) => [...before, value]));
  }
  if (combinations.length !== functions.length) return false;
  return functions.every((each, i) => names.every((name, k) => each.parameters[name] === combinations[i][k]));
}
