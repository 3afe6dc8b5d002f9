/** The living figure: its state, and what follows when that changes. */

import { Chooser } from './chooser.js';
import { Connection } from './remote.js';
import { Cursor } from './cursor.js';
import { stayConnected } from './boot.js';
import { Curves, titledOf } from './curves.js';
import { Facts } from './facts.js';
import { Functions } from './functions.js';
import { Library, defaultsOf } from './library.js';
import { Looks, assignments, fill } from './encoding.js';
import { Plot } from './plot.js';
import { Pointer } from './pointer.js';
import { MOST_FUNCTIONS, Refusal, checkedState, checkedValue, told } from './state.js';
import { Share } from './share.js';
import { Status } from './status.js';
import { Toolbar } from './toolbar.js';
import { WORDS } from './words.js';
import { drawingOf } from './export.js';
import { element, memory } from './dom.js';

/**
 * @typedef {import("./state.js").State} State
 * @typedef {import("./scene.js").Drawn} Drawn
 * @typedef {"cursor" | "slide" | "view" | "build"} Why How much there is to do; each includes those before it.
 * @typedef {{
 *   encoding: import("./encoding.js").Encoding & {grounds: Object<string, import("./panel.js").Ground>, accents: Object<string, string>},
 *   own: any[], catalog: any[], names: string[], headings: any, state: State, title: string | null, at: number[], command: string, makers: string,
 *   name: string, isEmbedded?: boolean, isServed?: boolean
 * }} Content What Python has written.
 */

const RANK = { cursor: 1, slide: 2, view: 3, build: 4 };

export class App {
  /** @param {Content} content */
  constructor(content) {
    this.content = content;
    this.looks = new Looks(content.encoding);
    this.looks.headings = content.headings ? { names: content.names, words: content.headings } : null;
    this.connection = content.isServed ? this.connect() : null;
    this.library = new Library(content.own, content.catalog, this.connection);
    this.title = content.title;
    this.hasGrid = true;
    /** @type {import('./gallery.js').Gallery | null} List of functions that the figure is one of. */
    this.list = null;
    this.isLinkable = !content.isEmbedded;
    this.initial = checkedState(/** @type {any} */ (content.state), content.state, (name) =>
      this.library.resolve(name),
    );
    this.state = this.initial;
    this.cursor = new Cursor(this);
    this.share = new Share(this);
    /** @type {{place: number, parameter: string} | null} Slider in hand. */
    this.sliding = null;
    this.noticeTimer = 0;
    /** @type {Drawn[]} */
    this.drawn = [];
    this.curves = new Curves(this);
    this.pending = 0;
    this.isFrameOpen = false;
    this.words = (/** @type {string} */ key, /** @type {Object<string, string>} */ values = {}) =>
      fill(WORDS[key][this.state.lang], values);
    this.plot = new Plot(this);
    this.status = new Status(this);
    this.chooser = new Chooser(this);
    this.functions = new Functions(this);
    this.facts = new Facts(this);
    this.toolbar = new Toolbar(this);
    this.notice = element('div', { class: 'notice', role: 'alert', hidden: true });
    this.pointer = new Pointer(this, this.plot.element);
    this.paper = element('section', { class: 'paper' });
    this.keys = element('details', { class: 'keys' });
    const left = element('div', { class: 'left' }, this.functions.element, this.keys);
    const columns = element('div', { class: 'columns' }, left, this.facts.element);
    this.element = element(
      'main',
      {},
      this.toolbar.element,
      this.toolbar.taking,
      this.plot.element,
      this.paper,
      this.status.element,
      columns,
    );
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', () => this.refresh('build'));
    this.isDark = dark;
    addEventListener('beforeprint', () => this.print());
  }

  /** Listens to the process behind the page. */
  connect() {
    stayConnected(this.content, () => this.notify(this.words('closed'), Infinity));
    return new Connection({
      heard: () => {
        this.curves.kept.clear();
        this.refresh('slide');
      },
      failed: (words) => this.notify(words[this.state.lang]),
    });
  }

  /** Colours of the page: those chosen, else those of the system. */
  get theme() {
    const chosen = document.documentElement.dataset.theme;
    const isDark = chosen ? chosen === 'dark' : this.isDark.matches;
    const ground = /** @type {"light" | "dark"} */ (isDark ? 'dark' : 'light');
    return { ground, colours: this.content.encoding.grounds[ground], accent: this.content.encoding.accents[ground] };
  }

  /**
   * Changes the state.
   * @param {Partial<State>} changes Already checked.
   * @param {Why} why
   */
  update(changes, why) {
    this.state = { ...this.state, ...changes };
    this.refresh(why);
    this.share.keep();
  }

  /**
   * Shows the state: at once, but not more than once a frame.
   * @param {Why} why
   */
  refresh(why) {
    this.pending = Math.max(this.pending, RANK[why]);
    if (this.isFrameOpen && why !== 'build') return;
    this.flush();
    this.isFrameOpen = true;
    requestAnimationFrame(() => {
      this.isFrameOpen = false;
      if (this.pending) this.flush();
    });
  }

