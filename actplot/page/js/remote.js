/** Functions that only the process behind the page can compute: it is asked for every step of a slider and every zoom. */

import { sampledModel } from './model.js';

/**
 * @typedef {import('./model.js').Model} Model
 * @typedef {{name: string, parameters: Object<string, number>, range: [number, number], order: number}} Question
 * @typedef {Model & {
 *   want: (parameters: Object<string, number>, range: [number, number], order: number) => void,
 *   exact: (x: number[], parameters: Object<string, number>, order: number) => number[][],
 *   exactBreaks: (parameters: Object<string, number>, range: [number, number]) => any[]
 * }} RemoteModel `want` asks for samples, which are there later; the others wait for the answer, for scripts.
 */

// Curves that are remembered, so that a slider that goes back need not ask again.
const MOST_KEPT = 60;
/** What the page says to its process, and hears from it. */
export class Connection {
  /**
   * @param {{heard: () => void, failed: (words: {en: string, zh: string}) => void}} answers
   */
  constructor(answers) {
    this.answers = answers;
    this.isAsking = false;
    /** @type {{question: Question, take: (samples: any) => void} | null} */
    this.next = null;
  }

  /**
   * Asks for samples; of several questions that wait, the last one is asked.
   * @param {Question} question
   * @param {(samples: any) => void} take
   */
  async ask(question, take) {
    this.next = { question, take };
    if (this.isAsking) return;
    this.isAsking = true;
    while (this.next) {
      const asked = this.next;
      this.next = null;
      try {
        const answer = await fetch('curve', { method: 'POST', body: JSON.stringify(asked.question) });
        const said = await answer.json();
        if (answer.ok) asked.take(said);
        else this.answers.failed(said.error);
      } catch {
        // What is lost is said once nobody listens.
      }
      this.answers.heard();
    }
    this.isAsking = false;
  }

  /**
   * Facts of an entry of the catalog, which are computed when they are first asked for; null where there are none.
   * @param {string} name
   * @returns {Promise<any>}
   */
  async facts(name) {
    try {
      const answer = await fetch('facts', { method: 'POST', body: JSON.stringify({ name }) });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  /**
   * Asks and waits for the answer.
   * @param {'curve' | 'values'} what
   * @param {Object<string, any>} question
   */
  wait(what, question) {
    const request = new XMLHttpRequest();
    request.open('POST', what, false);
    request.send(JSON.stringify(question));
    const said = JSON.parse(request.responseText);
    if (request.status !== 200) throw new Error(said.error.en);
    return said;
  }
}

/**
 * Model of a callable behind the page.
 * @param {any} entry
 * @param {Connection} connection
 * @returns {RemoteModel}
 */
export function remoteModel(entry, connection) {
  const first = sampledModel(entry);
  /** @type {Map<string, Model>} Curves by parameters, range and order. */
  const known = new Map();
  /** @type {Map<string, Model>} Those in sight, by parameters. */
  const shown = new Map();
  let latest = first;
  const put = (/** @type {Map<string, Model>} */ kept, /** @type {string} */ key, /** @type {Model} */ model) => {
    kept.delete(key);
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value ?? '');
    kept.set(key, model);
  };
  /** Curve for parameters; until it is there, the one that came last. */
  const best = (/** @type {Object<string, number>} */ parameters) => shown.get(JSON.stringify(parameters)) ?? latest;
  return {
    ...first,
    evaluate: (x, parameters, order) => best(parameters).evaluate(x, parameters, order),
    breaks: (parameters, range, order) => best(parameters).breaks(parameters, range, order),
    want(parameters, range, order) {
      const [values, key] = [JSON.stringify(parameters), JSON.stringify([parameters, range, order])];
      const kept = known.get(key);
      if (kept) {
        put(shown, values, kept);
        return;
      }
      connection.ask({ name: entry.name, parameters, range, order }, (samples) => {
        latest = sampledModel({ ...entry, samples: [samples] });
        put(known, key, latest);
        put(shown, values, latest);
      });
    },
    exact(x, parameters, order) {
      const values = connection.wait('values', { name: entry.name, parameters, x: Array.from(x, String), order });
      return values.map((/** @type {any[]} */ row) => row.map((value) => (value === null ? NaN : Number(value))));
    },
    exactBreaks(parameters, range) {
      const samples = connection.wait('curve', { name: entry.name, parameters, range, order: 2 });
      return sampledModel({ ...entry, samples: [samples] }).breaks(parameters, range, 2);
    },
  };
}
