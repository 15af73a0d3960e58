/**
 * The values of SQL92 expressions and how two of them compare. Mirrors ComparisonExpression.__compare: a text that meets a number
 * is read as a number of that Java type, and fails when it is none.
 */

/** A Java Integer or Long. */
export interface JavaInteger {
  readonly type: 'int' | 'long';
  readonly value: bigint;
}

/** null: unknown. number: a Java Double. */
export type Value = null | boolean | string | number | JavaInteger;

const MIN_INT = -2147483648n;
const MAX_INT = 2147483647n;
const MIN_LONG = -9223372036854775808n;
const MAX_LONG = 9223372036854775807n;
const DOUBLE = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?)$/;

export const isJavaInteger = (value: Value): value is JavaInteger => typeof value === 'object' && value !== null;
export const isNumber = (value: Value): value is number | JavaInteger =>
  typeof value === 'number' || isJavaInteger(value);

/** The literal's number: an int if it is one; undefined beyond a long. */
export function integerOf(digits: string): JavaInteger | undefined {
  const value = BigInt(digits);
  if (value > MAX_LONG) return undefined;
  return { type: value <= MAX_INT ? 'int' : 'long', value };
}

export function negated(value: Value): Value {
  if (typeof value === 'number') return -value;
  if (!isJavaInteger(value)) return null;
  const bits = value.type === 'int' ? 32 : 64;
  return { type: value.type, value: BigInt.asIntN(bits, -value.value) };
}

/** `=` between two values that are not null. Throws for a text that is no number of the other's type. */
export function areEqual(left: Value, right: Value): boolean {
  if (typeof left === 'string' && typeof right === 'string') return left === right;
  return compareValues(left, right) === 0;
}

/** Which of two values that are not null comes first: below, at, or above 0. Two texts are compared as numbers. Throws as areEqual. */
export function order(left: Value, right: Value): number {
  if (typeof left === 'string' && typeof right === 'string') return compareDoubles(doubleOf(left), doubleOf(right));
  return compareValues(left, right);
}

function compareValues(left: Value, right: Value): number {
  if (typeof left === 'boolean') {
    // Java casts the wrong side and fails.
    if (typeof right === 'string') throw new TypeError('a boolean on the left is not compared with a text');
    return typeof right === 'boolean' ? Number(left) - Number(right) : -1;
  }
  if (typeof left === 'string') {
    if (typeof right === 'boolean') return Number(left.toLowerCase() === 'true') - Number(right);
    return isNumber(right) ? compareNumbers(numberLike(right, left), right) : -1;
  }
  if (!isNumber(left)) return -1;
  if (typeof right === 'string') return compareNumbers(left, numberLike(left, right));
  return isNumber(right) ? compareNumbers(left, right) : -1;
}

function compareNumbers(left: number | JavaInteger, right: number | JavaInteger): number {
  if (isJavaInteger(left) && isJavaInteger(right)) {
    return left.value < right.value ? -1 : left.value > right.value ? 1 : 0;
  }
  return compareDoubles(toDouble(left), toDouble(right));
}

const toDouble = (value: number | JavaInteger): number => (typeof value === 'number' ? value : Number(value.value));

/** Double.compareTo: NaN is above all and equal to itself, -0 below 0. */
function compareDoubles(left: number, right: number): number {
  if (Object.is(left, right)) return 0;
  if (Number.isNaN(left)) return 1;
  if (Number.isNaN(right)) return -1;
  if (left === right) return Object.is(left, -0) ? -1 : 1;
  return left < right ? -1 : 1;
}

/** The text as a number of the type that `model` has. */
function numberLike(model: number | JavaInteger, text: string): number | JavaInteger {
  if (typeof model === 'number') return doubleOf(text);
  const [min, max] = model.type === 'int' ? [MIN_INT, MAX_INT] : [MIN_LONG, MAX_LONG];
  const value = /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
  if (value === undefined || value < min || value > max) throw new TypeError(`'${text}' is no ${model.type}`);
  return { type: model.type, value };
}

/** Double.valueOf, without its hexadecimal form. */
function doubleOf(text: string): number {
  const trimmed = text.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '');
  if (!DOUBLE.test(trimmed)) throw new TypeError(`'${text}' is no number`);
  return Number(trimmed.replace(/[fFdD]$/, ''));
}
