/**
 * Functions that JavaScript's Math lacks, each accurate to a few ULP. Where a function of the catalog would lose digits
 * in a tail or near a zero if it were put together from exp and log, it is here as one function.
 */

const SQRT_PI = Math.sqrt(Math.PI);
const SQRT_HALF = Math.SQRT1_2;
const SQRT_TWO_PI = Math.sqrt(2 * Math.PI);

/** The sum of a Chebyshev series at t in [-1, 1], by Clenshaw's recurrence. */
function chebyshev(coefficients, t) {
  let first = 0;
  let second = 0;
  for (let k = coefficients.length - 1; k > 0; k -= 1) {
    const next = 2 * t * first - second + coefficients[k];
    second = first;
    first = next;
  }
  return t * first - second + coefficients[0];
}

// erf(x)/x over x**2 in [0, 1].
const ERF = [
  0.9754769393826541, -0.14226120510371365, 0.010035582187599796, -0.0005768764699767485, 2.741993125219606e-5,
  -1.1043175507344507e-6, 3.8488755420345036e-8, -1.1808582533875466e-9, 3.2334215826050907e-11, -7.991015947004549e-13,
  1.7990725113961456e-14, -3.718635487818693e-16, 7.103599003714253e-18,
];
// (1 + 2z) exp(z**2) erfc(z) over (z - 3.5)/(z + 3.5) in [-1, 1].
const ERFCX = [
  1.177632731636124, -0.001630177283414629, -0.08733682573463146, 0.05800974837029327, -0.024340115396182225,
  0.007529483715635749, -0.0017438817577112521, 0.00028269829816555584, -2.31849116112635e-5, -2.111766698133041e-6,
  8.765760156892822e-7, -6.105702635086118e-8, -1.7116664716341917e-8, 3.391360268611259e-9, 2.54661619366046e-10,
  -1.2482784079516295e-10, -2.2122757753433792e-12, 4.4272603638230294e-12, -3.367266128031013e-14,
  -1.6519256000923578e-13, 1.9024103044538835e-15, 6.601187937172832e-15, 2.880282449409004e-17,
  -2.7791709635743296e-16, -1.0764465740332641e-17,
];

/** exp(z**2) erfc(z) for z >= 0. */
function scaledErfc(z) {
  return chebyshev(ERFCX, 1 - 7 / (z + 3.5)) / (1 + 2 * z);
}

/** exp(-factor * x**2) with the rounding error of the square made good: it would grow with the square. */
function bell(x, factor) {
  const high = Math.fround(x);
  if (!(Math.abs(high) < 1e4)) return Number.isNaN(x) ? NaN : 0;
  return Math.exp(-factor * high * high) * Math.exp(-factor * (x - high) * (x + high));
}

export function erf(x) {
  const size = Math.abs(x);
  if (size <= 1) return x * chebyshev(ERF, 2 * x * x - 1);
  if (size > 6) return Math.sign(x);
  return Math.sign(x) * (1 - bell(size, 1) * scaledErfc(size));
}

export function erfc(x) {
  if (x <= 0.5) return 1 - erf(x);
  return x > 28 ? 0 : bell(x, 1) * scaledErfc(x);
}

/** The normal distribution function. */
export function Phi(x) {
  if (Math.abs(x) <= 1) return (1 + erf(x * SQRT_HALF)) / 2;
  if (x > 39 || x < -39) return x > 0 ? 1 : 0;
  const tail = (bell(x, 0.5) * scaledErfc(Math.abs(x) * SQRT_HALF)) / 2;
  return x < 0 ? tail : 1 - tail;
}

/** The normal density. */
export function phi(x) {
  return bell(x, 0.5) / SQRT_TWO_PI;
}

/** The slope of erf: 2/sqrt(pi) exp(-x**2). */
export function erfSlope(x) {
  return (2 / SQRT_PI) * bell(x, 1);
}

export function sigmoid(x) {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const power = Math.exp(x);
  return power / (1 + power);
}

/** sigmoid(x) sigmoid(-x), the slope of the sigmoid. */
export function sigmoidSlope(x) {
  const power = Math.exp(-Math.abs(x));
  return power / ((1 + power) * (1 + power));
}

