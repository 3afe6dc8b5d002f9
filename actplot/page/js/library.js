/** Functions by name: those of the figure, those of the catalog, and expressions. */

import { narrow } from './expression.js';
import { Refusal } from './state.js';
import { remoteModel } from './remote.js';
import { lookUp, modelOf, modelOfExpression, register } from './model.js';

/**
 * @typedef {import("./model.js").Model} Model
 * @typedef {{
 *   name: string, title: {en: string, zh: string}, family: string, aliases?: string[],
 *   facts?: {label: {en: string, zh: string}, value: {en: string, zh: string}}[], factsAt?: Object<string, number>,
 *   summary?: {en: string, zh: string}, files?: string[], kind?: 'expression' | 'callable' | 'unnamed'
 * }} Entry What Python has written of a function; `factsAt` are the parameters that its
 *   facts hold for, `files` its pictures beside the page.
 */

/**
 * Name without what does not matter in it: case, "-", "_" and blanks.
 * @param {string} name
 */
export function normalised(name) {
  return name.toLowerCase().replace(/[-_\s]/g, '');
}

export class Library {
  /**
   * @param {Entry[]} own Functions that the figure brings, which no catalog has.
   * @param {Entry[]} catalog
   * @param {import('./remote.js').Connection | null} connection
   */
  constructor(own, catalog, connection) {
    this.connection = connection;
    register(catalog);
    this.catalog = catalog;
    /** @type {Map<string, Entry>} */
    this.entries = new Map([...catalog, ...own].map((entry) => [entry.name, entry]));
    this.own = new Set(own.map((entry) => entry.name));
    /** @type {Map<string, Model>} */
    this.models = new Map();
    /** @type {Set<string>} Entries whose facts were asked for. */
    this.asked = new Set();
  }

  /**
   * Model of a name or an expression; throws where it is neither.
   * @param {string} name
   * @returns {Model}
   */
  resolve(name) {
    const known = this.models.get(name);
    if (known) return known;
    // Whoever types expression after expression shall not fill the memory.
    if (this.models.size > 500) this.models.clear();
    const model = this.own.has(name) ? this.ownModel(name) : (lookUp(name) ?? typed(name));
    this.models.set(name, model);
    return model;
  }

  /**
   * Model of a function that the figure brings, which the process behind the page may compute.
   * @param {string} name
   * @returns {Model}
   */
  ownModel(name) {
    const entry = /** @type {any} */ (this.entries.get(name));
    return entry.isRemote && this.connection ? remoteModel(entry, this.connection) : modelOf(entry);
  }

  /**
   * What a command has to know of a function: whether the catalog has it, and the parameters that need not be written.
   * @param {string} name
   */
  about(name) {
    const model = this.resolve(name);
    const isCatalog = !this.own.has(model.name) && lookUp(model.name) === model;
    return { isCatalog, defaults: isCatalog ? defaultsOf(model) : {} };
  }

  /**
   * Whether a name is the text of an expression.
   * @param {string} name
   */
  isExpression(name) {
    return this.own.has(name) ? this.entries.get(name)?.kind === 'expression' : !this.about(name).isCatalog;
  }

  /**
   * Whether a command can name a function: not one that exists in a program alone.
   * @param {string} name
   */
  isNamed(name) {
    return !this.own.has(name) || this.entries.get(name)?.kind !== 'unnamed';
  }

  /**
   * Facts that Python has computed of a function, and the parameters they hold for.
   * @param {string} name
   */
  facts(name) {
    const entry = this.entries.get(name);
    return {
      facts: entry?.facts ?? [],
      at: entry?.factsAt ?? {},
      summary: entry?.summary ?? null,
      files: entry?.files ?? [],
    };
  }

  /**
   * Asks the process behind the page, once, for facts of an entry of the catalog that came without.
   * @param {string} name
   * @param {() => void} heard Called when they are there.
   */
  async askFacts(name, heard) {
    const entry = this.entries.get(name);
    if (!this.connection || !entry || entry.facts || this.own.has(name) || this.asked.has(name)) return;
    this.asked.add(name);
    const said = await this.connection.facts(name);
    if (!said?.facts) return;
    Object.assign(entry, { facts: said.facts, factsAt: said.factsAt });
    heard();
  }

  /**
   * Entries of the catalog with these words in a name, an alias or a title: first those so named, then those that begin so.
   * @param {string} words
   * @returns {Entry[]}
   */
  search(words) {
    const sought = normalised(words);
    const namesOf = (/** @type {Entry} */ entry) =>
      [entry.name, ...(entry.aliases ?? []), entry.title.en, entry.title.zh].map(normalised);
    const found = this.catalog.filter((entry) => namesOf(entry).some((name) => name.includes(sought)));
    const rank = (/** @type {Entry} */ entry) => {
      const names = namesOf(entry);
      return names.includes(sought) ? 0 : names.some((name) => name.startsWith(sought)) ? 1 : 2;
    };
    return found
      .map((entry) => ({ entry, rank: rank(entry) }))
      .sort((a, b) => a.rank - b.rank)
      .map((each) => each.entry);
  }
}

/**
 * Defaults of a model's parameters.
 * @param {Model} model
 * @returns {Object<string, number>}
 */
export function defaultsOf(model) {
  return Object.fromEntries(model.parameters.map((each) => [each.name, each.default]));
}

/**
 * Model of an expression; a word alone, which would be a parameter, is the name of a function that there is not.
 * @param {string} given
 * @returns {Model}
 */
function typed(given) {
  const text = narrow(given);
  const isExpression =
    /[^\p{L}\p{N}_\-. ]/u.test(text) || /^[-.\d]/.test(text.trim()) || /(^|[\s-])(x|pi|e)($|[\s-])/.test(text);
  if (!isExpression) throw new Refusal('noFunction', { name: text.slice(0, 60) });
  return modelOfExpression(text.split(/\s+/).join(' ').trim());
}
