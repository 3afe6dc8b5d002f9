/** How every page begins: what Python has written is read, and the characters that the system may lack are loaded. */

import { memory } from './dom.js';

/**
 * Content of a data element, which may be packed.
 * @param {string} id
 * @returns {Promise<any>}
 */
async function dataOf(id) {
  const holder = document.getElementById(id);
  if (!holder) return null;
  const text = holder.textContent ?? '';
  if (holder.dataset.packed === undefined) return JSON.parse(text);
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(unpacked).json();
}

/**
 * Stays connected to the process that serves a page, which ends once no page is.
 * @param {{isServed?: boolean}} content
 */
export function stayConnected(content) {
  if (content.isServed) new EventSource('events');
}

/**
 * Shows a page once everything is at hand.
 * @param {(content: any) => void} show
 */
export async function begin(show) {
  const theme = memory.get('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  const [content, catalog] = await Promise.all([
    dataOf('content'),
    dataOf('catalog'),
    document.fonts.load('16px actplot', '函').catch(() => []),
  ]);
  if (catalog) content.catalog = catalog;
  show(content);
}
