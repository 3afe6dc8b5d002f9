/** A page's figure as a file: SVG and PNG of the size and with the margins of Python's figures, the command inside. */

import { PARTS } from './sampling.js';
import { CanvasPainter, FAMILY, SvgPainter, escaped } from './painter.js';
import { frameOf } from './panel.js';
import { drawPanel, fitted, panelsOf, titleOf, xLabelOf } from './scene.js';

/**
 * @typedef {import("./scene.js").Drawn} Drawn
 * @typedef {import("./scene.js").Theme} Theme
 * @typedef {import("./encoding.js").Looks} Looks
 * @typedef {import("./painter.js").Painter} Painter
 * @typedef {{
 *   drawn: Drawn[], looks: Looks, state: import("./state.js").State, marks: number[], theme: Theme, title: string | null,
 *   chosen: (panel: number) => [number, number] | null, command: string, makers: string, fontFace: string
 * }} Picture `drawn` are sampled for its size; `chosen` are limits of y that a hand has set.
 */

// Pixels an inch, and pixels of a file for one of these.
const INCH = 100;
const POINT = INCH / 72;

/**
 * Width and height in pixels.
 * @param {Pick<Picture, 'looks' | 'state'>} picture
 */
export function sizeOf({ looks, state }) {
  const { size, panelWidth } = looks.encoding;
  const count = panelsOf(state).length;
  return { width: Math.round((size[0] + (count > 1 ? panelWidth * (count - 2) : 0)) * INCH), height: size[1] * INCH };
}

/**
 * @param {Painter} painter
 * @param {Picture} picture
 */
function draw(painter, picture) {
  const { drawn, looks, state, theme } = picture;
  const { left, right, bottom, top, between } = looks.encoding.margins;
  const { width, height } = sizeOf(picture);
  painter.box({ x: 0, y: 0, width, height }, theme.colours.panel);
  const panels = panelsOf(state);
  const isHeaded = picture.title !== null && panels.length > 1;
  const head = top * INCH + (isHeaded ? 35 : 0);
  const each = (width - (left + right + between * (panels.length - 1)) * INCH) / panels.length;
  const ink = { colour: theme.colours.text };
  if (isHeaded && picture.title)
    painter.text(picture.title, width / 2, 15, { ...ink, size: 14 * POINT, align: 'center', baseline: 'top' });
  panels.forEach((orders, place) => {
    const box = {
      x: left * INCH + place * (each + between * INCH),
      y: head,
      width: each,
      height: height - head - bottom * INCH,
    };
    const limits = picture.chosen(place) ?? fitted(drawn, orders);
    const frame = frameOf(box, { left: 0, right: 0, top: 0, bottom: 0 }, orders, state.range, limits);
    const sizes = { fontSize: 10 * POINT, lineWidth: 2 * POINT, dotSize: 2.5 * POINT, across: 70, up: 38 };
    drawPanel(painter, frame, drawn, looks, theme, sizes, { hasGrid: true, marks: picture.marks });
    const parts = orders.map((order) => PARTS[order]);
    painter.text(xLabelOf(drawn, looks, state), box.x + box.width / 2, box.y + box.height + 0.32 * INCH, {
      ...ink,
      size: 11 * POINT,
      align: 'center',
      baseline: 'top',
    });
    const beside = parts.map((part) => looks.encoding.axisLabels[part]).join(', ');
    painter.text(beside, box.x - 0.53 * INCH, box.y + box.height / 2, {
      ...ink,
      size: 11 * POINT,
      align: 'center',
      turned: true,
    });
    const { words, colour } =
      panels.length === 1 && picture.title !== null
        ? { words: picture.title, colour: '' }
        : titleOf(drawn, orders, looks, state, theme);
    const fits = Math.min(1, (box.width + 30) / painter.widthOf(words, 13 * POINT));
    painter.text(words, box.x + box.width / 2, box.y - 10, {
      size: 13 * POINT * fits,
      colour: colour || theme.colours.text,
      align: 'center',
    });
    legend(painter, frame, picture);
  });
}

/**
 * Legend in the corner that the curves leave emptiest, where a panel has several lines.
 * @param {Painter} painter
 * @param {import("./panel.js").Frame} frame
 * @param {Picture} picture
 */
function legend(painter, frame, { drawn, looks, state, theme }) {
  const parts = frame.orders.map((order) => PARTS[order]);
  const visible = drawn.filter((each) => !each.isHidden);
  if (drawn.length === 1 && parts.length === 1) return;
  const rows = parts.flatMap((part) =>
    visible.map((each) => ({
      ...looks.line(part, each.index, theme.ground, parts),
      words:
        each.index === null
          ? looks.encoding.partLabels[part][state.lang]
          : part === 'y' || parts.length === 1
            ? each.label
            : `${each.label}  ${looks.encoding.axisLabels[part]}`,
    })),
  );
  const size = rows.length > 8 ? 11 : 13;
  const leading = 1.45 * size;
  const width = Math.max(...rows.map((row) => painter.widthOf(row.words, size))) + 52;
  const height = rows.length * leading + 8;
  const { inner } = frame;
  const corners = [
    [0, 0],
    [1, 1],
    [1, 0],
    [0, 1],
  ].map(([right, down]) => ({
    x: right ? inner.x + inner.width - width - 8 : inner.x + 8,
    y: down ? inner.y + inner.height - height - 8 : inner.y + 8,
    width,
    height,
  }));
  const [box] = corners
    .map((corner) => ({ corner, taken: taken(corner, frame, visible) }))
    .sort((a, b) => a.taken - b.taken)
    .map((each) => each.corner);
  painter.box(box, theme.colours.panel, { colour: theme.colours.grid, width: 1 });
  rows.forEach((row, place) => {
    const y = box.y + 4 + (place + 0.5) * leading;
    painter.line(
      [box.x + 10, box.x + 38],
      [y, y],
      { scale: 1, offset: 0 },
      { scale: 1, offset: 0 },
      { colour: row.colour, width: 2 * POINT, dash: row.dash },
    );
    painter.text(row.words, box.x + 45, y, { size, colour: theme.colours.text, baseline: 'middle' });
  });
}

