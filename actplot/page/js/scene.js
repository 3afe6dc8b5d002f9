/** What a figure shows, apart from where: its panels, the layers of each, titles, and points that are marked. */

import { PARTS } from './sampling.js';
import { drawCurves, drawFrame, pixelOf, segment, tangents } from './panel.js';
import { limitsOf } from './heights.js';
import { read } from './reading.js';

/**
 * @typedef {import("./encoding.js").Looks} Looks
 * @typedef {import("./panel.js").Frame} Frame
 * @typedef {import("./panel.js").Ground} Ground
 * @typedef {import("./panel.js").Sizes} Sizes
 * @typedef {import("./painter.js").Painter} Painter
 * @typedef {import("./state.js").State} State
 * @typedef {{
 *   model: import("./model.js").Model, parameters: Object<string, number>, index: number | null, isHidden: boolean,
 *   label: string, titled: import("./encoding.js").Titled, curve: import("./sampling.js").Curve,
 *   landmarks: import("./reading.js").Landmarks
 * }} Drawn A function of the state with its curve; `index` is its place among several.
 * @typedef {{ground: "light" | "dark", colours: Ground}} Theme
 */

/**
 * Places of the parts that each panel shows.
 * @param {State} state
 * @returns {number[][]}
 */
export function panelsOf({ order, layout }) {
  const orders = PARTS.slice(0, order + 1).map((_, place) => place);
  return layout === 'overlay' ? [orders] : orders.map((place) => [place]);
}

/**
 * Lines of a panel in the order of drawing.
 * @param {Drawn[]} drawn
 * @param {number[]} orders
 * @param {Looks} looks
 * @param {"light" | "dark"} ground
 */
export function layersOf(drawn, orders, looks, ground) {
  const parts = orders.map((order) => PARTS[order]);
  return orders.flatMap((order) =>
    drawn
      .filter((each) => !each.isHidden)
      .map((each) => ({ curve: each.curve, order, ...looks.line(PARTS[order], each.index, ground, parts) })),
  );
}

/**
 * Limits of y that hold the curves of a panel.
 * @param {Drawn[]} drawn
 * @param {number[]} orders
 */
export function fitted(drawn, orders) {
  const visible = drawn.filter((each) => !each.isHidden);
  return limitsOf(
    (visible.length ? visible : drawn).map((each) => each.curve),
    orders,
  );
}

/**
 * Label of the x axes.
 * @param {Drawn[]} drawn
 * @param {Looks} looks
 * @param {State} state
 */
export function xLabelOf(drawn, looks, state) {
  return looks.xLabel(
    drawn.map((each) => each.titled),
    state.lang,
  );
}

/**
 * Title of a panel and its colour, empty for that of text.
 * @param {Drawn[]} drawn
 * @param {number[]} orders
 * @param {Looks} looks
 * @param {State} state
 * @param {Theme} theme
 */
export function titleOf(drawn, orders, looks, state, theme) {
  const parts = orders.map((order) => PARTS[order]);
  return {
    words: looks.heading(
      drawn.map((each) => each.titled),
      parts,
      state.lang,
    ),
    colour: looks.titleColour(parts, drawn.length, theme.ground),
  };
}

/**
 * Draws a panel with all that stays while the pointer moves.
 * @param {Painter} painter
 * @param {Frame} frame
 * @param {Drawn[]} drawn
 * @param {Looks} looks
 * @param {Theme} theme
 * @param {Sizes} sizes
 * @param {{hasGrid: boolean, marks: number[]}} more Points of x that are marked, with a dot and the tangent.
 */
export function drawPanel(painter, frame, drawn, looks, theme, sizes, { hasGrid, marks }) {
  drawFrame(painter, frame, theme.colours, sizes, hasGrid);
  drawCurves(painter, frame, layersOf(drawn, frame.orders, looks, theme.ground), theme.colours, sizes);
  for (const x of marks) {
    for (const each of drawn) if (!each.isHidden) drawPoint(painter, frame, each, x, looks, theme, sizes, true);
  }
}

/**
 * Draws the dots of a function at x in a panel, and in that of the function the tangent.
 * @param {Painter} painter
 * @param {Frame} frame
 * @param {Drawn} each
 * @param {number} x
 * @param {Looks} looks
 * @param {Theme} theme
 * @param {Sizes} sizes
 * @param {boolean} hasTangent
 */
export function drawPoint(painter, frame, each, x, looks, theme, sizes, hasTangent) {
  const parts = frame.orders.map((order) => PARTS[order]);
  const most = /** @type {0 | 1 | 2} */ (Math.max(hasTangent && parts[0] === 'y' ? 1 : 0, ...frame.orders));
  const values = read(each.model, each.parameters, each.curve, x, most);
  painter.clip(frame.inner, () => {
    if (hasTangent && parts[0] === 'y') {
      const { colour } = looks.line('dy', each.index, theme.ground, ['dy']);
      for (const half of tangents(each.curve, x, values)) {
        painter.line(half.x, half.y, frame.across, frame.up, { colour, width: 0.65 * sizes.lineWidth });
      }
    }
    for (const order of frame.orders) {
      const y = values[order][2];
      if (!Number.isFinite(y)) continue;
      const { colour } = looks.line(PARTS[order], each.index, theme.ground, parts);
      painter.dot(pixelOf(frame.across, x), pixelOf(frame.up, y), 1.7 * sizes.dotSize, colour, {
        colour: theme.colours.panel,
        width: 1.2,
      });
    }
  });
}

/**
 * Draws the line through all panels at x.
 * @param {Painter} painter
 * @param {Frame} frame
 * @param {number} x
 * @param {string} colour
 * @param {boolean} isPinned
 */
export function drawCursor(painter, frame, x, colour, isPinned) {
  const left = pixelOf(frame.across, x);
  if (left < frame.inner.x || left > frame.inner.x + frame.inner.width) return;
  segment(painter, left, frame.inner.y, left, frame.inner.y + frame.inner.height, {
    colour,
    width: 1.2,
    dash: isPinned ? [] : [4, 3],
  });
}
