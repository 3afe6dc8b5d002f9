/**
 * Expressions as they are typed, read as trees: the language of `actplot plot`. Numbers, x, parameters, + - * / **,
 * comparisons (chained, too), where(condition, a, b), and functions by name.
 */

import { mentionsX } from './rewrite.js';

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

/** What is wrong with an expression, with the column, from 1. */
export class ExpressionError extends Error {
  /** @param {string} message @param {number} column @param {string} hint */
  constructor(message, column, hint = '') {
    super(`column ${column}: ${message}${hint && `; ${hint}`}`);
    this.column = column;
    this.hint = hint;
  }
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
      const hint =
        text[column - 1] === '^' ? 'write ** for a power' : 'use numbers, x, names, + - * / ** and functions';
      throw new ExpressionError(`${JSON.stringify(text[column - 1])} is not allowed`, column, hint);
    }
    const [whole, number, name, sign] = match;
    const column = start + whole.search(/\S/) + 1;
    found.push({ column, kind: number ? 'number' : name ? 'name' : sign, text: number ?? name ?? sign });
  }
  found.push({ column: end + 1, kind: 'end', text: 'the end' });
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
  if (text.length > MAX_LENGTH) throw new ExpressionError(`longer than ${MAX_LENGTH} characters`, MAX_LENGTH + 1);
  if (!text.trim()) throw new ExpressionError('the expression is empty', 1, 'write one in x, such as x*sigmoid(x)');
  const parser = new Parser(tokens(text), lookUp);
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
    const wanted = kind === 'end' ? 'an operator' : `"${kind}"`;
    throw new ExpressionError(`${wanted} is missing before ${this.token.text}`, this.token.column);
  }

  /** A comparison, or a chain of them, or what stands in one. */
  comparison(depth) {
    if (depth > MAX_DEPTH) throw new ExpressionError(`nested more than ${MAX_DEPTH} deep`, this.token.column);
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
    if (depth > MAX_DEPTH) throw new ExpressionError(`nested more than ${MAX_DEPTH} deep`, this.token.column);
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
      throw new ExpressionError(`exponents go from -${MAX_EXPONENT} to ${MAX_EXPONENT}`, sign.column + 2);
    }
    return ['**', base, exponent];
  }

  atom(depth) {
    const token = this.take('number', 'name', '(');
    if (!token) {
      throw new ExpressionError(`${this.token.text} where a value should be`, this.token.column, 'use x or a number');
    }
    if (token.kind === '(') {
      const inner = this.comparison(depth + 1);
      this.expect(')');
      return inner;
    }
    if (token.kind === 'name') return this.token.kind === '(' ? this.call(token, depth) : this.name(token);
    const value = Number(token.text.replace(/_/g, ''));
    if (!(value <= LARGEST)) throw new ExpressionError(`numbers go up to ${LARGEST}`, token.column);
    return value;
  }

  name({ text, column }) {
    if (text === 'x' || CONSTANTS.includes(text)) return text;
    if (isFunction(text) || this.lookUp(text)) {
      throw new ExpressionError(`${text} is a function`, column, `write ${text}(x)`);
    }
    if (RESERVED.includes(text)) throw new ExpressionError(`${text} is not allowed`, column);
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
    if (!entry && !isFunction(name)) throw new ExpressionError(`there is no function ${name}`, token.column);
    const most = entry ? 1 + entry.parameters.length : name === 'where' ? 3 : isPairwise(name) ? Infinity : 1;
    const least = name === 'where' ? 3 : isPairwise(name) ? 2 : 1;
    if (parts.length < least || parts.length > most) {
      const takes = least === most ? least : most === Infinity ? `${least} or more` : `${least} to ${most}`;
      throw new ExpressionError(`${name} takes ${takes} arguments, not ${parts.length}`, token.column);
    }
    if (name === 'where' && !isCondition(parts[0])) {
      throw new ExpressionError('where needs a comparison first', token.column, 'as in where(x > 0, x, 0)');
    }
    if (!entry) return [name, ...parts];
    const problem = problemOf(entry, parts.slice(1));
    if (problem) throw new ExpressionError(`${entry.name}: ${problem}`, token.column);
    return ['call', entry.name, ...parts];
  }
}

/** What is wrong with the parameters of a call, or ''. Those that are named in the expression are not known here. */
function problemOf(entry, parts) {
  if (parts.some(mentionsX)) return 'its parameters must not depend on x';
  if (!parts.every(isArithmetic)) return 'its parameters must be numbers or names, with + - * / between them';
  const values = {};
  for (const [index, { name, default: usual, domain, choices }] of entry.parameters.entries()) {
    const value = index < parts.length ? numberOf(parts[index]) : usual;
    if (value === null) return '';
    const isBelow = domain.low !== null && (domain.open_low ? value <= domain.low : value < domain.low);
    const isOther = choices && !Object.values(choices).includes(value);
    if (isBelow || isOther || (domain.high !== null && value > domain.high) || !Number.isFinite(value)) {
      return `${value} is not allowed for ${name}`;
    }
    values[name] = value;
  }
  return entry.allows(values) ? '' : 'these parameters contradict each other';
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
