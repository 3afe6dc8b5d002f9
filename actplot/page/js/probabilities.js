/** Softmax in numbers, and as bars and heat maps. */

import { segment } from './panel.js';
import { ticks, tickLabels } from './numbers.js';

/**
 * @typedef {import("./painter.js").Painter} Painter
 * @typedef {import("./painter.js").Box} Box
 * @typedef {{x: number, y: number, width: number, height: number, rows: number, columns: number}} Cells
 */

// More classes than these get no bar, and more than those no number.
const MOST_BARS = 20;
const MOST_NUMBERS = 8;

/**
 * Probabilities of scores, or their logarithms. The largest score is taken off first, so that none overflows.
 * @param {number[]} scores
 * @param {number} temperature
 * @param {boolean} isLogarithmic
 * @returns {number[]}
 */
export function valuesOf(scores, temperature, isLogarithmic) {
  const largest = Math.max(...scores);
  const shifted = scores.map((score) => (score - largest) / temperature);
  const powers = shifted.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b, 0);
  return isLogarithmic ? shifted.map((each) => each - Math.log(sum)) : powers.map((each) => each / sum);
}

/**
 * Derivatives of the values of some classes by their scores: a row for each value.
 * @param {number[]} scores
 * @param {number} temperature
 * @param {boolean} isLogarithmic
 * @param {number[]} classes
 */
export function jacobianOf(scores, temperature, isLogarithmic, classes) {
  const p = valuesOf(scores, temperature, false);
  return classes.map((row) =>
    classes.map((column) => (((row === column ? 1 : 0) - p[column]) * (isLogarithmic ? 1 : p[row])) / temperature + 0),
  );
}

/**
 * Classes that are shown: the largest, in their order.
 * @param {number[][]} scores
 * @param {number} temperature
 * @param {boolean} isLogarithmic
 */
export function shownClasses(scores, temperature, isLogarithmic) {
  const values = scores.map((row) => valuesOf(row, temperature, isLogarithmic));
  const best = scores[0].map((_, place) => ({ place, value: Math.max(...values.map((row) => row[place])) }));
  best.sort((a, b) => b.value - a.value);
  return best
    .slice(0, MOST_BARS)
    .map((each) => each.place)
    .sort((a, b) => a - b);
}

/**
 * Values of the shown classes, by sample.
 * @param {{scores: number[][], temperature: number}} state
 * @param {number[]} classes
 * @param {boolean} isLogarithmic
 */
export function barsOf({ scores, temperature }, classes, isLogarithmic) {
  return scores.map((row) => {
    const values = valuesOf(row, temperature, isLogarithmic);
    return classes.map((place) => values[place]);
  });
}

/** @param {number} value */
function short(value) {
  return value.toFixed(3).replace('-0.000', '0.000').replace('-', '−');
}

/**
 * Bars grouped by class, with a colour for each sample.
 * @param {Painter} painter
 * @param {Box} box
 * @param {number[][]} values
 * @param {string[]} labels
 * @param {any} theme
 * @param {any} encoding
 * @returns {Cells}
 */
export function drawBars(painter, box, values, labels, theme, encoding) {
  const inner = { x: box.x + 48, y: box.y + 18, width: box.width - 62, height: box.height - 54 };
  const { colours } = theme;
  const least = Math.min(0, ...values.flat());
  const most = Math.max(0, ...values.flat());
  const margin = 0.12 * (most - least || 1);
  const [low, high] = [least < 0 ? least - margin : 0, most > 0 ? most + margin : 0];
  const up = (/** @type {number} */ value) => inner.y + ((high - value) / (high - low)) * inner.height;
  const rows = ticks(low, high, inner.height / 40);
  const names = tickLabels(rows).labels;
  const text = { size: 12, colour: colours.text };
  rows.values.forEach((value, i) => {
    const y = Math.floor(up(value)) + 0.5;
    segment(painter, inner.x, y, inner.x + inner.width, y, { colour: colours.grid, width: 1 });
    painter.text(names[i], inner.x - 6, y, { ...text, align: 'right', baseline: 'middle' });
  });
  const group = inner.width / labels.length;
  const width = (0.8 * group) / values.length;
  values.forEach((heights, sample) => {
    const colour =
      values.length === 1 ? encoding.colours.y[theme.ground] : encoding.cycle[sample % encoding.cycle.length];
    heights.forEach((height, place) => {
      const x = inner.x + (place + 0.1) * group + sample * width;
      painter.box(
        {
          x: x + 0.04 * width,
          y: Math.min(up(0), up(height)),
          width: 0.92 * width,
          height: Math.abs(up(height) - up(0)),
        },
        colour,
      );
      if (heights.length * values.length > 12) return;
      const above = height < 0 ? up(height) + 4 : up(height) - 4;
      painter.text(short(height), x + width / 2, above, {
        ...text,
        size: 11,
        align: 'center',
        baseline: height < 0 ? 'top' : 'alphabetic',
      });
    });
  });
  const zero = Math.floor(up(0)) + 0.5;
  segment(painter, inner.x, zero, inner.x + inner.width, zero, { colour: colours.edge, width: 1 });
  named(painter, labels, text, (place) => inner.x + (place + 0.5) * group, group, inner.y + inner.height + 8);
  return { ...inner, rows: 1, columns: labels.length };
}

