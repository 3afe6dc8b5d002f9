/** What the page of softmax shows, checked wherever it comes from, and how it is written into a link and a command. */

import { joined } from './command.js';
import { number } from './numbers.js';
import { Refusal } from './state.js';

/** @typedef {{scores: number[][], temperature: number, lang: "zh" | "en"}} Scores A list of scores for each sample. */

const LONGEST = 20_000;
// Beyond these no slider is of use.
export const FURTHEST = 1e6;

/**
 * Scores with what was given in the place of what was there.
 * @param {any} given
 * @param {Scores} before
 * @returns {Scores}
 */
export function checkedScores(given, before) {
  const { scores, temperature, lang } = { ...before, ...given };
  const [count, classes] = [before.scores.length, before.scores[0].length];
  const isShape =
    Array.isArray(scores) &&
    scores.length === count &&
    scores.every((row) => Array.isArray(row) && row.length === classes);
  if (!isShape || !scores.flat().every((each) => Math.abs(each) <= FURTHEST)) throw new Refusal('badLink');
  if (!(temperature > 0 && temperature <= FURTHEST)) {
    throw new Refusal('badValue', { parameter: 'temperature', domain: '> 0' });
  }
  if (lang !== 'zh' && lang !== 'en') throw new Refusal('badLanguage');
  return { scores, temperature, lang };
}

/**
 * Fragment of a link, without "#".
 * @param {Scores} state
 */
export function fragmentOfScores({ scores, temperature, lang }) {
  const rows = scores.map((row) => `scores=${row.map(number).join(',')}`);
  return [...rows, `temperature=${number(temperature)}`, `lang=${lang}`].join('&');
}

/**
 * What a fragment asks for, not yet checked.
 * @param {string} fragment
 */
export function scoresAskedBy(fragment) {
  if (fragment.length > LONGEST) throw new Refusal('badLink');
  /** @type {any} */
  const asked = {};
  for (const part of fragment.split('&')) {
    const [key, value = ''] = part.split('=');
    const numbers = value.split(',').map((each) => (each ? Number(each) : NaN));
    if (key === 'scores') (asked.scores ??= []).push(numbers);
    else if (key === 'temperature') [asked.temperature] = numbers;
    else if (key === 'lang') asked.lang = value;
    else throw new Refusal('badLink');
  }
  return asked;
}

/**
 * Command that draws the scores.
 * @param {Scores} state
 * @param {{name: string, labels: string[] | null, title: string | null}} figure
 */
export function commandOfScores({ scores, temperature, lang }, { name, labels, title }) {
  const words = ['actplot', name, ...scores.map((row) => `--scores=${row.map(number).join(',')}`)];
  if (labels) words.push(`--labels=${labels.join(',')}`);
  if (temperature !== 1) words.push('--temperature', number(temperature));
  words.push('--lang', lang);
  if (title !== null) words.push('--title', title);
  return joined(words);
}
