/**
 * Expressions as they are typed, read as trees: the language of `actplot plot`. Numbers, x, parameters, + - * / **,
 * comparisons (chained, too), where(condition, a, b), and functions by name.
 */

import { fill } from './encoding.js';
import { mentionsX } from './rewrite.js';
import { WORDS } from './words.js';

const MAX_LENGTH = 1000;
const MAX_DEPTH = 50;
const MAX_EXPONENT = 1000;
const LARGEST = 1e300;

const CONSTANTS = ['pi', 'e'];
// Words of Python, in which `actplot plot` reads the same text.
const RESERVED = (
  'False None True and as assert async await break class continue def del elif else except finally for from global if ' +
  'import in is lambda nonlocal not or pass raise return try while with yield'
).split(' ');
const SYNONYMS = {
  __proto__: null,
  ln: 'log',
  arcsin: 'asin',
  arccos: 'acos',
  arctan: 'atan',
  arcsinh: 'asinh',
  arccosh: 'acosh',
  arctanh: 'atanh',
};
const ELEMENTARY = (
  'abs sign floor ceil round trunc square sqrt exp expm1 log log1p log2 log10 sin cos tan sinh cosh tanh asinh acosh ' +
  'atanh asin acos atan erf erfc sigmoid lgamma Phi phi cbrt'
).split(' ');
const COMPARISONS = ['<=', '>=', '==', '!=', '<', '>'];
const TOKEN =
  /\s*(?:((?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|<=|>=|==|!=|[-+*/<>(),]))/y;

/**
 * @typedef {import('./encoding.js').Language} Language
 * @typedef {string | number | {en: string, zh: string}} Value Of a place in words.
 */

/**
 * Words with values in their places, in both languages.
 * @param {string} key
 * @param {Object<string, Value>} values
 */
function filled(key, values = {}) {
  const inLanguage = (/** @type {Language} */ lang) => {
    const each = Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'object' ? value[lang] : String(value),
    ]);
    return fill(WORDS[key][lang], Object.fromEntries(each));
  };
  return { en: inLanguage('en'), zh: inLanguage('zh') };
}

/** What is wrong with an expression, with the column, from 1, told in both languages. */
export class ExpressionError extends Error {
  /** @param {string} key Of the words. @param {number} column @param {Object<string, Value>} values @param {string} hint Key. */
  constructor(key, column, values = {}, hint = '') {
    const why = filled(key, values);
    const advice = hint ? filled(hint, values) : null;
    const text = {
      en: `column ${column}: ${why.en}${advice ? `; ${advice.en}` : ''}`,
      zh: `第 ${column} 列：${why.zh}${advice ? `；${advice.zh}` : ''}`,
    };
    super(text.en);
    this.text = text;
    this.column = column;
  }
}

// Signs of other writings, each in the place of the one that is read.
const SIGNS = { '×': '*', '·': '*', '÷': '/', '−': '-', '、': ',', '\u3000': ' ' };

/**
 * The text with the signs, digits and letters that a Chinese keyboard writes as those that are read.
 * @param {string} text
 */
export function narrow(text) {
  return text.replace(
    /[\uff01-\uff5e×·÷−、\u3000]/g,
    (sign) => SIGNS[sign] ?? String.fromCharCode(sign.charCodeAt(0) - 0xfee0),
  );
}

function tokens(text) {
  const found = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) {
      const column = start + text.slice(start).search(/\S/) + 1;
      const hint = text[column - 1] === '^' ? 'writePower' : 'useThese';
      throw new ExpressionError('notAllowed', column, { what: JSON.stringify(text[column - 1]) }, hint);
    }
    const [whole, number, name, sign] = match;
    const column = start + whole.search(/\S/) + 1;
    found.push({ column, kind: number ? 'number' : name ? 'name' : sign, text: number ?? name ?? sign });
  }
  found.push({ column: end + 1, kind: 'end', text: filled('theEnd') });
  return found;
}

/**
 * The tree of a text, and the free names in it.
 *
 * @param {string} text
 * @param {(name: string) => ({name: string, parameters: Object[]} | undefined)} lookUp  functions of the catalog
 * @returns {{tree: import('./rewrite.js').Tree, names: string[]}}
 * @throws {ExpressionError}
 */
export function parse(text, lookUp) {
  if (text.length > MAX_LENGTH) throw new ExpressionError('tooLong', MAX_LENGTH + 1, { most: MAX_LENGTH });
  if (!text.trim()) throw new ExpressionError('emptyExpression', 1, {}, 'writeOne');
  const parser = new Parser(tokens(narrow(text)), lookUp);
  const tree = parser.comparison(1);
  parser.expect('end');
  return { tree, names: [...parser.names] };
}

class Parser {
  constructor(list, lookUp) {
    this.list = list;
    this.lookUp = lookUp;
    this.index = 0;
    this.names = new Set();
  }

  get token() {
    return this.list[this.index];
  }

  take(...kinds) {
    if (!kinds.includes(this.token.kind)) return null;
    this.index += 1;
    return this.list[this.index - 1];
  }

  expect(kind) {
    const taken = this.take(kind);
    if (taken) return taken;
    const wanted = kind === 'end' ? filled('anOperator') : `"${kind}"`;
    throw new ExpressionError('missing', this.token.column, { wanted, before: this.token.text });
  }

  /** A comparison, or a chain of them, or what stands in one. */
  comparison(depth) {
    if (depth > MAX_DEPTH) throw new ExpressionError('nested', this.token.column, { most: MAX_DEPTH });
    let left = this.sum(depth);
    const links = [];
    for (let sign = this.take(...COMPARISONS); sign; sign = this.take(...COMPARISONS)) {
      const right = this.sum(depth);
      links.push([sign.kind, left, right]);
      left = right;
    }
    if (!links.length) return left;
    return links.length === 1 ? links[0] : ['and', ...links];
  }