/** log(1 + exp(x)). */
export function softplus(x) {
  return (x > 0 ? x : 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** log((1 + exp(x))/2), which is 0 at 0. */
export function centredSoftplus(x) {
  return Math.abs(x) < 1 ? Math.log1p(Math.expm1(x) / 2) : softplus(x) - Math.LN2;
}

/** 1 - tanh(x)**2. */
export function sech2(x) {
  const power = Math.exp(-2 * Math.abs(x));
  return (4 * power) / ((1 + power) * (1 + power));
}

/** x - tanh(x): near 0 from the series of x cosh(x) - sinh(x), whose terms are all positive. */
export function tanhshrink(x) {
  if (Math.abs(x) > 1) return x - Math.tanh(x);
  const square = x * x;
  let term = (x * square) / 6; // x**(2k + 1)/(2k + 1)! with k = 1
  let sum = 0;
  for (let k = 1; k < 11; k += 1) {
    sum += 2 * k * term;
    term *= square / ((2 * k + 2) * (2 * k + 3));
  }
  return sum / Math.cosh(x);
}

/** exp(x) - 1 - x: near 0 by its series. */
export function expm1MinusX(x) {
  if (Math.abs(x) > 0.5) return Math.expm1(x) - x;
  let sum = 0;
  for (let k = 15; k > 2; k -= 1) sum = (x / k) * (1 + sum);
  return ((x * x) / 2) * (1 + sum);
}

/** sin(x)/x and two derivatives, into out: near 0 by series, where the closed forms lose their digits. */
export function sinc(x, out) {
  if (Math.abs(x) > 1) {
    out[0] = Math.sin(x) / x;
    out[1] = (Math.cos(x) - out[0]) / x;
    out[2] = -out[0] - (2 * out[1]) / x;
    return;
  }
  const square = x * x;
  out[0] = out[1] = out[2] = 0;
  for (let k = 10; k >= 0; k -= 1) {
    const sign = k % 2 ? -1 : 1;
    const term = sign / FACTORIALS[2 * k + 1];
    out[0] = out[0] * square + term;
    if (k > 0) out[1] = out[1] * square + 2 * k * term;
    if (k > 0) out[2] = out[2] * square + 2 * k * (2 * k - 1) * term;
  }
  out[1] *= x;
}

const FACTORIALS = [1];
for (let k = 1; k < 24; k += 1) FACTORIALS.push(FACTORIALS[k - 1] * k);

/** The nearest whole number, the even one of two: as torch rounds, not as Math.round does. */
export function rint(x) {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest !== 0.5) return Math.abs(x) < 2 ** 52 ? Math.round(x) : x;
  return down % 2 === 0 ? down : down + 1;
}

// zeta(k) - 1 for k = 2, 3, ...: the coefficients of log gamma around 2.
const ZETA = [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
  0.008349277381922827, 0.00407735619794434, 0.0020083928260822145, 0.0009945751278180854, 0.0004941886041194646,
  0.00024608655330804832, 0.00012271334757848915, 6.124813505870483e-5, 3.0588236307020493e-5, 1.5282259408651872e-5,
  7.63719763789976e-6, 3.81729326499984e-6, 1.9082127165539389e-6, 9.539620338727961e-7, 4.769329867878065e-7,
  2.3845050272773299e-7, 1.1921992596531107e-7, 5.960818905125948e-8, 2.980350351465228e-8, 1.4901554828365042e-8,
  7.450711789835429e-9, 3.7253340247884574e-9, 1.862659723513049e-9,
];
const ONE_MINUS_EULER = 0.42278433509846713;

/** log(gamma(2 + z)) (order 0) or a derivative of it, for |z| <= 1/2. */
function gammaSeries(z, order) {
  let sum = 0;
  for (let index = ZETA.length - 1; index >= 0; index -= 1) {
    const k = index + 2;
    const factor = order === 0 ? 1 / k : order === 1 ? 1 : k - 1;
    sum = ZETA[index] * factor - z * sum;
  }
  return order === 0 ? z * (ONE_MINUS_EULER + z * sum) : order === 1 ? ONE_MINUS_EULER + z * sum : sum;
}

// B(2k)/(2k) of Stirling's series.
const STIRLING = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160];

/** log |gamma(x)|. */
export function lgamma(x) {
  if (x <= 0 && Math.floor(x) === x) return Infinity;
  if (x < -0.5) return Math.log(Math.PI / Math.abs(sinPi(x) * x)) - lgamma(-x);
  if (x < 0.5) return lgamma(x + 1) - Math.log(Math.abs(x));
  if (x < 1.5) return gammaSeries(x - 1, 0) - Math.log1p(x - 1);
  if (x <= 2.5) return gammaSeries(x - 2, 0);
  if (x < 12) {
    let product = 1;
    let y = x;
    while (y > 2.5) {
      y -= 1;
      product *= y;
    }
    return Math.log(product) + gammaSeries(y - 2, 0);
  }
  let tail = 0;
  for (let k = STIRLING.length; k > 0; k -= 1) tail = tail / (x * x) + STIRLING[k - 1] / (2 * k - 1);
  return (x - 0.5) * (Math.log(x) - 1) - 0.5 + Math.log(SQRT_TWO_PI) + tail / x;
}

/** The derivative of lgamma. */
export function digamma(x) {
  if (x <= 0 && Math.floor(x) === x) return x === 0 ? -Infinity : NaN;
  if (x < -0.5) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x - Math.round(x)));
  let sum = 0;
  let y = x;
  if (y > 10) {
    let tail = 0;
    for (let k = STIRLING.length; k > 0; k -= 1) tail = (tail + STIRLING[k - 1]) / (y * y);
    return Math.log(y) - 1 / (2 * y) - tail;
  }
  for (; y < 1.5; y += 1) sum -= 1 / y;
  for (; y > 2.5;) {
    y -= 1;
    sum += 1 / y;
  }
  return sum + gammaSeries(y - 2, 1);
}

/** The derivative of digamma. */
export function trigamma(x) {
  if (x <= 0 && Math.floor(x) === x) return Infinity;
  if (x < -0.5) return (Math.PI / sinPi(x)) ** 2 - trigamma(1 - x);
  let sum = 0;
  let y = x;
  for (; y < 1.5 || (y > 2.5 && y < 10); y += 1) sum += 1 / (y * y);
  if (y <= 2.5) return sum + gammaSeries(y - 2, 2);
  let tail = 0;
  for (let k = STIRLING.length; k > 0; k -= 1) tail = (tail + 2 * k * STIRLING[k - 1]) / (y * y);
  return sum + 1 / y + 1 / (2 * y * y) + tail / y;
}

function sinPi(x) {
  const rest = x - Math.round(x);
  return Math.sin(Math.PI * rest) * (Math.round(x) % 2 ? -1 : 1);
}