/**
 * Names of the classes below a panel: as many letters as there is room for.
 * @param {Painter} painter
 * @param {string[]} labels
 * @param {any} text
 * @param {(place: number) => number} at
 * @param {number} room
 * @param {number} top
 */
function named(painter, labels, text, at, room, top) {
  labels.forEach((label, place) => {
    let words = label;
    while (words.length > 1 && painter.widthOf(words, text.size) > room - 2) words = words.slice(0, -1);
    painter.text(words, at(place), top, { ...text, align: 'center', baseline: 'top' });
  });
}

/**
 * Matrix as a heat map, blue below zero and red above.
 * @param {Painter} painter
 * @param {Box} box
 * @param {number[][]} matrix
 * @param {string[]} labels
 * @param {any} theme
 * @param {{row: number, column: number} | null} marked
 * @returns {Cells}
 */
export function drawHeat(painter, box, matrix, labels, theme, marked) {
  const longest = Math.min(0.3 * box.width, Math.max(...labels.map((label) => painter.widthOf(label, 12))));
  const left = longest + 34;
  const inner = { x: box.x + left, y: box.y + 14, width: box.width - left - 16, height: box.height - 58 };
  const { colours } = theme;
  const reach = Math.max(...matrix.flat().map(Math.abs)) || 1;
  const [across, down] = [inner.width / labels.length, inner.height / labels.length];
  matrix.forEach((row, i) =>
    row.forEach((value, j) => {
      const share = Math.abs(value) / reach;
      const cell = { x: inner.x + j * across, y: inner.y + i * down, width: across + 0.5, height: down + 0.5 };
      painter.box(cell, blend(value < 0 ? [33, 102, 172] : [178, 24, 43], share));
      if (labels.length > MOST_NUMBERS || across < 38) return;
      const colour = share > 0.6 ? '#ffffff' : '#222222';
      painter.text(short(value), cell.x + across / 2, cell.y + down / 2, {
        size: 13,
        colour,
        align: 'center',
        baseline: 'middle',
      });
    }),
  );
  if (marked && marked.row < labels.length && marked.column < labels.length) {
    const cell = {
      x: inner.x + marked.column * across + 1,
      y: inner.y + marked.row * down + 1,
      width: across - 2,
      height: down - 2,
    };
    painter.box(cell, '', { colour: '#111111', width: 2 });
  }
  const text = { size: 12, colour: colours.text };
  labels.forEach((label, place) => {
    let words = label;
    while (words.length > 1 && painter.widthOf(words, 12) > longest + 1) words = words.slice(0, -1);
    painter.text(words, inner.x - 8, inner.y + (place + 0.5) * down, { ...text, align: 'right', baseline: 'middle' });
  });
  named(painter, labels, text, (place) => inner.x + (place + 0.5) * across, across, inner.y + inner.height + 6);
  painter.text('z', inner.x + inner.width / 2, inner.y + inner.height + 24, {
    ...text,
    align: 'center',
    baseline: 'top',
    italic: true,
  });
  painter.text('p', box.x + 8, inner.y + inner.height / 2, { ...text, baseline: 'middle', italic: true });
  return { ...inner, rows: labels.length, columns: labels.length };
}

/**
 * Colour between white and another, at a share of the way.
 * @param {number[]} colour
 * @param {number} share
 */
function blend(colour, share) {
  return `rgb(${colour.map((each) => Math.round(255 + (each - 255) * share)).join(' ')})`;
}
