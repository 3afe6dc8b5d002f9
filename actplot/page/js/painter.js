/** What a panel is drawn with: the same few strokes on a canvas and as the elements of an SVG file. */

/**
 * @typedef {{scale: number, offset: number}} Scale Pixels of a value: `value * scale + offset`.
 * @typedef {{x: number, y: number, width: number, height: number}} Box
 * @typedef {{colour: string, width: number, dash?: number[]}} Stroke Lengths of dashes are in widths.
 * @typedef {{size: number, colour: string, align?: "left" | "center" | "right", baseline?: "top" | "middle" | "alphabetic",
 *   turned?: boolean, italic?: boolean}} Lettering
 * @typedef {{
 *   clip(box: Box, draw: () => void): void,
 *   line(x: ArrayLike<number>, y: ArrayLike<number>, across: Scale, up: Scale, stroke: Stroke): void,
 *   dot(x: number, y: number, radius: number, fill: string, stroke?: Stroke): void,
 *   box(box: Box, fill: string, stroke?: Stroke): void,
 *   text(words: string, x: number, y: number, lettering: Lettering): void,
 *   widthOf(words: string, size: number): number
 * }} Painter
 */

// The first holds Chinese characters alone, so that they are the same on every system.
export const FAMILY = 'actplot, system-ui, "Noto Sans", "DejaVu Sans", sans-serif';
// Pixels beyond which renderers lose their precision.
const FARTHEST = 1e5;

/** @param {number} pixel */
function held(pixel) {
  return pixel > FARTHEST ? FARTHEST : pixel < -FARTHEST ? -FARTHEST : pixel;
}

/** Draws on a canvas, in CSS pixels. */
export class CanvasPainter {
  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} scale Pixels of the canvas for one of CSS.
   */
  constructor(context, scale) {
    this.context = context;
    this.scale = scale;
    context.setTransform(scale, 0, 0, scale, 0, 0);
  }

  /** @param {Box} box */
  clear(box) {
    this.context.clearRect(box.x, box.y, box.width, box.height);
  }

  /**
   * @param {Box} box
   * @param {() => void} draw
   */
  clip(box, draw) {
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(box.x, box.y, box.width, box.height);
    context.clip();
    draw();
    context.restore();
  }

  /** @param {Stroke} stroke */
  use(stroke) {
    const { context } = this;
    context.strokeStyle = stroke.colour;
    context.lineWidth = stroke.width;
    context.setLineDash((stroke.dash ?? []).map((length) => length * stroke.width));
  }

  /**
   * @param {ArrayLike<number>} x
   * @param {ArrayLike<number>} y
   * @param {Scale} across
   * @param {Scale} up
   * @param {Stroke} stroke
   */
  line(x, y, across, up, stroke) {
    const { context } = this;
    this.use(stroke);
    context.lineJoin = 'round';
    context.beginPath();
    let isDown = false;
    for (let i = 0; i < x.length; i += 1) {
      if (Number.isNaN(y[i])) {
        isDown = false;
        continue;
      }
      const left = x[i] * across.scale + across.offset;
      const top = held(y[i] * up.scale + up.offset);
      if (isDown) context.lineTo(left, top);
      else context.moveTo(left, top);
      isDown = true;
    }
    context.stroke();
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} radius
   * @param {string} fill
   * @param {Stroke} [stroke]
   */
  dot(x, y, radius, fill, stroke) {
    const { context } = this;
    context.beginPath();
    context.arc(x, held(y), radius, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.fill();
    if (stroke) {
      this.use(stroke);
      context.stroke();
    }
  }

  /**
   * @param {Box} box
   * @param {string} fill Empty for none.
   * @param {Stroke} [stroke]
   */
  box(box, fill, stroke) {
    const { context } = this;
    if (fill) {
      context.fillStyle = fill;
      context.fillRect(box.x, box.y, box.width, box.height);
    }
    if (stroke) {
      this.use(stroke);
      context.strokeRect(box.x, box.y, box.width, box.height);
    }
  }

  /**
   * @param {string} words
   * @param {number} x
   * @param {number} y
   * @param {Lettering} lettering
   */
  text(words, x, y, lettering) {
    const { context } = this;
    context.font = `${lettering.italic ? 'italic ' : ''}${lettering.size}px ${FAMILY}`;
    context.fillStyle = lettering.colour;
    context.textAlign = lettering.align ?? 'left';
    context.textBaseline = lettering.baseline ?? 'alphabetic';
    if (!lettering.turned) {
      context.fillText(words, x, y);
      return;
    }
    context.save();
    context.translate(x, y);
    context.rotate(-Math.PI / 2);
    context.fillText(words, 0, 0);
    context.restore();
  }

  /**
   * @param {string} words
   * @param {number} size
   */
  widthOf(words, size) {
    this.context.font = `${size}px ${FAMILY}`;
    return this.context.measureText(words).width;
  }
}

