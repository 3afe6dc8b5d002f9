/** Numbers as text, ticks of an axis, and numbers with few digits. */

/**
 * Shortest decimal that reads back as the value, spelt as Python spells it: "1", "0.03", "1e-05".
 * @param {number} value
 * @returns {string}
 */
export function number(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const [mantissa, power] = value.toExponential().split('e');
  const exponent = Number(power);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (exponent < -4 || exponent >= 16) return `${mantissa}e${signed(exponent)}`;
  const sign = value < 0 ? '-' : '';
  const figures = mantissa.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${figures}`;
  const whole = figures.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const rest = figures.slice(exponent + 1);
  return sign + whole + (rest ? `.${rest}` : '');
}

/** @param {number} exponent */
function signed(exponent) {
  return (exponent < 0 ? '-' : '+') + String(Math.abs(exponent)).padStart(2, '0');
}

/**
 * Number with so many significant digits, as a reader sees it; a dash where there is none.
 * @param {number} value
 * @param {number} [count]
 * @returns {string}
 */
export function digits(value, count = 6) {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  return number(Number(value.toPrecision(count)) + 0).replace(/-/g, '−');
}

/**
 * 1, 2 or 5 times a power of ten, not above the step.
 * @param {number} step Greater than 0.
 * @returns {number}
 */
export function nice(step) {
  const exponent = Math.floor(Math.log10(step) + 1e-12);
  const power = Number(`1e${exponent}`);
  const factor = [5, 2, 1].find((each) => each * power <= step * (1 + 1e-9)) ?? 1;
  return Number(`${factor}e${exponent}`);
}

/**
 * Number with few digits nearest to the value, on a grid a little finer than the resolution.
 * @param {number} value
 * @param {number} resolution Greater than 0.
 * @returns {number}
 */
export function rounded(value, resolution) {
  if (!(resolution > 1e-300) || !Number.isFinite(value)) return value;
  const step = nice(resolution);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const near = Math.round(value / step) * step;
  return (decimals > 100 ? near : Number(near.toFixed(decimals))) + 0;
}

/**
 * Multiples of a nice step between two ends.
 * @param {number} low
 * @param {number} high
 * @param {number} most How many steps at most.
 * @returns {{step: number, values: number[]}}
 */
export function ticks(low, high, most) {
  const least = (high - low) / Math.max(1, most);
  if (!(least > 0) || !Number.isFinite(least)) return { step: 1, values: [] };
  const below = nice(least);
  const step =
    [1, 2, 2.5, 5, 10].map((factor) => nice(factor * below)).find((each) => each >= least * (1 - 1e-9)) ?? below;
  const values = [];
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  for (let place = first; place <= last && values.length < 200; place += 1) values.push(rounded(place * step, step));
  return { step, values };
}

/**
 * Labels of ticks, and what all of them have in common: a power of ten, or a number that they count from.
 * @param {{step: number, values: number[]}} at
 * @returns {{labels: string[], common: string}}
 */
export function tickLabels({ step, values }) {
  const largest = Math.max(0, ...values.map(Math.abs));
  const fine = Math.floor(Math.log10(step) + 1e-9);
  if (largest > 0 && Math.log10(largest) - fine > 5.5) {
    const base = values[Math.floor(values.length / 2)];
    const near = values.map(
      (value) => `${value >= base ? '+' : '−'}${Math.abs(Math.round((value - base) / Number(`1e${fine}`)))}`,
    );
    return { labels: near, common: `×10${superscript(fine)} ${base < 0 ? '−' : '+'} ${digits(Math.abs(base), 15)}` };
  }
  const size = largest > 0 ? Math.floor(Math.log10(largest) + 1e-9) : 0;
  const exponent = size >= 4 || size < -3 ? size : 0;
  const decimals = Math.min(20, Math.max(0, exponent - fine));
  const labels = values.map((value) =>
    (value / 10 ** exponent)
      .toFixed(decimals)
      .replace('-', '−')
      .replace(/^−(0(?:\.0*)?)$/, '$1'),
  );
  return { labels, common: exponent ? `×10${superscript(exponent)}` : '' };
}

/** @param {number} exponent */
function superscript(exponent) {
  return [...String(exponent)].map((each) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(each)]).join('');
}
