/** Above the figure: what it shows, languages and colours, links, commands and files to take along. */

import { button, copy, download, element } from './dom.js';
import { pngOf, svgOf } from './export.js';

export class Toolbar {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.header = element('header', { class: 'top' });
    this.element = element('div', { class: 'toolbar' });
    this.taking = element('div', { class: 'toolbar taking' });
  }

  /** Makes both anew, in the language of the page. */
  build() {
    const { app } = this;
    const { state, words } = app;
    this.title = element('h1', {}, app.heading());
    this.header.replaceChildren(
      ...(app.list
        ? [
            element(
              'a',
              { href: '#', class: 'back', 'aria-label': words('all') },
              '← ',
              element('span', {}, words('all')),
            ),
          ]
        : []),
      this.title,
      ...(app.list ? this.neighbours(app.list) : []),
      element('span', { class: 'gap' }),
      button(words('language'), () => app.update({ lang: state.lang === 'zh' ? 'en' : 'zh' }, 'build'), {
        id: 'language',
        lang: state.lang === 'zh' ? 'en' : 'zh-Hans',
        'aria-label': words('switchLanguage'),
      }),
      button('', () => app.switchTheme(), {
        id: 'theme',
        class: 'icon theme',
        'aria-label': words('theme'),
        title: words('theme'),
      }),
    );
    const { symbols } = app.looks.encoding;
    const orders = Object.values(symbols)
      .slice(0, 3)
      .map((symbol, order) => ({
        value: order,
        label: symbol.replace('(x)', '').replace("''", '″').replace("'", '′'),
        name: symbol,
      }));
    const layouts = /** @type {const} */ (['side', 'overlay']).map((layout) => ({
      value: layout,
      label: words(layout),
      name: words(layout),
    }));
    this.element.replaceChildren(
      this.choice('order', words('order'), orders, state.order, (value) =>
        app.update({ order: /** @type {0 | 1 | 2} */ (Number(value)) }, 'build'),
      ),
      this.choice('layout', words('layout'), layouts, state.layout, (value) =>
        app.update({ layout: /** @type {"side" | "overlay"} */ (value) }, 'build'),
      ),
      button(words('reset'), () => app.reset(), { id: 'reset' }),
    );
    this.taking.replaceChildren(
      app.isLinkable
        ? button(words('copyLink'), () => this.copy(app.share.link(), 'copy-link'), { id: 'copy-link' })
        : '',
      app.share.command() === ''
        ? ''
        : button(words('copyCommand'), () => this.copy(app.share.command(), 'copy-command'), { id: 'copy-command' }),
      element(
        'div',
        { class: 'saves', role: 'group', 'aria-label': words('save') },
        button('PNG', () => this.save('png'), { id: 'save-png' }),
        button('SVG', () => this.save('svg'), { id: 'save-svg' }),
      ),
    );
  }

  /**
   * Links to the functions before and after this one in a list.
   * @param {import('./gallery.js').Gallery} list
   */
  neighbours(list) {
    const { words } = this.app;
    const steps = /** @type {const} */ ([
      [-1, 'previous', '‹'],
      [1, 'next', '›'],
    ]);
    return steps.map(([step, word, sign]) => {
      const name = list.neighbour(step);
      return element(
        'a',
        { href: `#${name}`, class: 'icon step', id: word, 'aria-label': words(word, { name }) },
        sign,
      );
    });
  }

  /**
   * Choice of one among a few, as radio buttons side by side.
   * @param {string} name
   * @param {string} legend
   * @param {{value: string | number, label: string, name: string}[]} choices
   * @param {string | number} chosen
   * @param {(value: string) => void} choose
   */
  choice(name, legend, choices, chosen, choose) {
    const options = choices.map(({ value, label, name: spoken }) =>
      element(
        'label',
        {},
        element('input', {
          type: 'radio',
          name,
          value,
          id: `${name}-${value}`,
          checked: value === chosen,
          'aria-label': spoken,
          change: () => choose(String(value)),
        }),
        element('span', {}, label),
      ),
    );
    return element('fieldset', { class: 'choice' }, element('legend', { class: 'aside' }, legend), ...options);
  }

  /**
   * @param {string} words
   * @param {string} id Of the button, which says that it is done.
   */
  async copy(words, id) {
    const isDone = await copy(words);
    const { app } = this;
    if (!isDone) {
      app.notify(`${app.words('copyByHand')} ${words}`);
      return;
    }
    const pressed = document.getElementById(id);
    if (!pressed) return;
    const label = pressed.textContent;
    pressed.textContent = app.words('copied');
    pressed.dataset.copied = 'true';
    app.notify(words);
    setTimeout(() => {
      if (pressed.dataset.copied) pressed.textContent = label;
      delete pressed.dataset.copied;
    }, 1600);
  }

  /** @param {"png" | "svg"} form */
  async save(form) {
    const { app } = this;
    await document.fonts?.load('16px actplot', '函').catch(() => []);
    const picture = app.share.picture();
    download(form === 'svg' ? svgOf(picture) : await pngOf(picture), `${app.share.fileName()}.${form}`);
  }
}