/** Writes the elements of an SVG file. */
export class SvgPainter {
  /** @param {CanvasPainter} measure What text is measured with. */
  constructor(measure) {
    this.measure = measure;
    /** @type {string[]} */
    this.elements = [];
    this.clips = 0;
  }

  /**
   * @param {Box} box
   * @param {() => void} draw
   */
  clip(box, draw) {
    this.clips += 1;
    const name = `panel${this.clips}`;
    this.elements.push(`<clipPath id="${name}"><rect ${placed(box)}/></clipPath>`, `<g clip-path="url(#${name})">`);
    draw();
    this.elements.push('</g>');
  }

  /**
   * @param {ArrayLike<number>} x
   * @param {ArrayLike<number>} y
   * @param {Scale} across
   * @param {Scale} up
   * @param {Stroke} stroke
   */
  line(x, y, across, up, stroke) {
    const path = [];
    let isDown = false;
    for (let i = 0; i < x.length; i += 1) {
      if (!Number.isNaN(y[i])) {
        path.push(
          `${isDown ? 'L' : 'M'}${short(x[i] * across.scale + across.offset)} ${short(held(y[i] * up.scale + up.offset))}`,
        );
      }
      isDown = !Number.isNaN(y[i]);
    }
    this.elements.push(`<path d="${path.join('')}" fill="none" stroke-linejoin="round" ${stroked(stroke)}/>`);
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} radius
   * @param {string} fill
   * @param {Stroke} [stroke]
   */
  dot(x, y, radius, fill, stroke) {
    this.elements.push(
      `<circle cx="${short(x)}" cy="${short(held(y))}" r="${radius}" fill="${escaped(fill)}"${stroke ? ` ${stroked(stroke)}` : ''}/>`,
    );
  }

  /**
   * @param {Box} box
   * @param {string} fill
   * @param {Stroke} [stroke]
   */
  box(box, fill, stroke) {
    this.elements.push(
      `<rect ${placed(box)} fill="${escaped(fill || 'none')}"${stroke ? ` ${stroked(stroke)}` : ''}/>`,
    );
  }

  /**
   * @param {string} words
   * @param {number} x
   * @param {number} y
   * @param {Lettering} lettering
   */
  text(words, x, y, lettering) {
    const anchor = { left: 'start', center: 'middle', right: 'end' }[lettering.align ?? 'left'];
    const drop = { top: 0.8, middle: 0.35, alphabetic: 0 }[lettering.baseline ?? 'alphabetic'] * lettering.size;
    const turn = lettering.turned ? ` transform="rotate(-90 ${short(x)} ${short(y)})"` : '';
    const style = lettering.italic ? ' font-style="italic"' : '';
    this.elements.push(
      `<text x="${short(x)}" y="${short(y + drop)}" font-size="${lettering.size}" fill="${escaped(lettering.colour)}" text-anchor="${anchor}"${style}${turn}>${escaped(words)}</text>`,
    );
  }

  /**
   * @param {string} words
   * @param {number} size
   */
  widthOf(words, size) {
    return this.measure.widthOf(words, size);
  }
}

/** @param {number} pixel */
function short(pixel) {
  return String(Number(pixel.toFixed(2)));
}

/** @param {Box} box */
function placed(box) {
  return `x="${short(box.x)}" y="${short(box.y)}" width="${short(box.width)}" height="${short(box.height)}"`;
}

/** @param {Stroke} stroke */
function stroked(stroke) {
  const dashes = stroke.dash?.length
    ? ` stroke-dasharray="${stroke.dash.map((each) => short(each * stroke.width)).join(' ')}"`
    : '';
  return `stroke="${escaped(stroke.colour)}" stroke-width="${stroke.width}"${dashes}`;
}

/**
 * Words as the content of an element or an attribute.
 * @param {string} words
 */
export function escaped(words) {
  const names = /** @type {Object<string, string>} */ ({
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#x27;',
  });
  return words.replace(/[&<>"']/g, (each) => names[each]);
}
