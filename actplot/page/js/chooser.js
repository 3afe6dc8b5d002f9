/** The field to add a function: a name of the catalog, found as it is typed, or an expression in x. */

import { element } from './dom.js';
import { told } from './state.js';

const MOST_SHOWN = 60;

export class Chooser {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.element = element('form', { class: 'chooser', submit: (/** @type {Event} */ event) => this.submit(event) });
    /** @type {string[]} */
    this.names = [];
    this.active = -1;
  }

  /** Makes the field anew, in the language of the page. */
  build() {
    const { app } = this;
    this.field = element('input', {
      type: 'text',
      id: 'add',
      role: 'combobox',
      'aria-expanded': 'false',
      'aria-controls': 'add-list',
      'aria-autocomplete': 'list',
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
      placeholder: app.words('addShort'),
      maxlength: 1000,
      input: () => this.open(),
      focus: () => this.open(),
      click: () => this.open(),
      blur: () => this.close(),
      keydown: (/** @type {KeyboardEvent} */ event) => this.key(event),
    });
    this.list = element('ul', {
      id: 'add-list',
      role: 'listbox',
      'aria-label': app.words('functions'),
      hidden: true,
      pointerdown: (/** @type {Event} */ event) => event.preventDefault(),
    });
    this.error = element('p', { class: 'error', role: 'alert', hidden: true });
    this.element.replaceChildren(
      element('label', { for: 'add' }, app.words('add')),
      element(
        'div',
        { class: 'entry' },
        this.field,
        element('button', { type: 'submit', class: 'primary' }, app.words('addButton')),
        this.list,
      ),
      this.error,
    );
  }

  /** Shows what matches the words. */
  open() {
    const words = this.field.value;
    const found = this.app.library.search(words).slice(0, MOST_SHOWN);
    this.names = found.map((entry) => entry.name);
    this.active = -1;
    this.field.removeAttribute('aria-activedescendant');
    this.list.replaceChildren(
      ...found.map((entry, place) =>
        element(
          'li',
          {
            role: 'option',
            id: `option-${place}`,
            'aria-selected': 'false',
            click: () => this.add(entry.name),
          },
          element('span', {}, entry.title.en),
          ' ',
          element(
            'span',
            { class: 'other' },
            this.app.state.lang === 'zh' && entry.title.zh !== entry.title.en ? entry.title.zh : entry.name,
          ),
        ),
      ),
    );
    this.expand(found.length > 0);
    this.error.hidden = true;
  }

  close() {
    this.expand(false);
  }

  /** @param {boolean} isOpen */
  expand(isOpen) {
    this.list.hidden = !isOpen;
    this.field.setAttribute('aria-expanded', String(isOpen));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === 'Escape' && !this.list.hidden) {
      event.preventDefault();
      this.close();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (this.list.hidden) this.open();
      const count = this.names.length;
      if (!count) return;
      const step = event.key === 'ArrowDown' ? 1 : -1;
      this.active = this.active < 0 ? (step > 0 ? 0 : count - 1) : (this.active + step + count) % count;
      [...this.list.children].forEach((option, place) => {
        option.setAttribute('aria-selected', String(place === this.active));
        if (place === this.active) option.scrollIntoView({ block: 'nearest' });
      });
      this.field.setAttribute('aria-activedescendant', `option-${this.active}`);
    }
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    const words = this.field.value.trim();
    if (this.active >= 0 && !this.list.hidden) this.add(this.names[this.active]);
    else if (words) this.add(words);
  }

  /**
   * Adds a function; what it is not is said below the field. A word that begins a name will do for it.
   * @param {string} words
   */
  add(words) {
    const [first] = this.app.library.search(words);
    const isWord = /^[\p{L}\d _-]+$/u.test(words) && words !== 'x' && !/^\d/.test(words);
    const { lang } = this.app.state;
    try {
      this.app.add(this.resolved(words, first?.name, isWord));
      this.field.value = '';
      this.close();
    } catch (error) {
      this.close();
      this.error.textContent = isWord && !first ? this.app.words('noMatch') : told(error, lang);
      this.error.hidden = false;
    }
  }

  /**
   * @param {string} words
   * @param {string | undefined} first
   * @param {boolean} isWord
   */
  resolved(words, first, isWord) {
    try {
      return this.app.library.resolve(words).name;
    } catch (error) {
      if (isWord && first) return first;
      throw error;
    }
  }
}
