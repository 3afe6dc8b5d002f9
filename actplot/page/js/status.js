/** The reading below the panels: x, and what every curve is there. */

import { element, swatch } from './dom.js';
import { digits } from './numbers.js';
import { PARTS } from './sampling.js';
import { isOneNumber, read, shown } from './reading.js';

/**
 * @typedef {import("./reading.js").Value} Value
 * @typedef {import("./reading.js").Place} Place
 */

const MOST_LANDMARKS = 10;

export class Status {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.reading = element('div', { class: 'reading', role: 'status' });
    this.landmarks = element('div', { class: 'landmarks' });
    this.element = element('section', { class: 'status' }, this.reading, this.landmarks);
    /** @type {Value[][]} */
    this.values = [];
    this.timer = 0;
  }

  /** Reads the curves at the cursor. */
  show() {
    const { app } = this;
    const { drawn, looks, state, theme } = app;
    const cursor = app.cursor.shown;
    if (!cursor) {
      this.values = [];
      this.reading.replaceChildren(element('p', { class: 'hint' }, app.words('hint')));
      return;
    }
    this.values = drawn.map((each) => read(each.model, each.parameters, each.curve, cursor.x, state.order));
    this.settle(cursor);
    const isAlone = drawn.length === 1;
    const x = element('span', { class: 'x' }, `x = ${digits(cursor.x)} `);
    const remark = element('span', { class: 'kind' }, `${this.remark()} `);
    const rows = drawn.map((each, place) => {
      if (each.isHidden) return null;
      const values = this.values[place].map((value, order) => {
        const text = shown(value, { left: app.words('left'), right: app.words('right'), here: app.words('here') });
        const look = looks.line(PARTS[order], each.index, theme.ground, [PARTS[order]]);
        const cell = element(
          'span',
          { class: isOneNumber(value) ? 'value' : 'value sides' },
          `${looks.encoding.symbols[PARTS[order]]} = ${text} `,
        );
        if (isAlone) cell.style.color = look.colour;
        return cell;
      });
      const line = looks.line('y', each.index, theme.ground, ['y']);
      const label = isAlone ? [] : [element('span', { class: 'label' }, swatch(line), `${each.label} `)];
      return element('p', { class: place === cursor.nearest && !isAlone ? 'row nearest' : 'row' }, ...label, ...values);
    });
    if (isAlone) rows[0]?.prepend(x);
    if (isAlone) rows[0]?.append(remark);
    const visible = rows.filter(Boolean);
    const table = element('div', { class: visible.length > 4 ? 'rows many' : 'rows' }, ...visible);
    this.reading.replaceChildren(...(isAlone ? [] : [element('p', { class: 'row' }, x, remark)]), table);
  }

  /**
   * At an extremum, which no float hits exactly, the slope is zero.
   * @param {import("./cursor.js").Spot} cursor
   */
  settle({ kind, part, nearest }) {
    const order = PARTS.indexOf(part) + 1;
    const slope = this.values[nearest]?.[order];
    if ((kind === 'minimum' || kind === 'maximum') && slope && isOneNumber(slope) && Math.abs(slope[2]) < 1e-12) {
      this.values[nearest][order] = [0, 0, 0];
    }
  }

  /** What is special at the cursor, in words. */
  remark() {
    const { state, looks } = this.app;
    const cursor = this.app.cursor.shown;
    if (!cursor) return '';
    const words = [];
    const isExtremum = cursor.kind === 'minimum' || cursor.kind === 'maximum';
    if (isExtremum) words.push(`${looks.encoding.symbols[cursor.part]} ${this.app.words(cursor.kind)}`);
    else if (cursor.kind) words.push(this.app.words(cursor.kind));
    if (state.pinned !== null) words.push(this.app.words('pinned'));
    return words.join(state.lang === 'zh' ? '，' : ', ');
  }

  /**
   * Reading of the parts of a panel as one line, for those who hear it.
   * @param {number[]} orders
   */
  spoken(orders) {
    const { drawn, looks, state } = this.app;
    const cursor = this.app.cursor.shown;
    if (!cursor) return this.app.words('hint');
    const words = { left: this.app.words('left'), right: this.app.words('right'), here: this.app.words('here') };
    const pieces = [`x = ${digits(cursor.x)}`];
    drawn.forEach((each, place) => {
      if (each.isHidden) return;
      const values = orders.map(
        (order) =>
          `${looks.encoding.symbols[PARTS[order]]} = ${shown(this.values[place]?.[order] ?? [NaN, NaN, NaN], words)}`,
      );
      pieces.push((drawn.length > 1 ? `${each.label}: ` : '') + values.join(', '));
    });
    const remark = this.remark();
    return [...pieces, ...(remark ? [remark] : [])].join(state.lang === 'zh' ? '；' : '; ');
  }

  /** Offers the extrema and breaks in sight, once the hand rests. */
  offer() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.offerNow(), 200);
  }

  /** Offers them at once. */
  offerNow() {
    clearTimeout(this.timer);
    const { app } = this;
    const { drawn, looks, state } = app;
    const visible = drawn.map((each, place) => ({ each, place })).filter(({ each }) => !each.isHidden);
    const focused = visible.find(({ place }) => place === app.cursor.shown?.nearest) ?? visible[0];
    if (!focused) {
      this.landmarks.replaceChildren();
      return;
    }
    const places = focused.each.landmarks.all(state.order, MOST_LANDMARKS);
    const chips = places.map((place) => {
      const isExtremum = place.kind === 'minimum' || place.kind === 'maximum';
      const what = isExtremum
        ? `${looks.encoding.symbols[place.part]} ${app.words(place.kind)}`
        : app.words(place.kind);
      return element(
        'button',
        { type: 'button', class: 'chip', click: () => app.cursor.goTo(place, focused.place) },
        `${what} `,
        element('span', { class: 'at' }, `x = ${digits(place.x, 4)}`),
      );
    });
    const label = drawn.length > 1 ? `${app.words('landmarks')} (${focused.each.label})` : app.words('landmarks');
    this.landmarks.replaceChildren(...(chips.length ? [element('span', { class: 'label' }, label), ...chips] : []));
  }
}
