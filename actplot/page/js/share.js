/** What can be taken along: a link that holds the state, the command that draws it, the figure as a file. */

import { askedBy, checkedState, fragmentOf, told } from './state.js';
import { commandOf } from './command.js';
import { fontFace, sheetOf, sizeOf } from './export.js';

// Milliseconds: browsers refuse an address that changes too often.
const REST = 300;

export class Share {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.timer = 0;
    this.written = '';
  }

  /** Fragment that holds the state, without "#"; empty where it is that of the file. */
  fragment() {
    const { app } = this;
    const defaults = (/** @type {string} */ name) => app.library.about(name).defaults;
    const now = fragmentOf(app.state, defaults);
    if (app.list) return this.isPlain() ? app.state.functions[0].name : now;
    return now === fragmentOf(app.initial, defaults) ? '' : now;
  }

  /** Whether one function of the catalog is shown as it is. */
  isPlain() {
    const { app } = this;
    const { functions, range, order, layout, pinned } = app.state;
    const [low, high] = app.rangeOf(functions);
    const isDefault = order === app.initial.order && layout === app.initial.layout && pinned === null;
    const isAlone = functions.length === 1 && app.library.about(functions[0].name).isCatalog;
    if (!isAlone || !isDefault || range[0] !== low || range[1] !== high) return false;
    const { defaults } = app.library.about(functions[0].name);
    return Object.entries(functions[0].parameters).every(([name, value]) => value === defaults[name]);
  }

  link() {
    return `${location.href.split('#')[0]}#${this.fragment()}`.replace(/#$/, '');
  }

  /** Writes the state into the address once the hand rests. */
  keep() {
    if (!this.app.isLinkable) return;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.write(), REST);
  }

  write() {
    if (!this.app.element.isConnected || this.app.list?.isListed) return;
    const fragment = this.fragment();
    if (`#${fragment}` === location.hash || (!fragment && !location.hash)) return;
    this.written = fragment;
    try {
      history.replaceState(history.state, '', fragment ? `#${fragment}` : location.href.split('#')[0]);
    } catch {
      // a document without an address of its own
    }
  }

  /**
   * Takes the state from a fragment; what cannot be read is ignored, and that is said.
   * @param {string} fragment Without "#".
   * @returns {boolean} Whether it was taken.
   */
  read(fragment) {
    const { app } = this;
    if (!fragment || fragment === this.written) return false;
    try {
      const asked = askedBy(fragment);
      const resolve = (/** @type {string} */ name) => app.library.resolve(name);
      const state = checkedState(asked, { ...app.initial, lang: app.state.lang }, resolve);
      if (asked.functions && !asked.range) state.range = app.rangeOf(state.functions);
      app.show(state);
      return true;
    } catch (error) {
      app.notify(app.words('clampedLink', { reason: told(error, app.state.lang) }));
      return false;
    }
  }

  /** Command that draws what is shown; that of the file as long as nothing has changed. */
  command() {
    const { app } = this;
    if (app.content.command && this.fragmentIsInitial()) return app.content.command;
    if (!app.state.functions.every(({ name }) => app.library.isNamed(name))) return app.content.command;
    const at = [
      ...app.content.at,
      ...(app.state.pinned === null || app.content.at.includes(app.state.pinned) ? [] : [app.state.pinned]),
    ];
    return commandOf(app.state, (name) => app.library.about(name), { at, title: app.title });
  }

  fragmentIsInitial() {
    const { app } = this;
    const defaults = (/** @type {string} */ name) => app.library.about(name).defaults;
    return fragmentOf(app.state, defaults) === fragmentOf(app.initial, defaults);
  }

  /** The figure for a file, sampled for its size, in the colours of paper. */
  picture() {
    const { app } = this;
    const { encoding } = app.content;
    const theme = { ground: /** @type {"light"} */ ('light'), colours: encoding.grounds.light };
    const width = 1.5 * sizeOf({ looks: app.looks, state: app.state }).width;
    const drawn = app.drawn.map((each) => ({
      ...each,
      ...app.curves.curveOf(
        each.model.name,
        each.parameters,
        app.state.range,
        width / (app.state.layout === 'overlay' ? 1 : app.state.order + 1),
      ),
    }));
    const { pinned } = app.state;
    return sheetOf({
      drawn,
      looks: app.looks,
      state: app.state,
      theme,
      marks: [...new Set([...app.content.at, ...(pinned === null ? [] : [pinned])])],
      title: app.title,
      chosen: (/** @type {number} */ panel) => app.plot.panels[panel]?.chosen ?? null,
      command: this.command(),
      makers: app.content.makers,
      fontFace: fontFace(),
    });
  }

  /** Name for a file, without an ending. */
  fileName() {
    const { app } = this;
    const names = [...new Set(app.state.functions.map((each) => each.name))];
    const [name] = names;
    if (names.length > 1) return 'compare';
    return /^\w+$/.test(name) ? name : 'plot';
  }
}
