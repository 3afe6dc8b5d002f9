/** Where a page begins: reads what Python has written and shows it. */

import { App } from './app.js';
import { memory } from './dom.js';
import { surfaceOf } from './surface.js';

const content = JSON.parse(document.getElementById('content')?.textContent ?? '{}');
const theme = memory.get('theme');
if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;

/** Shows the figure, once the characters that this system may lack are at hand. */
function begin() {
  const app = new App(content);
  document.body.replaceChildren(app.toolbar.header, app.element, app.notice);
  app.refresh('build');
  app.share.read(location.hash.slice(1));
  addEventListener('hashchange', () => app.share.read(location.hash.slice(1)));
  Object.defineProperty(globalThis, 'actplot', { value: surfaceOf(app, content.names) });
}

document.fonts.load('16px actplot', '函').then(begin, begin);
