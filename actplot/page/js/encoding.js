/** Colours, dashes, labels and titles, as Python has decided them, for page and saved figure alike. */

import { number } from './numbers.js';

/**
 * @typedef {"zh" | "en"} Language
 * @typedef {Object<Language, string>} Text
 * @typedef {{
 *   colours: Object<string, {light: string, dark: string}>, cycle: string[], dashes: string[],
 *   slopeDashes: Object<string, string[]>, axisLabels: Object<string, string>, symbols: Object<string, string>,
 *   partLabels: Object<string, Text>, one: Object<string, Text>, several: Object<string, Text>, values: Text,
 *   margins: Object<string, number>, size: number[], panelWidth: number, dpi: number
 * }} Encoding
 * @typedef {{
 *   name: string, title: string, chinese: string, variable: Text | null, parameters: Object<string, number>,
 *   defaults: Object<string, number>
 * }} Titled `chinese` is the title in Chinese headings, `variable` what x is.
 */

/** Lengths of strokes and gaps, in widths of the line, as matplotlib has them. */
export const DASHES = {
  '-': [],
  '--': [3.7, 1.6],
  ':': [1, 1.65],
  '-.': [6.4, 1.6, 1, 1.6],
  '. .': [1, 4],
  '-..': [6.4, 1.6, 1, 1.6, 1, 1.6],
};

/**
 * Parameter values as they stand in titles and legends: "slope = 0.03, alpha = 2".
 * @param {Object<string, number>} values
 */
export function assignments(values) {
  return Object.entries(values)
    .map(([name, value]) => `${name} = ${number(value)}`)
    .join(', ');
}

/** @param {Titled} each */
function chosen(each) {
  return Object.fromEntries(Object.entries(each.parameters).filter(([name, value]) => value !== each.defaults[name]));
}

/**
 * Title and chosen parameters of a function, for a legend.
 * @param {Titled} each
 */
export function labelOf(each) {
  const values = assignments(chosen(each));
  return values ? `${each.title} (${values})` : each.title;
}

/**
 * Label for each function: the parameters that vary where all are the same function, else titles with parameters.
 * @param {Titled[]} functions
 * @returns {string[]}
 */
export function tellApart(functions) {
  if (new Set(functions.map((each) => each.name)).size > 1) {
    const labels = functions.map(labelOf);
    return labels.map((label, i) =>
      labels.indexOf(label) === labels.lastIndexOf(label)
        ? label
        : labelOf({ ...functions[i], title: functions[i].name }),
    );
  }
  const names = [...new Set(functions.flatMap((each) => Object.keys(each.parameters)))];
  const varying = names.filter((name) => new Set(functions.map((each) => each.parameters[name])).size > 1);
  return functions.map((each) => {
    const values = Object.fromEntries(
      varying.filter((name) => name in each.parameters).map((name) => [name, each.parameters[name]]),
    );
    return assignments(values) || labelOf(each);
  });
}

/** What page and saved figure look like, decided by the encoding that Python wrote. */
export class Looks {
  /** @param {Encoding} encoding */
  constructor(encoding) {
    this.encoding = encoding;
    /** @type {{names: string[], words: Object<Language, string[]>} | null} Titles in the place of the usual ones. */
    this.headings = null;
  }

  /**
   * Title of a panel.
   * @param {Titled[]} functions
   * @param {string[]} parts
   * @param {Language} lang
   */
  heading(functions, parts, lang) {
    const key = parts.join(',');
    const own = this.headings?.words[lang][['y', 'dy', 'd2y'].indexOf(parts[0])];
    if (own && parts.length === 1 && functions.every((each) => this.headings?.names.includes(each.name))) return own;
    if (new Set(functions.map((each) => each.title)).size > 1) return this.encoding.several[key][lang];
    const [first, ...others] = functions;
    const shared = Object.entries(first.parameters).filter(
      ([name, value]) =>
        functions.some((each) => name in chosen(each)) && others.every((other) => other.parameters[name] === value),
    );
    const values = assignments(Object.fromEntries(shared));
    const after = values ? fill(this.encoding.values[lang], { values }) : '';
    const name = lang === 'zh' ? first.chinese : first.title;
    const template = this.encoding.one[key][lang];
    return fill(/[\u4e00-\u9fff]$/.test(name) ? template.replace('{name} ', '{name}') : template, {
      name,
      values: after,
    });
  }

  /**
   * Label of an x axis: what x is to all of the functions.
   * @param {Titled[]} functions
   * @param {Language} lang
   */
  xLabel(functions, lang) {
    const [label, ...others] = new Set(functions.map((each) => each.variable?.[lang] ?? 'x'));
    return others.length ? 'x' : label;
  }

  /**
   * Colour and dashes of the line of a part.
   * @param {string} part
   * @param {number | null} index Place of its curve among several; null where it is alone.
   * @param {"light" | "dark"} ground
   * @param {string[]} parts All parts of the panel.
   * @returns {{colour: string, dash: number[]}}
   */
  line(part, index, ground, parts) {
    const { colours, cycle, dashes, slopeDashes } = this.encoding;
    if (index === null) return { colour: colours[part][ground], dash: [] };
    const styles = parts.length > 1 && part !== 'y' ? slopeDashes[part] : dashes;
    const style = styles[Math.floor(index / cycle.length) % styles.length];
    return { colour: cycle[index % cycle.length], dash: DASHES[/** @type {keyof typeof DASHES} */ (style)] };
  }

  /**
   * Colour of the title of a panel: that of a derivative alone, else that of text.
   * @param {string[]} parts
   * @param {number} count Of the functions.
   * @param {"light" | "dark"} ground
   */
  titleColour(parts, count, ground) {
    return count === 1 && parts.length === 1 && parts[0] !== 'y' ? this.encoding.colours[parts[0]][ground] : '';
  }
}

/**
 * @param {string} template
 * @param {Object<string, string>} values
 */
export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
