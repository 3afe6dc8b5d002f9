/** One panel: its frame with grid, axes and ticks, and in it curves, dots, asymptotes and tangents. */

import { ticks, tickLabels } from './numbers.js';
import { PARTS, isPole, jumps } from './sampling.js';
import { thinned } from './refinement.js';

/**
 * @typedef {import("./painter.js").Painter} Painter
 * @typedef {import("./painter.js").Box} Box
 * @typedef {import("./painter.js").Scale} Scale
 * @typedef {import("./sampling.js").Curve} Curve
 * @typedef {import("./heights.js").Limits} Limits
 * @typedef {{box: Box, inner: Box, orders: number[], range: Limits, limits: Limits, across: Scale, up: Scale}} Frame
 * @typedef {{panel: string, grid: string, edge: string, text: string}} Ground
 * @typedef {{curve: Curve, colour: string, dash: number[], width: number}[]} Layers One for each part of each curve.
 * @typedef {{fontSize: number, lineWidth: number, dotSize: number, across: number, up: number, above?: number}} Sizes
 *   `across` and `up` are the least pixels between two ticks, `above` those that are taken above the panel.
 */

/**
 * Frame of a panel, with the pixels that its values fall on.
 * @param {Box} box
 * @param {{left: number, right: number, top: number, bottom: number}} margins
 * @param {number[]} orders Places of the parts that it shows.
 * @param {Limits} range
 * @param {Limits} limits
 * @returns {Frame}
 */
export function frameOf(box, margins, orders, range, limits) {
  const inner = {
    x: box.x + margins.left,
    y: box.y + margins.top,
    width: Math.max(1, box.width - margins.left - margins.right),
    height: Math.max(1, box.height - margins.top - margins.bottom),
  };
  const across = inner.width / (range[1] - range[0]);
  const up = -inner.height / (limits[1] - limits[0]);
  return {
    box,
    inner,
    orders,
    range,
    limits,
    across: { scale: across, offset: inner.x - range[0] * across },
    up: { scale: up, offset: inner.y - limits[1] * up },
  };
}

/**
 * Value at a pixel.
 * @param {Scale} scale
 * @param {number} pixel
 */
export function valueAt({ scale, offset }, pixel) {
  return (pixel - offset) / scale;
}

/**
 * Pixel of a value.
 * @param {Scale} scale
 * @param {number} value
 */
export function pixelOf({ scale, offset }, value) {
  return value * scale + offset;
}

/**
 * Draws grid, zero axes, edge and ticks.
 * @param {Painter} painter
 * @param {Frame} frame
 * @param {Ground} ground
 * @param {Sizes} sizes
 * @param {boolean} hasGrid
 */
export function drawFrame(painter, frame, ground, sizes, hasGrid) {
  const { inner, across, up } = frame;
  const bottom = inner.y + inner.height;
  const right = inner.x + inner.width;
  painter.box(inner, ground.panel);
  const columns = ticks(frame.range[0], frame.range[1], inner.width / sizes.across);
  const rows = ticks(frame.limits[0], frame.limits[1], inner.height / sizes.up);
  const xs = columns.values.map((value) => crisp(pixelOf(across, value)));
  const ys = rows.values.map((value) => crisp(pixelOf(up, value)));
  const thin = { colour: ground.grid, width: 1 };
  if (hasGrid) {
    for (const x of xs) segment(painter, x, inner.y, x, bottom, thin);
    for (const y of ys) segment(painter, inner.x, y, right, y, thin);
  }
  const edge = { colour: ground.edge, width: 1 };
  const [zeroX, zeroY] = [crisp(pixelOf(across, 0)), crisp(pixelOf(up, 0))];
  if (zeroX > inner.x && zeroX < right) segment(painter, zeroX, inner.y, zeroX, bottom, edge);
  if (zeroY > inner.y && zeroY < bottom) segment(painter, inner.x, zeroY, right, zeroY, edge);
  painter.box(
    { x: crisp(inner.x), y: crisp(inner.y), width: Math.round(inner.width) - 1, height: Math.round(inner.height) - 1 },
    '',
    edge,
  );
  const size = sizes.fontSize;
  const lettering = { size, colour: ground.text };
  const below = tickLabels(columns);
  xs.forEach((x, i) => {
    segment(painter, x, bottom, x, bottom + 3, edge);
    painter.text(below.labels[i], x, bottom + 6, { ...lettering, align: 'center', baseline: 'top' });
  });
  const beside = tickLabels(rows);
  ys.forEach((y, i) => {
    segment(painter, inner.x - 3, y, inner.x, y, edge);
    painter.text(beside.labels[i], inner.x - 6, y, { ...lettering, align: 'right', baseline: 'middle' });
  });
  // What all ticks have in common stands at the ends of the axes, clear of their labels.
  if (below.common) {
    painter.text(below.common, right - 18, bottom + 9 + size, { ...lettering, align: 'right', baseline: 'top' });
  }
  if (beside.common) painter.text(beside.common, inner.x + (sizes.above ?? 0), inner.y - 6, lettering);
}

