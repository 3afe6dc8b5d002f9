/** The panels of softmax on the screen: bars, a heat map for each sample, and the reading of what is pointed at. */

import { element } from './dom.js';
import { digits } from './numbers.js';
import { CanvasPainter } from './painter.js';
import { barsOf, drawBars, drawHeat, jacobianOf, valuesOf } from './probabilities.js';

/** @type {Object<string, [number, number]>} */
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export class ScorePanels {
  /** @param {import("./softmax.js").SoftmaxPage} page */
  constructor(page) {
    this.page = page;
    this.element = element('section', { class: 'panels' });
    this.reading = element('div', { class: 'reading', role: 'status' });
    /** @type {{panel: number, row: number, column: number} | null} Bar or cell in hand. */
    this.cell = null;
    /** @type {any[]} */
    this.panels = [];
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  /** Titles of the panels. */
  get headings() {
    const { content, state } = this.page;
    const heat = state.scores.map((_, sample) => content.words.heat[state.lang] + this.which(sample));
    return [content.words.bars[state.lang], ...heat];
  }

  /**
   * Which sample is meant, where there are several.
   * @param {number} sample
   */
  which(sample) {
    const { state, words } = this.page;
    return state.scores.length > 1 ? ` (${words('sample', { number: String(sample + 1) })})` : '';
  }

  /** Makes the panels anew, in the language and the colours of the page. */
  build() {
    const { content, theme } = this.page;
    this.panels = this.headings.map((heading, place) => {
      const canvas = element('canvas', { 'aria-hidden': 'true' });
      const plot = element('div', { class: 'plot', tabindex: 0, role: 'img', 'aria-label': heading }, canvas);
      plot.addEventListener('pointermove', (/** @type {PointerEvent} */ event) => this.point(place, event));
      plot.addEventListener('pointerdown', (/** @type {PointerEvent} */ event) => this.point(place, event));
      plot.addEventListener('pointerleave', () => this.hold(null));
      plot.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => this.key(place, event));
      return { canvas, plot, heading, cells: null };
    });
    const figures = this.panels.map(({ plot, heading }, place) => {
      const title = element('h2', {}, heading);
      if (place) title.style.color = content.encoding.colours.dy[theme.ground];
      return element('figure', {}, element('figcaption', {}, title), plot);
    });
    this.element.className = `panels panels-${Math.min(3, figures.length)}`;
    this.element.replaceChildren(...figures);
  }

  /**
   * Draws one panel anywhere.
   * @param {import("./painter.js").Painter} painter
   * @param {number} place
   * @param {import("./painter.js").Box} box
   * @param {any} theme
   */
  paint(painter, place, box, theme) {
    const { content, state, classes, label } = this.page;
    const { isLogarithmic, encoding } = content;
    const labels = classes.map(label);
    if (place === 0) return drawBars(painter, box, barsOf(state, classes, isLogarithmic), labels, theme, encoding);
    const matrix = jacobianOf(state.scores[place - 1], state.temperature, isLogarithmic, classes);
    return drawHeat(painter, box, matrix, labels, theme, this.cell?.panel === place ? this.cell : null);
  }

  /** Draws all panels, and reads what is in hand. */
  draw() {
    const scale = Math.min(3, devicePixelRatio || 1);
    this.panels.forEach((panel, place) => {
      const [width, height] = [panel.plot.clientWidth, panel.plot.clientHeight];
      panel.canvas.width = Math.round(width * scale);
      panel.canvas.height = Math.round(height * scale);
      const painter = new CanvasPainter(panel.canvas.getContext('2d'), scale);
      panel.cells = this.paint(painter, place, { x: 0, y: 0, width, height }, this.page.theme);
    });
    const texts = this.read().map((text) => element('span', { class: 'value' }, `${text} `));
    this.reading.replaceChildren(element('p', { class: 'row' }, ...texts));
  }

  /** What the bar or the cell in hand is; without one, all values. */
  read() {
    const { state, content, classes, label, words } = this.page;
    const { scores, temperature } = state;
    const { isLogarithmic } = content;
    const p = isLogarithmic ? 'log p' : 'p';
    const { cell } = this;
    if (cell && cell.panel > 0) {
      const matrix = jacobianOf(scores[cell.panel - 1], temperature, isLogarithmic, classes);
      const [row, column] = [label(classes[cell.row]), label(classes[cell.column])];
      return [`∂${p}(${row})/∂z(${column}) = ${digits(matrix[cell.row][cell.column])}${this.which(cell.panel - 1)}`];
    }
    const values = scores.map((row) => valuesOf(row, temperature, isLogarithmic));
    if (cell) {
      const place = classes[cell.column];
      return values.map((row, sample) => `${p}(${label(place)}) = ${digits(row[place])}${this.which(sample)}`);
    }
    if (scores.length > 1 || classes.length > 8) return [words('cellHint')];
    return classes.map((place) => `${p}(${label(place)}) = ${digits(values[0][place], 5)}`);
  }

  /** @param {{panel: number, row: number, column: number} | null} cell */
  hold(cell) {
    this.cell = cell;
    this.draw();
  }

  /**
   * @param {number} panel
   * @param {PointerEvent} event
   */
  point(panel, event) {
    const { plot, cells } = this.panels[panel];
    const box = plot.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left - cells.x) / cells.width) * cells.columns);
    const row = Math.floor(((event.clientY - box.top - cells.y) / cells.height) * cells.rows);
    const isInside = column >= 0 && column < cells.columns && row >= 0 && row < cells.rows;
    this.hold(isInside ? { panel, row, column } : null);
  }

  /**
   * @param {number} panel
   * @param {KeyboardEvent} event
   */
  key(panel, event) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const { rows, columns } = this.panels[panel].cells;
    const before = this.cell?.panel === panel ? this.cell : { row: 0, column: step[1] < 0 ? columns : -step[1] };
    const held = (/** @type {number} */ value, /** @type {number} */ most) => Math.min(most - 1, Math.max(0, value));
    this.hold({ panel, row: held(before.row + step[0], rows), column: held(before.column + step[1], columns) });
  }
}
