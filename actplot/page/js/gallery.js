/** The page of a gallery: a list of functions to search in, and the living figure of the one that was chosen. */

import { App } from './app.js';
import { begin } from './boot.js';
import { element, memory } from './dom.js';
import { normalised } from './library.js';
import { surfaceOf } from './surface.js';

export class Gallery {
  /** @param {any} content */
  constructor(content) {
    const lang = memory.get('lang');
    if (lang === 'zh' || lang === 'en') content.state.lang = lang;
    this.app = new App(content);
    this.app.list = this;
    this.list = /** @type {HTMLElement} */ (document.getElementById('list'));
    this.figure = element('div', { hidden: true }, this.app.toolbar.header, this.app.element);
    this.cards = /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll('.card')]);
    this.pills = /** @type {HTMLButtonElement[]} */ ([...this.list.querySelectorAll('.pill')]);
    this.search = /** @type {HTMLInputElement} */ (document.getElementById('search'));
    this.family = '';
    this.scroll = 0;
    /** @type {string[]} */
    this.names = content.names;
    document.body.append(this.figure, this.app.notice);
    document.documentElement.classList.add('js');
    for (const card of this.cards) card.querySelector('.open')?.setAttribute('href', `#${card.id}`);
    for (const pill of this.pills) pill.addEventListener('click', () => this.choose(pill));
    this.search.addEventListener('input', () => this.filter());
    this.search.addEventListener('keydown', (event) => event.key === 'Enter' && this.openFirst());
    document.getElementById('list-language')?.addEventListener('click', () => {
      this.app.update({ lang: this.app.state.lang === 'zh' ? 'en' : 'zh' }, 'build');
      this.speak();
    });
    document.getElementById('list-theme')?.addEventListener('click', () => this.app.switchTheme());
    addEventListener('hashchange', () => this.follow());
  }

  /** Puts everything into the language of the page. */
  speak() {
    const { lang } = this.app.state;
    document.documentElement.lang = lang === 'zh' ? 'zh-Hans' : 'en';
    document.documentElement.dataset.lang = lang;
    memory.set('lang', lang);
    for (const each of /** @type {NodeListOf<HTMLElement>} */ (this.list.querySelectorAll('[data-set]'))) {
      each.setAttribute(each.dataset.set ?? '', each.dataset[lang] ?? '');
    }
    if (this.isListed) document.title = this.list.querySelector(`h1 [lang="${lang}"]`)?.textContent ?? '';
    this.filter();
  }

  get isListed() {
    return !this.list.hidden;
  }

  /** @param {HTMLButtonElement} pill */
  choose(pill) {
    this.family = pill.value;
    for (const each of this.pills) each.setAttribute('aria-pressed', String(each === pill));
    this.filter();
  }

  /** Shows the cards that match the words and the family. */
  filter() {
    const wanted = normalised(this.search.value);
    let count = 0;
    for (const card of this.cards) {
      const isNamed = (card.dataset.names ?? '').split('\n').some((name) => normalised(name).includes(wanted));
      card.hidden = !(isNamed && (this.family === '' || card.dataset.family === this.family));
      if (!card.hidden) count += 1;
    }
    const [nothing, shown] = ['nothing', 'shown'].map((id) => document.getElementById(id));
    if (nothing) nothing.hidden = count > 0;
    if (shown) {
      shown.textContent = this.app.words('shownOf', { count: String(count), total: String(this.cards.length) });
    }
  }

  /** Opens the function that was searched for, where one bears that name, else the first one found. */
  openFirst() {
    const wanted = normalised(this.search.value);
    const visible = this.cards.filter((card) => !card.hidden);
    const named = visible.find((card) =>
      (card.dataset.names ?? '').split('\n').some((name) => normalised(name) === wanted),
    );
    const first = named ?? visible[0];
    if (first) location.hash = first.id;
  }

  /** Shows what the address asks for: the list, or a figure. */
  follow() {
    const fragment = location.hash.slice(1);
    if (fragment === this.app.share.written && fragment) return;
    this.app.share.written = '';
    if (!fragment) this.back();
    else if (this.app.share.read(fragment)) this.open();
    else this.back();
  }

  /** Shows the figure in the place of the list. */
  open() {
    if (this.isListed) this.scroll = scrollY;
    const wasListed = this.isListed;
    this.list.hidden = true;
    this.figure.hidden = false;
    this.app.refresh('build');
    if (wasListed) scrollTo(0, 0);
  }

  /** Shows the list again, where it was left. */
  back() {
    const wasListed = this.isListed;
    const { name } = this.app.state.functions[0];
    this.list.hidden = false;
    this.figure.hidden = true;
    this.speak();
    if (wasListed) return;
    scrollTo(0, this.scroll);
    /** @type {HTMLElement | null | undefined} */ (document.getElementById(name)?.querySelector('.open'))?.focus({
      preventScroll: true,
    });
  }

  /**
   * Function that many places further down the list.
   * @param {number} step
   */
  neighbour(step) {
    const at = this.names.indexOf(this.app.state.functions[0].name);
    return this.names[(Math.max(at, 0) + step + this.names.length) % this.names.length];
  }
}

begin((content) => {
  const gallery = new Gallery(content);
  gallery.speak();
  gallery.follow();
  Object.defineProperty(globalThis, 'actplot', { value: surfaceOf(gallery.app, content.names, () => gallery.open()) });
});
