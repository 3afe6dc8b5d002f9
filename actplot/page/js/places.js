/** Breaks of an expression: found from its tree. */

export function placesOf() {
  return [];
}