  /** Shows what is not shown yet. */
  flush() {
    const rank = this.pending;
    this.pending = 0;
    if (!this.element.isConnected || this.element.parentElement?.hidden) return;
    if (rank === RANK.build) this.build();
    if (rank >= RANK.slide) {
      this.curves.sample();
      if (rank === RANK.slide) this.cursor.loosen();
      this.plot.fit(rank === RANK.slide ? 'slide' : 'view', () => this.curves.reachable());
      this.plot.draw();
      this.status.offer();
    }
    this.status.show();
    this.plot.point();
  }

  /** Makes all elements anew: functions, order, layout, language or colours are others. */
  build() {
    const focused = document.activeElement?.id;
    const { lang } = this.state;
    document.documentElement.lang = lang === 'zh' ? 'zh-Hans' : 'en';
    this.list?.speak();
    this.plot.build();
    this.curves.sample();
    for (const part of [this.toolbar, this.chooser, this.functions, this.facts]) part.build();
    const rows = this.words('keyHelp')
      .split('\n')
      .map((line) => line.split('\t'))
      .map(([keys, what]) => element('div', {}, element('dt', {}, keys), element('dd', {}, what)));
    this.keys.replaceChildren(element('summary', {}, this.words('keys')), element('dl', {}, ...rows));
    document.title = this.heading();
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  /**
   * Moves a parameter; returns whether the function can take the value.
   * @param {number} place
   * @param {string} parameter
   * @param {number} value
   */
  slide(place, parameter, value) {
    const functions = [...this.state.functions];
    const parameters = { ...functions[place].parameters, [parameter]: value };
    try {
      const model = this.library.resolve(functions[place].name);
      checkedValue(model, parameter, value);
      if (!model.allows(parameters))
        throw new Refusal('notTogether', { name: model.name, values: assignments(parameters) });
    } catch (error) {
      this.notify(told(error, this.state.lang));
      return false;
    }
    functions[place] = { ...functions[place], parameters };
    this.sliding = { place, parameter };
    this.update({ functions }, 'slide');
    return true;
  }

  /** The hand rests: limits find their places again. */
  settle() {
    this.sliding = null;
    this.refresh('view');
  }

  /** @param {string} name */
  add(name) {
    if (this.state.functions.length >= MOST_FUNCTIONS) throw new Refusal('tooMany', { most: String(MOST_FUNCTIONS) });
    const model = this.library.resolve(name);
    this.update(
      { functions: [...this.state.functions, { name: model.name, parameters: defaultsOf(model), isHidden: false }] },
      'build',
    );
  }

  /** @param {number} place */
  remove(place) {
    this.cursor.spot = null;
    this.update({ functions: this.state.functions.filter((_, each) => each !== place), pinned: null }, 'build');
  }

  /** @param {number} place */
  toggle(place) {
    const functions = this.state.functions.map((each, i) =>
      i === place ? { ...each, isHidden: !each.isHidden } : each,
    );
    this.update({ functions }, 'view');
    this.functions.build();
  }

  /** Everything as the file has it; the language stays. */
  reset() {
    this.cursor.spot = null;
    this.plot.release();
    this.update({ ...this.initial, lang: this.state.lang }, 'build');
  }

  resetView() {
    this.plot.release();
    this.update({ range: this.initial.range }, 'view');
  }

  toggleGrid() {
    this.hasGrid = !this.hasGrid;
    this.refresh('view');
  }

  switchTheme() {
    const next = this.theme.ground === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    memory.set('theme', next);
    this.refresh('build');
  }

  /** On paper the figure is that of a saved SVG: a canvas has no more pixels than the screen. */
  print() {
    if (this.element.isConnected && !this.element.parentElement?.hidden)
      this.paper.replaceChildren(drawingOf(this.share.picture()));
  }

  /**
   * Shows another state.
   * @param {State} state
   */
  show(state) {
    this.plot.release();
    this.cursor.spot = null;
    this.update(state, 'build');
    const { pinned } = this.state;
    if (pinned !== null) this.cursor.moveTo(pinned);
  }

  /**
   * Range that shows what some functions do.
   * @param {import("./state.js").Shown[]} functions
   * @returns {[number, number]}
   */
  rangeOf(functions) {
    const ranges = functions.map((each) => this.library.resolve(each.name).range);
    return [Math.min(...ranges.map((range) => range[0])), Math.max(...ranges.map((range) => range[1]))];
  }

  /** What stands above the figure. */
  heading() {
    if (this.title !== null) return this.title;
    const titles = [
      ...new Set(this.state.functions.map((each) => titledOf(this.library.resolve(each.name), {}, {}).title)),
    ];
    return titles.length > 3 ? this.words('several') : titles.join(this.state.lang === 'zh' ? '、' : ', ');
  }

  /**
   * Says something for a while.
   * @param {string} words
   * @param {number} [duration] Milliseconds.
   */
  notify(words, duration = 6000) {
    clearTimeout(this.noticeTimer);
    this.notice.textContent = words;
    this.notice.hidden = false;
    if (duration < Infinity) this.noticeTimer = window.setTimeout(() => (this.notice.hidden = true), duration);
  }
}
