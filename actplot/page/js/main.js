/** The page of one figure. */

import { App } from './app.js';
import { begin } from './boot.js';
import { surfaceOf } from './surface.js';

begin((content) => {
  const app = new App(content);
  document.body.replaceChildren(app.toolbar.header, app.element, app.notice);
  app.refresh('build');
  app.share.read(location.hash.slice(1));
  addEventListener('hashchange', () => app.share.read(location.hash.slice(1)));
  Object.defineProperty(globalThis, 'actplot', { value: surfaceOf(app, content.names) });
});
