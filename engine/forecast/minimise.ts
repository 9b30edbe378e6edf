const MOST_STEPS = 200;
/** Of a central difference. */
const DIFFERENCE = 1e-5;
/** Of any variable: a flat place must not send the search into another valley. */
const LONGEST_STEP = 0.5;
const SETTLED = { gradient: 1e-7, fall: 1e-12 };

/**
 * A local minimum by the method of Broyden, Fletcher, Goldfarb and Shanno with numerical gradients and halved steps (Nocedal and
 * Wright 2006, Numerical Optimization, alg. 6.1), for smooth functions of a few variables of size around one.
 *
 * @returns where it is; no higher than at `start`
 */
export function minimise(objective: (x: Float64Array) => number, start: Float64Array): Float64Array {
  const size = start.length;
  let x = start.slice();
  let value = objective(x);
  let gradient = gradientAt(objective, x);
  let inverse = identity(size);
  for (let step = 0; step < MOST_STEPS && largest(gradient) > SETTLED.gradient; step++) {
    let direction = times(inverse, gradient).map((component) => -component);
    if (dot(direction, gradient) >= 0) {
      inverse = identity(size);
      direction = gradient.map((component) => -component);
    }
    const slope = dot(direction, gradient);
    let length = Math.min(1, LONGEST_STEP / largest(direction));
    let next = moved(x, direction, length);
    let lower = objective(next);
    while (!(lower <= value + 1e-4 * length * slope) && length > 1e-10) {
      length /= 2;
      next = moved(x, direction, length);
      lower = objective(next);
    }
    if (!(lower < value)) break;
    const nextGradient = gradientAt(objective, next);
    update(
      inverse,
      next.map((component, i) => component - x[i]),
      nextGradient.map((component, i) => component - gradient[i]),
    );
    const fall = value - lower;
    x = next;
    value = lower;
    gradient = nextGradient;
    if (fall < SETTLED.fall * (1 + Math.abs(value))) break;
  }
  return x;
}

function gradientAt(objective: (x: Float64Array) => number, x: Float64Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(x, (component, i) => {
    const aside = x.slice();
    aside[i] = component + DIFFERENCE;
    const above = objective(aside);
    aside[i] = component - DIFFERENCE;
    return (above - objective(aside)) / (2 * DIFFERENCE);
  });
}

/** H ← (I − s yᵀ/yᵀs) H (I − y sᵀ/yᵀs) + s sᵀ/yᵀs, where the curvature is positive. */
function update(inverse: Float64Array[], s: Float64Array, y: Float64Array): void {
  const curvature = dot(s, y);
  if (!(curvature > 1e-14)) return;
  const hy = times(inverse, y);
  const factor = (1 + dot(y, hy) / curvature) / curvature;
  for (let i = 0; i < s.length; i++)
    for (let j = 0; j < s.length; j++)
      inverse[i][j] += factor * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / curvature;
}

function identity(size: number): Float64Array[] {
  return Array.from({ length: size }, (_, i) => Float64Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)));
}

function times(matrix: readonly Float64Array[], vector: Float64Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(matrix, (row) => dot(row, vector));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function largest(vector: Float64Array): number {
  return vector.reduce((most, component) => Math.max(most, Math.abs(component)), 0);
}

function moved(x: Float64Array, direction: Float64Array, length: number): Float64Array<ArrayBuffer> {
  return Float64Array.from(x, (component, i) => component + length * direction[i]);
}