  sum(depth) {
    let left = this.product(depth);
    for (let sign = this.take('+', '-'); sign; sign = this.take('+', '-'))
      left = [sign.kind, left, this.product(depth)];
    return left;
  }

  product(depth) {
    let left = this.signed(depth);
    for (let sign = this.take('*', '/'); sign; sign = this.take('*', '/')) left = [sign.kind, left, this.signed(depth)];
    return left;
  }

  /** A sign binds looser than a power on its right: -x**2 is -(x**2). */
  signed(depth) {
    if (depth > MAX_DEPTH) throw new ExpressionError('nested', this.token.column, { most: MAX_DEPTH });
    if (this.take('+')) return this.signed(depth + 1);
    if (this.take('-')) {
      const inner = this.signed(depth + 1);
      return typeof inner === 'number' ? -inner : ['neg', inner];
    }
    const base = this.atom(depth);
    const sign = this.take('**');
    if (!sign) return base;
    const exponent = this.signed(depth + 1);
    if (Math.abs(numberOf(exponent) ?? 0) > MAX_EXPONENT || Number.isNaN(numberOf(exponent))) {
      throw new ExpressionError('exponents', sign.column + 2, { most: MAX_EXPONENT });
    }
    return ['**', base, exponent];
  }

  atom(depth) {
    const token = this.take('number', 'name', '(');
    if (!token) {
      throw new ExpressionError('noValue', this.token.column, { found: this.token.text }, 'useX');
    }
    if (token.kind === '(') {
      const inner = this.comparison(depth + 1);
      this.expect(')');
      return inner;
    }
    if (token.kind === 'name') return this.token.kind === '(' ? this.call(token, depth) : this.name(token);
    const value = Number(token.text.replace(/_/g, ''));
    if (!(value <= LARGEST)) throw new ExpressionError('largest', token.column, { most: LARGEST });
    return value;
  }

  name({ text, column }) {
    if (text === 'x' || CONSTANTS.includes(text)) return text;
    if (isFunction(text) || this.lookUp(text)) {
      throw new ExpressionError('isFunction', column, { name: text }, 'writeCall');
    }
    if (RESERVED.includes(text)) throw new ExpressionError('notAllowed', column, { what: text });
    this.names.add(text);
    return text;
  }

  call(token, depth) {
    const name = SYNONYMS[token.text] ?? token.text;
    this.expect('(');
    const parts = [];
    do parts.push(this.comparison(depth + 1));
    while (this.take(','));
    this.expect(')');
    const entry = isFunction(name) ? undefined : this.lookUp(name);
    if (!entry && !isFunction(name)) throw new ExpressionError('noFunction', token.column, { name });
    const most = entry ? 1 + entry.parameters.length : name === 'where' ? 3 : isPairwise(name) ? Infinity : 1;
    const least = name === 'where' ? 3 : isPairwise(name) ? 2 : 1;
    if (parts.length < least || parts.length > most) {
      const key = least === most ? 'exactly' : most === Infinity ? 'orMore' : 'between';
      const takes = filled(key, { least, most });
      throw new ExpressionError('wrongCount', token.column, { name, takes, given: parts.length });
    }
    if (name === 'where' && !isCondition(parts[0])) {
      throw new ExpressionError('needsComparison', token.column, {}, 'whereExample');
    }
    if (!entry) return [name, ...parts];
    const problem = problemOf(entry, parts.slice(1));
    if (problem) throw new ExpressionError('ofFunction', token.column, { name: entry.name, problem });
    return ['call', entry.name, ...parts];
  }
}

/** What is wrong with the parameters of a call, or null. Those that are named in the expression are not known here. */
function problemOf(entry, parts) {
  if (parts.some(mentionsX)) return filled('mustNotDepend');
  if (!parts.every(isArithmetic)) return filled('mustBeNumbers');
  const values = {};
  for (const [index, { name, default: usual, domain, choices }] of entry.parameters.entries()) {
    const value = index < parts.length ? numberOf(parts[index]) : usual;
    if (value === null) return null;
    const isBelow = domain.low !== null && (domain.open_low ? value <= domain.low : value < domain.low);
    const isOther = choices && !Object.values(choices).includes(value);
    if (isBelow || isOther || (domain.high !== null && value > domain.high) || !Number.isFinite(value)) {
      return filled('notAllowedFor', { value, name });
    }
    values[name] = value;
  }
  return entry.allows(values) ? null : filled('contradict');
}

const ARITHMETIC = {
  __proto__: null,
  neg: (a) => -a,
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '**': (a, b) => a ** b,
};
const isArithmetic = (tree) => !Array.isArray(tree) || (tree[0] in ARITHMETIC && tree.slice(1).every(isArithmetic));

/** The value of arithmetic on numbers, or null for anything else. */
function numberOf(tree) {
  if (typeof tree === 'number') return tree;
  if (tree === 'pi' || tree === 'e') return tree === 'e' ? Math.E : Math.PI;
  if (!Array.isArray(tree) || !(tree[0] in ARITHMETIC)) return null;
  const values = tree.slice(1).map(numberOf);
  return values.includes(null) ? null : ARITHMETIC[tree[0]](...values);
}

const isPairwise = (name) => name === 'max' || name === 'min';
const isFunction = (name) => name === 'where' || isPairwise(name) || name in SYNONYMS || ELEMENTARY.includes(name);
const isCondition = (tree) => Array.isArray(tree) && (tree[0] === 'and' || COMPARISONS.includes(tree[0]));
