/** Beside the figure: the formula of each function, and the facts that Python has computed. */

import { element, formula } from './dom.js';
import { assignments, labelOf } from './encoding.js';

export class Facts {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.element = element('section', { class: 'card facts' });
    /** @type {Set<string>} */
    this.closed = new Set();
  }

  /** Makes the section anew; functions after the first are folded. */
  build() {
    const { drawn } = this.app;
    const seen = new Set();
    const groups = drawn
      .filter(({ model }) => !seen.has(model.name) && seen.add(model.name))
      .map((each, place) => this.group(each, place === 0, seen));
    this.element.replaceChildren(...groups);
  }

  /**
   * @param {import("./scene.js").Drawn} each
   * @param {boolean} isFirst
   * @param {Set<string>} all
   */
  group(each, isFirst, all) {
    const { app } = this;
    const { model } = each;
    const { lang } = app.state;
    const rows = [];
    if (model.formula?.y) rows.push(this.fact(app.words('formula'), formula(model.formula.y)));
    else if (app.library.isExpression(model.name))
      rows.push(this.fact(app.words('formula'), element('p', { class: 'typed' }, `f(x) = ${model.name}`)));
    if (model.formula?.dy) rows.push(this.fact(app.words('derivative'), formula(model.formula.dy)));
    app.library.askFacts(model.name, () => this.build());
    const { facts, at: parameters } = app.library.facts(model.name);
    const { summary, files } = app.library.facts(model.name);
    for (const { label, value } of facts) {
      rows.push(this.fact(label[lang], ...value[lang].split('\n').map((line) => element('p', {}, line))));
    }
    if (files.length)
      rows.push(
        this.fact(
          app.words('files'),
          ...files.map((file) => element('a', { href: encodeURIComponent(file), class: 'file' }, file)),
        ),
      );
    if (!rows.length) return '';
    const at = facts.length ? assignments(parameters) : '';
    const heading = [
      element('h2', {}, app.words('facts', { name: each.titled.title })),
      at ? element('span', { class: 'at' }, app.words('factsAt', { values: at })) : null,
    ];
    const said = summary ? [element('p', { class: 'summary' }, summary[lang])] : [];
    const list = element('div', {}, ...said, element('dl', {}, ...rows.flat()));
    if (all.size === 1 && isFirst)
      return element('div', { class: 'about' }, element('div', { class: 'heading' }, ...heading), list);
    return element(
      'details',
      { open: isFirst, class: 'about' },
      element('summary', {}, labelOf({ ...each.titled, parameters: {} })),
      at ? element('p', { class: 'at' }, app.words('factsAt', { values: at })) : null,
      list,
    );
  }

  /**
   * @param {string} label
   * @param {...Node} values
   */
  fact(label, ...values) {
    return [element('dt', {}, label), element('dd', {}, ...values)];
  }
}
