/**
 * Functions of one variable with two derivatives. A jet writes f(u), f'(u), f''(u) into out[0..2], as far as the order
 * asks; some take constants after out. At a point without a derivative they follow torch: abs'(0) = 0, floor' = 0.
 */

import * as m from './mathematics.js';

/** @typedef {(u: number, order: number, out: Float64Array, c?: number) => void} Jet */

/** A jet from a function of u that returns the three numbers; for functions where speed does not matter. */
const simple = (values) => (u, order, out) => {
  [out[0], out[1], out[2]] = values(u);
};
/** Piecewise constant. */
const step = (value) => (u, order, out) => {
  out[0] = value(u);
  out[1] = out[2] = 0;
};

/** @type {Object<string, Jet>} */
export const JETS = {
  __proto__: null,
  abs: (u, order, out) => {
    out[0] = Math.abs(u);
    out[1] = sign(u);
    out[2] = 0;
  },
  sign: step(sign),
  floor: step(Math.floor),
  ceil: step(Math.ceil),
  round: step(m.rint),
  trunc: step(Math.trunc),
  square: simple((u) => [u * u, 2 * u, 2]),
  sqrt: (u, order, out) => {
    const root = (out[0] = Math.sqrt(u));
    if (order > 0) out[1] = 0.5 / root;
    if (order > 1) out[2] = -0.25 / (root * u);
  },
  cbrt: (u, order, out) => {
    const root = (out[0] = Math.cbrt(u));
    if (order > 0) out[1] = 1 / (3 * root * root);
    if (order > 1) out[2] = -2 / (9 * root * root * u);
  },
  exp: (u, order, out) => {
    out[0] = out[1] = out[2] = Math.exp(u);
  },
  expm1: (u, order, out) => {
    out[0] = Math.expm1(u);
    if (order > 0) out[1] = out[2] = Math.exp(u);
  },
  expm1_minus_x: (u, order, out) => {
    out[0] = m.expm1MinusX(u);
    if (order > 0) out[1] = Math.expm1(u);
    if (order > 1) out[2] = Math.exp(u);
  },
  log: logarithm(Math.log, 1),
  log2: logarithm(Math.log2, Math.LN2),
  log10: logarithm(Math.log10, Math.LN10),
  log1p: (u, order, out) => {
    out[0] = Math.log1p(u);
    out[1] = 1 / (1 + u);
    out[2] = -out[1] * out[1];
  },
  sin: (u, order, out) => {
    out[0] = Math.sin(u);
    if (order > 0) out[1] = Math.cos(u);
    out[2] = -out[0];
  },
  cos: (u, order, out) => {
    out[0] = Math.cos(u);
    if (order > 0) out[1] = -Math.sin(u);
    out[2] = -out[0];
  },
  tan: simple((u) => {
    const tangent = Math.tan(u);
    const slope = 1 + tangent * tangent;
    return [tangent, slope, 2 * tangent * slope];
  }),
  sinh: simple((u) => [Math.sinh(u), Math.cosh(u), Math.sinh(u)]),
  cosh: simple((u) => [Math.cosh(u), Math.sinh(u), Math.cosh(u)]),
  tanh: (u, order, out) => {
    const tangent = (out[0] = Math.tanh(u));
    if (order > 0) out[1] = m.sech2(u);
    if (order > 1) out[2] = -2 * tangent * out[1];
  },
  sech2: (u, order, out) => {
    const value = (out[0] = m.sech2(u));
    const tangent = order > 0 ? Math.tanh(u) : 0;
    out[1] = -2 * tangent * value;
    out[2] = value * (4 * tangent * tangent - 2 * value);
  },
  asin: simple((u) => inverse(Math.asin(u), 1 - u * u, u, 1)),
  acos: simple((u) => inverse(Math.acos(u), 1 - u * u, u, -1)),
  asinh: simple((u) => inverse(Math.asinh(u), 1 + u * u, -u, 1)),
  acosh: simple((u) => inverse(Math.acosh(u), u < 1 ? NaN : u * u - 1, -u, 1)),
  atanh: simple((u) => {
    const slope = 1 / (1 - u * u);
    return [Math.atanh(u), slope, 2 * u * slope * slope];
  }),
  atan: simple((u) => {
    const slope = 1 / (1 + u * u);
    return [Math.atan(u), slope, -2 * u * slope * slope];
  }),
  erf: (u, order, out) => {
    out[0] = m.erf(u);
    if (order > 0) out[1] = m.erfSlope(u);
    if (order > 1) out[2] = -2 * u * out[1];
  },
  erfc: (u, order, out) => {
    out[0] = m.erfc(u);
    if (order > 0) out[1] = -m.erfSlope(u);
    if (order > 1) out[2] = -2 * u * out[1];
  },
  Phi: (u, order, out) => {
    out[0] = m.Phi(u);
    if (order > 0) out[1] = m.phi(u);
    if (order > 1) out[2] = -u * out[1];
  },
  phi: simple((u) => {
    const value = m.phi(u);
    return [value, -u * value, (u * u - 1) * value];
  }),
  sigmoid: (u, order, out) => {
    out[0] = m.sigmoid(u);
    if (order > 0) out[1] = m.sigmoidSlope(u);
    if (order > 1) out[2] = -out[1] * Math.tanh(u / 2);
  },
  softplus: (u, order, out) => {
    out[0] = m.softplus(u);
    if (order > 0) out[1] = m.sigmoid(u);
    if (order > 1) out[2] = m.sigmoidSlope(u);
  },
  centred_softplus: (u, order, out) => {
    out[0] = m.centredSoftplus(u);
    if (order > 0) out[1] = m.sigmoid(u);
    if (order > 1) out[2] = m.sigmoidSlope(u);
  },
  tanhshrink: (u, order, out) => {
    out[0] = m.tanhshrink(u);
    const tangent = order > 0 ? Math.tanh(u) : 0;
    out[1] = tangent * tangent;
    if (order > 1) out[2] = 2 * tangent * m.sech2(u);
  },
  sinc: (u, order, out) => m.sinc(u, out),
  lgamma: (u, order, out) => {
    out[0] = m.lgamma(u);
    if (order > 0) out[1] = m.digamma(u);
    if (order > 1) out[2] = m.trigamma(u);
  },
  /** sqrt(u**2 + c). */
  root: (u, order, out, c) => {
    const root = (out[0] = Math.sqrt(u * u + c));
    if (order > 0) out[1] = u / root;
    if (order > 1) out[2] = c / root / root / root;
  },
  /** sqrt(u**2 + 1) - 1: a quotient, since the difference would cancel near 0. */
  root_minus_one: (u, order, out) => {
    const root = Math.sqrt(u * u + 1);
    out[0] = root < 1e150 ? (u * u) / (root + 1) : root;
    if (order > 0) out[1] = u / root;
    if (order > 1) out[2] = 1 / root / root / root;
  },
  /** u + sqrt(u**2 + c): a quotient for u < 0, where the sum would cancel. */
  hyperbola: (u, order, out, c) => {
    const root = Math.sqrt(u * u + c);
    const value = (out[0] = u < 0 ? c / (root - u) : u + root);
    if (order > 0) out[1] = value / root;
    if (order > 1) out[2] = c / root / root / root;
  },
  /** u/sqrt(1 + c u**2). */
  isru: (u, order, out, c) => {
    const root = Math.sqrt(1 + c * u * u);
    out[0] = u / root;
    if (order > 0) out[1] = 1 / root / root / root;
    if (order > 1) out[2] = (-3 * c * u * out[1]) / root / root;
  },
  /** softplus(u) - softplus(u - c). */
  soft_ramp: (u, order, out, c) => {
    const rise = -Math.expm1(-c);
    if (u < c && u < 700) out[0] = Math.log1p((rise * Math.exp(u)) / (1 + Math.exp(u - c)));
    else if (u < c) out[0] = u - Math.log1p(Math.exp(u - c));
    else out[0] = c - Math.log1p((rise * Math.exp(c - u)) / (1 + Math.exp(-u)));
    if (order > 0) out[1] = m.sigmoid(u) * m.sigmoid(c - u) * rise;
    if (order > 1) out[2] = (-out[1] * (Math.tanh(u / 2) + Math.tanh((u - c) / 2))) / 2;
  },
};

/** As torch has it, with 0 for NaN. */
function sign(u) {
  return u > 0 ? 1 : u < 0 ? -1 : 0;
}

/** A logarithm to a base, given the natural logarithm of the base. */
function logarithm(value, base) {
  return (u, order, out) => {
    out[0] = value(u);
    if (order > 0) out[1] = 1 / (u * base);
    if (order > 1) out[2] = -out[1] / u;
  };
}

/** Inverse functions whose slope is direction/sqrt(square), and square' = -2 part. */
function inverse(value, square, part, direction) {
  const slope = direction / Math.sqrt(square);
  return [value, slope, (slope * part) / square];
}