/**
 * Pixel in whose middle a thin line is sharp.
 * @param {number} pixel
 */
function crisp(pixel) {
  return Math.floor(pixel) + 0.5;
}

const PIXELS = { scale: 1, offset: 0 };

/**
 * @param {Painter} painter
 * @param {number} x0
 * @param {number} y0
 * @param {number} x1
 * @param {number} y1
 * @param {import("./painter.js").Stroke} stroke
 */
export function segment(painter, x0, y0, x1, y1, stroke) {
  painter.line([x0, x1], [y0, y1], PIXELS, PIXELS, stroke);
}

/**
 * Draws asymptotes, curves and dots.
 * @param {Painter} painter
 * @param {Frame} frame
 * @param {{curve: Curve, order: number, colour: string, dash: number[]}[]} layers In the order of drawing.
 * @param {Ground} ground
 * @param {Sizes} sizes
 */
export function drawCurves(painter, frame, layers, ground, sizes) {
  const { inner, across, up } = frame;
  painter.clip(inner, () => {
    const poles = new Set(
      layers.flatMap(({ curve, order }) => curve.breaks.filter((at) => isPole(at, PARTS[order])).map((at) => at.x)),
    );
    for (const pole of poles) {
      const x = crisp(pixelOf(across, pole));
      segment(painter, x, inner.y, x, inner.y + inner.height, { colour: ground.edge, width: 1, dash: [4, 3] });
    }
    for (const { curve, order, colour, dash } of layers) {
      const line = curve.lines[order];
      if (!line) continue;
      const { x, y } = thinned(line, across);
      painter.line(x, y, across, up, { colour, width: sizes.lineWidth, dash });
    }
  });
  const around = 2 * sizes.dotSize;
  const wider = {
    x: inner.x - around,
    y: inner.y - around,
    width: inner.width + 2 * around,
    height: inner.height + 2 * around,
  };
  painter.clip(wider, () => {
    for (const { curve, order, colour } of layers) drawDots(painter, frame, curve, order, colour, ground, sizes);
  });
}

/**
 * Open dots at the limits of each jump, a filled one at the value that torch returns.
 * @param {Painter} painter
 * @param {Frame} frame
 * @param {Curve} curve
 * @param {number} order
 * @param {string} colour
 * @param {Ground} ground
 * @param {Sizes} sizes
 */
function drawDots(painter, frame, curve, order, colour, ground, sizes) {
  const stroke = { colour, width: 0.65 * sizes.lineWidth };
  const [low, high] = curve.range;
  const part = PARTS[order];
  const shown = curve.breaks.filter(
    (at) => jumps(at, order) && !at[part].slice(0, 2).every((limit) => Math.abs(limit) === Infinity),
  );
  const dot = (/** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ fill) => {
    if (!Number.isFinite(y) || y < frame.limits[0] || y > frame.limits[1]) return;
    painter.dot(pixelOf(frame.across, x), pixelOf(frame.up, y), sizes.dotSize, fill, stroke);
  };
  for (const at of shown) {
    if (at.x > low) dot(at.x, at[part][0], ground.panel);
    if (at.x < high) dot(at.x, at[part][1], ground.panel);
  }
  for (const at of shown) dot(at.x, at[part][2], colour);
}

/**
 * Tangent at a point, as a line to each side; at a break each has the slope of its side.
 * @param {Curve} curve
 * @param {number} x
 * @param {import("./reading.js").Value[]} values Of the function and its derivative.
 * @returns {{x: number[], y: number[]}[]}
 */
export function tangents(curve, x, [y, dy]) {
  const reach = 0.16 * (curve.range[1] - curve.range[0]);
  return /** @type {const} */ ([
    [-reach, 0],
    [reach, 1],
  ])
    .map(([run, side]) => ({ x: [x, x + run], y: [y[side], y[side] + dy[side] * run] }))
    .filter((each) => each.y.every((value) => Math.abs(value) < 1e300));
}
