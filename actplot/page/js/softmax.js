/** The page of softmax: scores and temperature as sliders, probabilities as bars, the Jacobian as a heat map. */

import { begin, stayConnected } from './boot.js';
import { button, copy, download, element, memory, swatch } from './dom.js';
import { fill } from './encoding.js';
import { fontFace, pngOf, svgOf } from './export.js';
import { nice, number, rounded } from './numbers.js';
import { jacobianOf, shownClasses, valuesOf } from './probabilities.js';
import { ScorePanels } from './scorepanels.js';
import { FURTHEST, checkedScores, commandOfScores, fragmentOfScores, scoresAskedBy } from './scores.js';
import { told } from './state.js';
import { WORDS } from './words.js';

/** @typedef {import("./scores.js").Scores} Scores */

const SCORES = { low: -5, high: 5 };
const TEMPERATURES = { low: 0.1, high: 5 };

export class SoftmaxPage {
  /** @param {any} content */
  constructor(content) {
    this.content = content;
    /** @type {Scores} */
    this.initial = { scores: content.scores, temperature: content.temperature, lang: content.lang };
    this.state = this.initial;
    this.words = (/** @type {string} */ key, /** @type {Object<string, string>} */ values = {}) =>
      fill(WORDS[key][this.state.lang], values);
    this.label = (/** @type {number} */ place) => content.labels?.[place] ?? String(place + 1);
    /** @type {number[]} Classes that are shown. */
    this.classes = [];
    this.dark = matchMedia('(prefers-color-scheme: dark)');
    this.dark.addEventListener('change', () => this.build());
    this.header = element('header', { class: 'top' });
    this.main = element('main');
    this.panels = new ScorePanels(this);
    this.notice = element('div', { class: 'notice', role: 'alert', hidden: true });
    this.timer = 0;
    this.written = '';
  }

  get theme() {
    const chosen = document.documentElement.dataset.theme;
    const ground = (chosen ? chosen === 'dark' : this.dark.matches) ? 'dark' : 'light';
    return { ground, colours: this.content.encoding.grounds[ground] };
  }

