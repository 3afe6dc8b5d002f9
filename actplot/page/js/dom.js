/** Elements of the page. Words become text, never markup. */

/**
 * Element with attributes and children; attributes that are false or null are left out, functions are listeners.
 * @param {string} tag
 * @param {Object<string, any>} [attributes]
 * @param {...(Node | string | null)} children
 * @returns {any}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === 'function') made.addEventListener(name, value);
    else made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.filter((each) => each !== null));
  return made;
}

/**
 * Button with words, and what it does.
 * @param {string} words
 * @param {() => void} action
 * @param {Object<string, any>} [attributes]
 */
export function button(words, action, attributes = {}) {
  return element('button', { type: 'button', click: action, ...attributes }, words);
}

/**
 * Formula as MathML, written by Python; it comes from the file itself and from nowhere else.
 * @param {string} mathml
 * @param {string} [kind]
 */
export function formula(mathml, kind = 'formula') {
  const made = element('div', { class: kind });
  made.innerHTML = mathml;
  return made;
}

/**
 * Short sample of a line, for a legend.
 * @param {{colour: string, dash: number[]}} look
 */
export function swatch({ colour, dash }) {
  const space = 'http://www.w3.org/2000/svg';
  const made = document.createElementNS(space, 'svg');
  const line = document.createElementNS(space, 'line');
  const attributes = {
    x1: 1,
    y1: 6,
    x2: 29,
    y2: 6,
    stroke: colour,
    'stroke-width': 2.6,
    'stroke-dasharray': dash.map((each) => each * 2.4).join(' ') || 'none',
  };
  for (const [name, value] of Object.entries(attributes)) line.setAttribute(name, String(value));
  for (const [name, value] of Object.entries({
    width: 30,
    height: 12,
    viewBox: '0 0 30 12',
    'aria-hidden': 'true',
    class: 'swatch',
  }))
    made.setAttribute(name, String(value));
  made.append(line);
  return made;
}

/**
 * Saves a file of the reader's.
 * @param {Blob} content
 * @param {string} name
 */
export function download(content, name) {
  const address = URL.createObjectURL(content);
  element('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/**
 * Puts words on the clipboard; returns whether that worked, which it may not on pages from disk.
 * @param {string} words
 * @returns {Promise<boolean>}
 */
export async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    const field = element('textarea', { class: 'aside', readonly: true, 'aria-hidden': 'true' });
    field.value = words;
    const before = document.activeElement;
    document.body.append(field);
    field.select();
    const isDone = document.execCommand('copy');
    field.remove();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    return isDone;
  }
}

/** What is remembered from one visit to the next, where the browser allows it. */
export const memory = {
  /** @param {string} key */
  get(key) {
    try {
      return localStorage.getItem(`actplot-${key}`);
    } catch {
      return null;
    }
  },
  /**
   * @param {string} key
   * @param {string} value
   */
  set(key, value) {
    try {
      localStorage.setItem(`actplot-${key}`, value);
    } catch {
      // forgotten
    }
  },
};
