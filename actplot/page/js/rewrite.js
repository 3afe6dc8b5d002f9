/**
 * Trees rewritten so that they neither cancel nor overflow: exp(x) - 1 becomes expm1(x), 1 - tanh(x)**2 becomes
 * sech2(x). Every rule is an identity of real numbers; what is on its right is a function of jets.js.
 */

/** @typedef {number | string | Array} Tree  a number, a name, or [operator or function, ...arguments] */

const EXP_U = ['exp', '$u'];
const EXP_MINUS_U = ['exp', ['neg', '$u']];
const SQUARE_U = ['**', '$u', 2];

/** Pairs of pattern and replacement. $u stands for anything, %c for what x does not occur in. Sums and products match
 * in either order. */
// prettier-ignore
const RULES = [
  [['*', '$u', '$u'], SQUARE_U],
  [['-', EXP_U, 1], ['expm1', '$u']],
  [['-', 1, EXP_U], ['neg', ['expm1', '$u']]],
  [['-', ['expm1', '$u'], '$u'], ['expm1_minus_x', '$u']],
  [['/', ['-', EXP_U, EXP_MINUS_U], ['+', EXP_U, EXP_MINUS_U]], ['tanh', '$u']],
  [['/', 1, ['+', 1, EXP_MINUS_U]], ['sigmoid', '$u']],
  [['/', 1, ['+', 1, EXP_U]], ['sigmoid', ['neg', '$u']]],
  [['/', EXP_U, ['+', 1, EXP_U]], ['sigmoid', '$u']],
  [['-', 1, ['sigmoid', '$u']], ['sigmoid', ['neg', '$u']]],
  [['log', ['+', 1, EXP_U]], ['softplus', '$u']],
  [['log', ['sigmoid', '$u']], ['neg', ['softplus', ['neg', '$u']]]],
  [['log', ['/', ['+', 1, EXP_U], 2]], ['centred_softplus', '$u']],
  [
    ['log', ['/', ['+', 1, ['exp', ['*', '%a', '$u']]], ['+', 1, ['exp', ['*', '%a', ['-', '$u', '%c']]]]]],
    ['soft_ramp', ['*', '%a', '$u'], ['*', '%a', '%c']],
  ],
  [['log', ['+', 1, '$u']], ['log1p', '$u']],
  [['log', ['-', 1, '$u']], ['log1p', ['neg', '$u']]],
  [['-', 1, ['**', ['tanh', '$u'], 2]], ['sech2', '$u']],
  [['+', 1, ['tanh', '$u']], ['*', 2, ['sigmoid', ['*', 2, '$u']]]],
  [['-', 1, ['tanh', '$u']], ['*', 2, ['sigmoid', ['*', -2, '$u']]]],
  [['-', '$u', ['tanh', '$u']], ['tanhshrink', '$u']],
  [['+', 1, ['erf', '$u']], ['erfc', ['neg', '$u']]],
  [['-', 1, ['erf', '$u']], ['erfc', '$u']],
  [['where', ['==', '$u', 0], 1, ['/', ['sin', '$u'], '$u']], ['sinc', '$u']],
  [['/', '$u', ['sqrt', ['+', 1, ['*', '%c', SQUARE_U]]]], ['isru', '$u', '%c']],
  [['sqrt', ['+', SQUARE_U, '%c']], ['root', '$u', '%c']],
  [['/', '$u', ['root', '$u', 1]], ['isru', '$u', 1]],
  [['-', ['root', '$u', 1], 1], ['root_minus_one', '$u']],
  [['+', '$u', ['root', '$u', '%c']], ['hyperbola', '$u', '%c']],
  [['log', ['hyperbola', '$u', 1]], ['asinh', '$u']],
];

const BY_OPERATOR = new Map();
for (const rule of RULES) {
  const operator = rule[0][0];
  if (!BY_OPERATOR.has(operator)) BY_OPERATOR.set(operator, []);
  BY_OPERATOR.get(operator).push(rule);
}

/** Whether x occurs in a tree. @param {Tree} tree */
export function mentionsX(tree) {
  return tree === 'x' || (Array.isArray(tree) && tree.slice(1).some(mentionsX));
}

/** The tree in its stable form. @param {Tree} tree @returns {Tree} */
export function rewrite(tree) {
  if (!Array.isArray(tree)) return tree;
  let result = [tree[0], ...tree.slice(1).map(rewrite)];
  if (result[0] === 'call') result[1] = tree[1];
  for (const [pattern, replacement] of BY_OPERATOR.get(result[0]) ?? []) {
    const found = match(pattern, result, {});
    if (found) return rewrite(substitute(replacement, found));
  }
  return result;
}

/** What the variables of a pattern stand for in a tree, or null where it does not fit. */
function match(pattern, tree, found) {
  if (typeof pattern === 'string' && '$%'.includes(pattern[0])) {
    if (pattern in found) return same(found[pattern], tree) ? found : null;
    return pattern[0] === '%' && mentionsX(tree) ? null : { ...found, [pattern]: tree };
  }
  if (!Array.isArray(pattern)) return pattern === tree ? found : null;
  if (!Array.isArray(tree) || tree[0] !== pattern[0] || tree.length !== pattern.length) return null;
  const inOrder = matchAll(pattern, tree, found);
  if (inOrder || !'+*'.includes(pattern[0])) return inOrder;
  return matchAll(pattern, [tree[0], tree[2], tree[1]], found);
}

function matchAll(pattern, tree, found) {
  for (let index = 1; index < pattern.length && found; index += 1) found = match(pattern[index], tree[index], found);
  return found;
}

function same(first, second) {
  return first === second || JSON.stringify(first) === JSON.stringify(second);
}

function substitute(replacement, found) {
  if (typeof replacement === 'string' && replacement in found) return found[replacement];
  return Array.isArray(replacement) ? replacement.map((part) => substitute(part, found)) : replacement;
}
