/** Panels on the screen: a canvas for what stays, and one above it for what follows the pointer. */

import { element, swatch } from './dom.js';
import { PARTS } from './sampling.js';
import { CanvasPainter } from './painter.js';
import { frameOf } from './panel.js';
import { drawCursor, drawPanel, drawPoint, fitted, layersOf, panelsOf, titleOf, xLabelOf } from './scene.js';

/**
 * @typedef {import("./panel.js").Frame} Frame
 * @typedef {import("./heights.js").Limits} Limits
 * @typedef {{
 *   orders: number[], element: HTMLElement, caption: HTMLElement, still: HTMLCanvasElement, moving: HTMLCanvasElement,
 *   frame: Frame, limits: Limits, chosen: Limits | null
 * }} Panel `chosen` are limits of y that a hand has set.
 */

const MARGINS = { left: 50, right: 14, top: 24, bottom: 38 };
const SIZES = { fontSize: 12, lineWidth: 2.2, dotSize: 3.6, across: 62, up: 40 };
// How many times their height the limits reach out to hold what a slider can do.
const FARTHEST = 4;

export class Plot {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.element = element('section', { class: 'panels' });
    /** @type {Panel[]} */
    this.panels = [];
    this.width = 0;
    this.scale = 1;
    new ResizeObserver(() => this.measure()).observe(this.element);
  }

  /** Makes the panels anew: the order, the layout or the language is another. */
  build() {
    const { state, words } = this.app;
    const chosen = this.panels.map((panel) => panel.chosen);
    const kept = this.panels.length === panelsOf(state).length ? chosen : [];
    this.panels = panelsOf(state).map((orders, place) => {
      const still = element('canvas', { 'aria-hidden': 'true' });
      const moving = element('canvas', { 'aria-hidden': 'true' });
      const caption = element('figcaption');
      const inside = element(
        'div',
        {
          class: 'plot',
          tabindex: 0,
          role: 'slider',
          'aria-orientation': 'horizontal',
          'aria-describedby': 'panel-help',
        },
        still,
        moving,
      );
      const box = { x: 0, y: 0, width: 1, height: 1 };
      const frame = frameOf(box, MARGINS, orders, state.range, [0, 1]);
      return {
        orders,
        element: inside,
        caption,
        still,
        moving,
        frame,
        limits: /** @type {Limits} */ ([0, 1]),
        chosen: kept[place] ?? null,
      };
    });
    this.element.className = `panels panels-${this.panels.length}`;
    this.element.replaceChildren(
      ...this.panels.map(({ caption, element: inside }) => element('figure', {}, caption, inside)),
      element('p', { class: 'aside', id: 'panel-help' }, words('panelHelp')),
    );
    this.measure(true);
  }

  /** @param {boolean} [isQuiet] Whether nothing need be drawn, since it will be. */
  measure(isQuiet = false) {
    if (!this.panels.length) return;
    this.scale = Math.min(3, window.devicePixelRatio || 1);
    const sizes = this.panels.map(({ element: inside }) => [inside.clientWidth, inside.clientHeight]);
    let hasChanged = false;
    this.panels.forEach((panel, place) => {
      const [width, height] = sizes[place];
      for (const canvas of [panel.still, panel.moving]) {
        const [across, down] = [Math.round(width * this.scale), Math.round(height * this.scale)];
        if (canvas.width === across && canvas.height === down) continue;
        canvas.width = across;
        canvas.height = down;
        hasChanged = true;
      }
      panel.frame = { ...panel.frame, box: { x: 0, y: 0, width, height } };
    });
    this.width = Math.max(1, (sizes[0]?.[0] ?? 1) - MARGINS.left - MARGINS.right);
    if (hasChanged && !isQuiet) this.app.refresh('view');
  }

  /**
   * Settles the limits of each panel.
   * @param {"slide" | "view"} why Sliding only widens them, so that the eye has something to hold on to.
   * @param {() => import("./scene.js").Drawn[]} reachable Curves that the slider in hand can turn into.
   */
  fit(why, reachable) {
    const { drawn } = this.app;
    /** @type {import("./scene.js").Drawn[] | null} */
    let ends = null;
    for (const panel of this.panels) {
      if (panel.chosen) {
        panel.limits = panel.chosen;
        continue;
      }
      const needed = fitted(drawn, panel.orders);
      if (why !== 'slide') {
        panel.limits = needed;
        continue;
      }
      const [low, high] = panel.limits;
      const edge = 0.05 * (high - low);
      if (needed[0] >= low - edge && needed[1] <= high + edge) continue;
      ends ??= reachable();
      const wide = [panel.limits, needed, fitted(ends, panel.orders)];
      const [least, most] = [Math.min(low, needed[0]), Math.max(high, needed[1])];
      const reach = FARTHEST * (most - least);
      panel.limits = [
        Math.max(Math.min(...wide.map((each) => each[0])), least - reach),
        Math.min(Math.max(...wide.map((each) => each[1])), most + reach),
      ];
    }
  }

  /** Draws what stays while the pointer moves. */
  draw() {
    const { drawn, looks, state, theme, hasGrid } = this.app;
    const marks = this.app.content.at;
    for (const panel of this.panels) {
      const { box } = panel.frame;
      panel.frame = frameOf(box, MARGINS, panel.orders, state.range, panel.limits);
      panel.element.dataset.limits = JSON.stringify(panel.limits);
      const context = panel.still.getContext('2d');
      if (!context) continue;
      const painter = new CanvasPainter(context, this.scale);
      painter.clear(box);
      const parts = panel.orders.map((order) => PARTS[order]);
      const beside = parts.map((part) => looks.encoding.axisLabels[part]).join(', ');
      const above = Math.max(0, painter.widthOf(beside, 12) + 18 - panel.frame.inner.x);
      drawPanel(painter, panel.frame, drawn, looks, theme, { ...SIZES, above }, { hasGrid, marks });
      const ink = { size: 12, colour: theme.colours.text, italic: true };
      painter.text(beside, 10, panel.frame.inner.y - 12, { ...ink, baseline: 'middle' });
      painter.text(
        xLabelOf(drawn, looks, state),
        panel.frame.inner.x + panel.frame.inner.width,
        panel.frame.inner.y + panel.frame.inner.height + 30,
        { ...ink, align: 'right' },
      );
    }
    this.caption();
  }

  /** Titles above the panels, and below a title the lines that it holds where they are several. */
  caption() {
    const { drawn, looks, state, theme } = this.app;
    for (const panel of this.panels) {
      const { words, colour } = titleOf(drawn, panel.orders, looks, state, theme);
      const isTitled = this.panels.length === 1 && this.app.title !== null;
      const shown = isTitled ? /** @type {string} */ (this.app.title) : words;
      const key = [shown, colour, drawn.length, state.lang, theme.ground].join();
      if (panel.caption.dataset.key === key) continue;
      panel.caption.dataset.key = key;
      const heading = element('h2', {}, shown);
      heading.style.color = isTitled ? '' : colour;
      const parts = panel.orders.map((order) => PARTS[order]);
      const lines =
        parts.length > 1
          ? layersOf(
              drawn.slice(0, 1).map((each) => ({ ...each, isHidden: false })),
              panel.orders,
              looks,
              theme.ground,
            )
          : [];
      const legend = lines.map((look, i) =>
        element(
          'span',
          { class: 'line' },
          swatch(drawn.length > 1 ? { ...look, colour: theme.colours.text } : look),
          looks.encoding.partLabels[parts[i]][state.lang],
        ),
      );
      panel.caption.replaceChildren(heading, ...(legend.length ? [element('p', { class: 'lines' }, ...legend)] : []));
      panel.element.setAttribute('aria-label', `${shown}: x`);
    }
  }

  /** Draws what follows the pointer: a line through all panels, dots, the tangent. */
  point() {
    const { drawn, looks, theme, state } = this.app;
    const cursor = this.app.cursor.shown;
    for (const panel of this.panels) {
      const context = panel.moving.getContext('2d');
      if (!context) continue;
      const painter = new CanvasPainter(context, this.scale);
      painter.clear(panel.frame.box);
      const [low, high] = state.range;
      panel.element.setAttribute('aria-valuemin', String(low));
      panel.element.setAttribute('aria-valuemax', String(high));
      panel.element.setAttribute('aria-valuenow', String(cursor?.x ?? (low + high) / 2));
      panel.element.setAttribute('aria-valuetext', this.app.status.spoken(panel.orders));
      if (!cursor) continue;
      drawCursor(painter, panel.frame, cursor.x, theme.accent, state.pinned !== null);
      drawn.forEach((each, place) => {
        if (!each.isHidden)
          drawPoint(painter, panel.frame, each, cursor.x, looks, theme, SIZES, place === cursor.nearest);
      });
    }
  }

  /**
   * Panel that an element is in.
   * @param {EventTarget | null} target
   */
  panelOf(target) {
    return this.panels.find((panel) => target instanceof Node && panel.element.contains(target)) ?? null;
  }

  /** Lets all panels choose their limits themselves. */
  release() {
    for (const panel of this.panels) panel.chosen = null;
  }
}