/**
 * How many samples of the curves lie in a box.
 * @param {import("./painter.js").Box} box
 * @param {import("./panel.js").Frame} frame
 * @param {Drawn[]} drawn
 */
function taken(box, { across, up, orders }, drawn) {
  let count = 0;
  for (const { curve } of drawn) {
    for (const order of orders) {
      const { x, y } = curve.lines[order];
      for (let i = 0; i < x.length; i += 1) {
        const left = x[i] * across.scale + across.offset;
        const top = y[i] * up.scale + up.offset;
        if (left >= box.x && left <= box.x + box.width && top >= box.y && top <= box.y + box.height) count += 1;
      }
    }
  }
  return count;
}

/**
 * @typedef {{
 *   width: number, height: number, dpi: number, title: string, command: string, makers: string, fontFace: string,
 *   draw: (painter: Painter) => void
 * }} Sheet Something to be drawn, width and height in hundredths of an inch.
 */

/**
 * The figure as a sheet.
 * @param {Picture} picture
 * @returns {Sheet}
 */
export function sheetOf(picture) {
  const { looks, command, makers, fontFace, drawn } = picture;
  const title = drawn.map((each) => each.label).join(', ');
  const about = { dpi: looks.encoding.dpi, title, command, makers, fontFace };
  return { ...sizeOf(picture), ...about, draw: (painter) => draw(painter, picture) };
}

/**
 * Elements of a sheet, as the text of an SVG.
 * @param {Sheet} sheet
 */
function elementsOf({ draw: paint }) {
  const context = /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d'));
  const painter = new SvgPainter(new CanvasPainter(context, 1));
  paint(painter);
  return painter.elements.join('\n');
}

/** @param {Sheet} sheet */
function openingOf({ width, height }) {
  const size = `width="${(width * 72) / INCH}pt" height="${(height * 72) / INCH}pt" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" font-family="${escaped(FAMILY)}">`;
}

/**
 * The sheet as an element of the page, in the page's fonts.
 * @param {Sheet} sheet
 * @returns {Element}
 */
export function drawingOf(sheet) {
  const text = `${openingOf(sheet)}<title>${escaped(sheet.title)}</title>${elementsOf(sheet)}</svg>`;
  return document.importNode(new DOMParser().parseFromString(text, 'image/svg+xml').documentElement, true);
}

/**
 * @param {Sheet} sheet
 * @returns {Blob}
 */
export function svgOf(sheet) {
  const { title, command, makers } = sheet;
  const elements = elementsOf(sheet);
  const hasChinese = /[\u2e80-\u9fff\uff00-\uffef]/.test(elements);
  const names = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"';
  const file = [
    '<?xml version="1.0" encoding="utf-8"?>',
    openingOf(sheet),
    `<title>${escaped(title)}</title>`,
    `<metadata><rdf:RDF ${names}><rdf:Description>`,
    `<dc:creator>${escaped(makers)}</dc:creator><dc:description>${escaped(command)}</dc:description>`,
    '</rdf:Description></rdf:RDF></metadata>',
    hasChinese ? `<style>${sheet.fontFace}</style>` : '',
    elements,
    '</svg>',
  ];
  return new Blob([file.filter(Boolean).join('\n'), '\n'], { type: 'image/svg+xml' });
}

/**
 * @param {Sheet} sheet
 * @returns {Promise<Blob>}
 */
export async function pngOf({ width, height, dpi, command, makers, draw: paint }) {
  const scale = dpi / INCH;
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
  paint(new CanvasPainter(context, scale));
  /** @type {Promise<Blob | null>} */
  const made = new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  const blob = /** @type {Blob} */ (await made);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const pixels = Math.round(dpi / 0.0254);
  const density = Uint8Array.of(...number32(pixels), ...number32(pixels), 1);
  // Behind the signature and the header, which always has 13 bytes.
  const notes = [chunk('pHYs', density), textChunk('Software', makers), textChunk('Command', command)];
  return new Blob([bytes.slice(0, 33), ...notes, bytes.slice(33)], { type: 'image/png' });
}

/** The rule of the page's font, for files that are looked at elsewhere. */
export function fontFace() {
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
  return rules.find((rule) => rule instanceof CSSFontFaceRule)?.cssText ?? '';
}

/** @param {number} value */
function number32(value) {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

/**
 * Chunk of international text, which holds any character.
 * @param {string} keyword
 * @param {string} words
 */
function textChunk(keyword, words) {
  return chunk('iTXt', new TextEncoder().encode(`${keyword}\0\0\0\0\0${words}`));
}

/**
 * @param {string} kind
 * @param {Uint8Array} content
 */
function chunk(kind, content) {
  const body = Uint8Array.of(...new TextEncoder().encode(kind), ...content);
  return Uint8Array.of(...number32(content.length), ...body, ...number32(checksum(body)));
}

/**
 * CRC-32 of a chunk, as PNG has it.
 * @param {Uint8Array} bytes
 */
function checksum(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}
