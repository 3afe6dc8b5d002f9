/** The functions of the figure: a row for each with its name, a slider and a number field for each parameter. */

import { button, element, swatch } from './dom.js';
import { nice, number, rounded } from './numbers.js';
import { labelOf } from './encoding.js';
import { checkedValue, domainOf, told } from './state.js';

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {Model["parameters"][number]} Parameter
 */

const STEPS = 200;

/**
 * Ends of a slider, which hold the value, and its step.
 * @param {Parameter} parameter
 * @param {number} value
 */
export function spanOf(parameter, value) {
  const low = Math.min(parameter.low, value);
  const high = Math.max(parameter.high, value);
  return { low, high, step: nice(Math.max((high - low) / STEPS, 1e-300)) };
}

/**
 * Whether a parameter can have another value.
 * @param {Parameter} parameter
 */
function canMove(parameter) {
  return !parameter.choices || Object.keys(parameter.choices).length > 1;
}

export class Functions {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.list = element('div', { class: 'functions' });
    this.element = element('section', { class: 'card controls' });
    /** @type {Map<string, {slider: any, field: any, output: any, error: any}>} */
    this.inputs = new Map();
  }

  /** Makes the rows anew. */
  build() {
    const { app } = this;
    this.inputs.clear();
    this.list.replaceChildren(...app.drawn.map((_, place) => this.row(place)));
    this.element.replaceChildren(element('h2', {}, app.words('functions')), this.list, app.chooser.element);
  }

  /** @param {number} place */
  row(place) {
    const { app } = this;
    const each = app.drawn[place];
    const isAlone = app.drawn.length === 1;
    const look = app.looks.line('y', each.index, app.theme.ground, ['y']);
    const name = element('span', { class: 'name' }, isAlone ? each.titled.title : labelOf(each.titled));
    const toggle = element(
      'button',
      {
        type: 'button',
        class: 'toggle',
        'aria-pressed': String(!each.isHidden),
        'aria-label': app.words('showHide', { name: labelOf(each.titled) }),
        disabled: isAlone,
        click: () => app.toggle(place),
      },
      swatch(look),
    );
    const remove = isAlone
      ? null
      : button('✕', () => app.remove(place), {
          class: 'remove',
          'aria-label': app.words('remove', { name: labelOf(each.titled) }),
        });
    const other =
      each.model.title?.zh && app.state.lang === 'zh' && each.model.title.zh !== each.titled.title
        ? element('span', { class: 'other' }, each.model.title.zh)
        : null;
    const head = element('div', { class: 'head' }, toggle, name, other, remove);
    const sliders = each.model.parameters.filter(canMove).map((parameter) => this.slider(place, parameter));
    return element(
      'div',
      { class: each.isHidden ? 'function is-hidden' : 'function', role: 'group', 'aria-label': labelOf(each.titled) },
      head,
      ...sliders,
    );
  }

  /**
   * @param {number} place
   * @param {Parameter} parameter
   */
  slider(place, parameter) {
    const { app } = this;
    const value = app.state.functions[place].parameters[parameter.name];
    const text = parameter.text?.[app.state.lang] ?? '';
    const id = `parameter-${place}-${parameter.name}`;
    const domain = domainOf(parameter, app.state.lang);
    const label = element(
      'label',
      { for: id, title: text },
      element('span', { class: 'symbol' }, parameter.name),
      ' ',
      element('span', { class: 'text' }, text),
    );
    const error = element('p', { class: 'error', id: `${id}-error`, role: 'alert', hidden: true });
    const made = {
      slider: /** @type {any} */ (null),
      field: /** @type {any} */ (null),
      output: /** @type {any} */ (null),
      error,
    };
    if (parameter.choices) {
      const names = Object.keys(parameter.choices);
      made.slider = element('input', {
        type: 'range',
        id,
        name: parameter.name,
        min: 0,
        max: names.length - 1,
        step: 1,
      });
      made.output = element('output', { for: id, class: 'field' });
      made.slider.addEventListener('input', () =>
        this.slid(place, parameter, Object.values(parameter.choices ?? {})[Number(made.slider.value)]),
      );
    } else {
      const { low, high, step } = spanOf(parameter, value);
      made.slider = element('input', { type: 'range', id, name: parameter.name, min: low, max: high, step });
      made.slider.addEventListener('input', () => this.slid(place, parameter, this.nearest(made.slider, parameter)));
      made.field = element('input', {
        type: 'text',
        inputmode: 'decimal',
        class: 'field',
        autocomplete: 'off',
        spellcheck: 'false',
        title: domain,
        'aria-label': app.words('value', { parameter: parameter.name }),
        'aria-describedby': `${id}-error`,
        change: () => this.typed(place, parameter),
        keydown: (/** @type {KeyboardEvent} */ event) => event.key === 'Enter' && this.typed(place, parameter),
      });
    }
    made.slider.addEventListener('change', () => app.settle());
    this.inputs.set(`${place} ${parameter.name}`, made);
    this.put(place, parameter, value);
    return element('div', { class: 'parameter' }, label, made.slider, made.field ?? made.output, error);
  }

  /**
   * Value that a slider stands for: one with few digits, or exactly an end.
   * @param {HTMLInputElement} slider
   * @param {Parameter} parameter
   */
  nearest(slider, parameter) {
    const [value, low, high] = [slider.value, slider.min, slider.max].map(Number);
    const step = nice((high - low) / STEPS);
    const { domain } = parameter;
    const held = Math.min(high, Math.max(low, value <= low ? low : value >= high ? high : rounded(value, step)));
    // An open end of the domain is not in it: the slider stops a step before.
    if (domain.open_low && held === domain.low) return low + step;
    return domain.open_high && held === domain.high ? high - step : held;
  }

  /**
   * @param {number} place
   * @param {Parameter} parameter
   * @param {number} value
   */
  slid(place, parameter, value) {
    if (this.app.slide(place, parameter.name, value)) this.put(place, parameter, value, true);
  }

  /**
   * Takes what was typed into a number field, and widens the slider to hold it.
   * @param {number} place
   * @param {Parameter} parameter
   */
  typed(place, parameter) {
    const made = this.inputs.get(`${place} ${parameter.name}`);
    if (!made) return;
    const words = made.field.value.replace(/−/g, '-').replace(',', '.');
    try {
      const value = checkedValue(this.app.drawn[place].model, parameter.name, words);
      made.error.hidden = true;
      made.field.removeAttribute('aria-invalid');
      if (value === this.app.state.functions[place].parameters[parameter.name]) return;
      if (this.app.slide(place, parameter.name, value)) {
        this.put(place, parameter, value);
        this.app.settle();
      }
    } catch (error) {
      made.error.textContent = told(error, this.app.state.lang);
      made.error.hidden = false;
      made.field.setAttribute('aria-invalid', 'true');
    }
  }

  /**
   * Puts slider and field where a parameter is.
   * @param {number} place
   * @param {Parameter} parameter
   * @param {number} value
   * @param {boolean} [isSlid] Whether the slider is where it was put by hand.
   */
  put(place, parameter, value, isSlid = false) {
    const made = this.inputs.get(`${place} ${parameter.name}`);
    if (!made) return;
    const { slider, field, output } = made;
    if (parameter.choices) {
      const at = Object.values(parameter.choices).indexOf(value);
      const name = Object.keys(parameter.choices)[at] ?? number(value);
      if (!isSlid) slider.value = String(at);
      output.textContent = name;
      slider.setAttribute('aria-valuetext', name);
      slider.style.setProperty('--share', String(at / Math.max(1, Number(slider.max))));
      return;
    }
    if (!isSlid) {
      const { low, high, step } = spanOf(
        {
          ...parameter,
          low: Math.min(parameter.low, Number(slider.min)),
          high: Math.max(parameter.high, Number(slider.max)),
        },
        value,
      );
      Object.assign(slider, { min: String(low), max: String(high), step: String(step), value: String(value) });
    }
    const span = Number(slider.max) - Number(slider.min);
    slider.style.setProperty('--share', String((value - Number(slider.min)) / span));
    slider.setAttribute('aria-valuetext', number(value));
    if (field !== document.activeElement || isSlid) field.value = number(value);
    made.error.hidden = true;
    field.removeAttribute('aria-invalid');
  }
}
