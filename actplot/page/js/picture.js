/** A page that holds a picture: colours of the page, and the command that draws it. */

import { begin, stayConnected } from './boot.js';
import { button, copy, element, memory } from './dom.js';
import { WORDS } from './words.js';

begin((content) => {
  stayConnected(content);
  const root = document.documentElement;
  const words = (/** @type {string} */ key) => WORDS[key][/** @type {'zh' | 'en'} */ (content.lang)];
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const picture = document.querySelector('figure');
  const notice = element('div', { class: 'notice', role: 'alert', hidden: true });
  const switchTheme = () => {
    const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches;
    root.dataset.theme = isDark ? 'light' : 'dark';
    memory.set('theme', root.dataset.theme);
  };
  const take = async () => {
    notice.textContent = (await copy(content.command)) ? content.command : `${words('copyByHand')} ${content.command}`;
    notice.hidden = false;
    setTimeout(() => (notice.hidden = true), 6000);
  };
  const header = element(
    'header',
    { class: 'top' },
    element('h1', {}, content.title),
    element('span', { class: 'gap' }),
    content.command ? button(words('copyCommand'), take, { id: 'copy-command' }) : '',
    button('', switchTheme, { class: 'icon theme', 'aria-label': words('theme') }),
  );
  document.body.replaceChildren(header, element('main', {}, picture), notice);
  const nothing = { names: [], evaluate: () => [], breaks: () => [], state: { functions: [], lang: content.lang } };
  Object.defineProperty(globalThis, 'actplot', { value: Object.freeze(nothing) });
});