  /** @param {Partial<Scores>} changes */
  update(changes) {
    this.state = { ...this.state, ...changes };
    this.panels.draw();
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.keepLink(), 300);
  }

  /**
   * Shows another state.
   * @param {Scores} state
   */
  show(state) {
    this.state = state;
    this.build();
    this.keepLink();
  }

  keepLink() {
    if (this.content.isEmbedded) return;
    this.written = fragmentOfScores(this.state);
    if (!location.hash && this.written === fragmentOfScores(this.initial)) return;
    try {
      history.replaceState(null, '', `#${this.written}`);
    } catch {
      // a document without an address of its own
    }
  }

  /** Takes the state from the address. */
  follow() {
    const fragment = location.hash.slice(1);
    if (!fragment || fragment === this.written) return;
    try {
      this.show(checkedScores(scoresAskedBy(fragment), { ...this.initial, lang: this.state.lang }));
    } catch (error) {
      this.say(this.words('clampedLink', { reason: told(error, this.state.lang) }));
    }
  }

  /** @param {string} words */
  say(words) {
    this.notice.textContent = words;
    this.notice.hidden = false;
    setTimeout(() => (this.notice.hidden = true), 6000);
  }

  /** Makes all elements anew, in the language and the colours of the page. */
  build() {
    const { state, words, content } = this;
    document.documentElement.lang = state.lang === 'zh' ? 'zh-Hans' : 'en';
    document.title = content.title ?? content.words.bars[state.lang];
    this.classes = shownClasses(state.scores, state.temperature, content.isLogarithmic);
    const other = state.lang === 'zh' ? 'en' : 'zh';
    this.header.replaceChildren(
      element('h1', {}, document.title),
      element('span', { class: 'gap' }),
      button(words('language'), () => this.show({ ...this.state, lang: other }), {
        id: 'language',
        lang: other,
        'aria-label': words('switchLanguage'),
      }),
      button('', () => this.switchTheme(), { id: 'theme', class: 'icon theme', 'aria-label': words('theme') }),
    );
    this.panels.build();
    this.main.replaceChildren(
      element('div', { class: 'toolbar wide' }, ...this.tools()),
      this.panels.element,
      element('section', { class: 'status' }, this.panels.reading),
      element(
        'div',
        { class: state.scores.length > 1 ? 'columns' : 'columns one' },
        ...state.scores.map((_, place) => this.controls(place)),
      ),
    );
    this.panels.draw();
  }

  tools() {
    const { words } = this;
    const link = () => this.take(`${location.href.split('#')[0]}#${fragmentOfScores(this.state)}`);
    const saves = ['png', 'svg'].map((form) =>
      button(form.toUpperCase(), () => this.save(form), { id: `save-${form}` }),
    );
    return [
      button(words('reset'), () => this.show({ ...this.initial, lang: this.state.lang }), { id: 'reset' }),
      element('span', { class: 'gap' }),
      this.content.isEmbedded ? '' : button(words('copyLink'), link, { id: 'copy-link' }),
      button(words('copyCommand'), () => this.take(commandOfScores(this.state, this.content)), { id: 'copy-command' }),
      element('div', { class: 'saves', role: 'group', 'aria-label': words('save') }, ...saves),
    ];
  }

  /**
   * Sliders of a sample, and with the first one that of the temperature.
   * @param {number} sample
   */
  controls(sample) {
    const { state, content, words } = this;
    const rows = this.classes.map((place) =>
      this.slider(`z${place + 1}`, this.label(place), state.scores[sample][place], SCORES, (value) => {
        const scores = this.state.scores.map((row) => [...row]);
        scores[sample][place] = value;
        this.update({ scores });
      }),
    );
    if (sample === 0) {
      const moved = (/** @type {number} */ temperature) => this.update({ temperature });
      rows.push(this.slider('temperature', words('temperature'), state.temperature, TEMPERATURES, moved));
    }
    const look = { colour: content.encoding.cycle[sample % content.encoding.cycle.length], dash: [] };
    const which = words('sample', { number: String(sample + 1) });
    const heading = element(
      'h2',
      {},
      words('scores'),
      ...(state.scores.length > 1 ? [' ', swatch(look), ` ${which}`] : []),
    );
    return element('section', { class: 'card controls' }, heading, element('div', { class: 'scores' }, ...rows));
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {number} value
   * @param {{low: number, high: number}} span
   * @param {(value: number) => void} moved
   */
  slider(name, label, value, span, moved) {
    const [low, high] = [Math.min(span.low, value), Math.max(span.high, value)];
    const step = nice((high - low) / 200);
    const slider = element('input', { type: 'range', name, min: low, max: high, step, 'aria-label': label });
    const named = this.words('scoreValue', { label });
    const field = element('input', { type: 'text', inputmode: 'decimal', class: 'field', 'aria-label': named });
    const show = (/** @type {number} */ now) => {
      field.value = number(now);
      const share = (now - Number(slider.min)) / (Number(slider.max) - Number(slider.min));
      slider.style.setProperty('--share', String(share));
      slider.setAttribute('aria-valuetext', number(now));
      moved(now);
    };
    slider.addEventListener('input', () => show(rounded(Number(slider.value), step)));
    field.addEventListener('change', () => {
      const now = field.value.trim() === '' ? NaN : Number(field.value.replace(/−/g, '-'));
      const isAllowed = Math.abs(now) <= FURTHEST && (name !== 'temperature' || now > 0);
      field.toggleAttribute('aria-invalid', !isAllowed);
      if (!isAllowed) return;
      slider.min = String(Math.min(Number(slider.min), now));
      slider.max = String(Math.max(Number(slider.max), now));
      slider.value = String(now);
      show(now);
    });
    slider.value = String(value);
    field.value = number(value);
    slider.style.setProperty('--share', String((value - low) / (high - low)));
    return element('div', { class: 'parameter' }, element('label', { class: 'symbol' }, label), slider, field);
  }

  switchTheme() {
    const next = this.theme.ground === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    memory.set('theme', next);
    this.build();
  }

  /** @param {string} words */
  async take(words) {
    this.say((await copy(words)) ? words : `${this.words('copyByHand')} ${words}`);
  }

  /** @param {string} form */
  async save(form) {
    const { encoding, makers, name } = this.content;
    const { headings } = this.panels;
    const width = Math.round((encoding.size[0] + encoding.panelWidth * (headings.length - 2)) * 100);
    const theme = { ground: 'light', colours: encoding.grounds.light };
    const draw = (/** @type {import("./painter.js").Painter} */ painter) => {
      painter.box({ x: 0, y: 0, width, height: 400 }, theme.colours.panel);
      headings.forEach((heading, place) => {
        const box = {
          x: (place * width) / headings.length + 20,
          y: 60,
          width: width / headings.length - 40,
          height: 310,
        };
        const title = { size: 18, colour: theme.colours.text, align: /** @type {"center"} */ ('center') };
        painter.text(heading, box.x + box.width / 2, 44, title);
        this.panels.paint(painter, place, box, theme);
      });
    };
    const command = commandOfScores(this.state, this.content);
    const about = { title: document.title, command, makers, fontFace: fontFace(), dpi: encoding.dpi };
    const sheet = { width, height: 400, ...about, draw };
    download(form === 'svg' ? svgOf(sheet) : await pngOf(sheet), `${name}.${form}`);
  }

  /** What scripts can do with the page. */
  surface() {
    const { name, isLogarithmic } = this.content;
    const page = this;
    return Object.freeze({
      names: Object.freeze([name]),
      /**
       * Values of scores, and with order 1 the Jacobian: a row for each value.
       * @param {string} _name
       * @param {number[]} scores
       * @param {{temperature?: number}} [parameters]
       * @param {0 | 1} [order]
       */
      evaluate(_name, scores, { temperature = 1 } = {}, order = 1) {
        const classes = scores.map((_, place) => place);
        const values = valuesOf(scores, temperature, isLogarithmic);
        return order ? [values, jacobianOf(scores, temperature, isLogarithmic, classes)] : [values];
      },
      breaks: () => [],
      get state() {
        const { scores, temperature, lang } = page.state;
        const functions = scores.map((row) => {
          const named = Object.fromEntries(row.map((score, place) => [`z${place + 1}`, score]));
          return { name, parameters: { ...named, temperature } };
        });
        const all = scores.flat();
        return { functions, range: [Math.min(...all), Math.max(...all)], order: 1, layout: 'side', lang };
      },
      set state({ functions, lang }) {
        /** @type {any} */
        const given = lang === undefined ? {} : { lang };
        if (functions !== undefined) {
          given.scores = functions.map(({ parameters }, /** @type {number} */ sample) =>
            page.state.scores[sample]?.map((score, place) =>
              Number(/** @type {any} */ (parameters)[`z${place + 1}`] ?? score),
            ),
          );
          given.temperature = Number(functions[0]?.parameters.temperature ?? page.state.temperature);
        }
        page.show(checkedScores(given, page.state));
      },
    });
  }
}

begin((content) => {
  stayConnected(content);
  const page = new SoftmaxPage(content);
  document.body.replaceChildren(page.header, page.main, page.notice);
  page.build();
  page.follow();
  addEventListener('hashchange', () => page.follow());
  Object.defineProperty(globalThis, 'actplot', { value: page.surface() });
});
