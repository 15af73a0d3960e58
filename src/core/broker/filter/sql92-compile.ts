/**
 * From the nodes of an expression to a function of a message's properties, after the checks that Java makes when it builds
 * its expression objects: what cannot be compared, what is no condition. Mirrors ComparisonExpression, UnaryExpression and
 * LogicExpression.
 */
import type { CompareOperator, Node } from './sql92-nodes.ts';
import { areEqual, integerOf, isNumber, type JavaInteger, negated, order, type Value } from './sql92-values.ts';

/** Why an expression cannot be used, and where. */
export class Sql92Error extends Error {
  /** `at`: offset in the expression, in UTF-16 units. */
  constructor(reason: string, at: number) {
    super(`the SQL92 expression is wrong at character ${at + 1}: ${reason}`);
    this.name = 'Sql92Error';
  }
}

/** Throws what a property's text is to blame for; the message does not match then. */
export type Evaluate = (properties: Readonly<Record<string, string>>) => Value;

/** The whole expression. Throws Sql92Error. */
export function compileNode(node: Node): Evaluate {
  try {
    return condition(node);
  } catch (error) {
    if (error instanceof RangeError) throw new Sql92Error('it is nested too deeply', 0);
    throw error;
  }
}

/** An operand that has to be true, false or unknown; a property is one, which no text makes true. */
function condition(node: Node): Evaluate {
  if (node.kind === 'property') {
    const property = operand(node);
    return (properties) => (property(properties) === null ? null : false);
  }
  if (!isCondition(node)) throw new Sql92Error('this is no condition', node.at);
  return operand(node);
}

function isCondition({ kind }: Node): boolean {
  return !['string', 'double', 'integer', 'negate', 'property'].includes(kind);
}

function operand(node: Node): Evaluate {
  switch (node.kind) {
    case 'or':
      return any(node.parts.map(condition));
    case 'and':
      return all(node.parts.map(condition));
    case 'not':
      return not(condition(node.operand));
    case 'negate': {
      const value = operand(node.operand);
      return (properties) => negated(value(properties));
    }
    case 'compare':
      return compare(node.operator, node.left, node.right);
    case 'isNull': {
      const value = operand(node.operand);
      return (properties) => (value(properties) === null) !== node.not;
    }
    case 'between':
      return between(node);
    case 'in':
      return isIn(node);
    case 'property':
      return (properties) => (Object.hasOwn(properties, node.name) ? (properties[node.name] ?? null) : null);
    default: {
      const value = constantOf(node);
      return () => value;
    }
  }
}

/** undefined: no constant. Throws Sql92Error. */
function constantOf(node: Node): Value {
  switch (node.kind) {
    case 'string':
    case 'boolean':
      return node.value;
    case 'integer':
      return integer(node.text, node.at);
    case 'double':
      return double(node.text, node.at);
    default:
      return null;
  }
}

function integer(text: string, at: number): JavaInteger {
  const value = integerOf(text.replace(/[lL]$/, ''));
  if (value === undefined) throw new Sql92Error(`${text} is more than a long can hold`, at);
  return value;
}

function double(text: string, at: number): number {
  const value = Number(text);
  if (value > Number.MAX_VALUE) throw new Sql92Error(`${text} is more than a double can hold`, at);
  // Java's Double.MIN_VALUE is the smallest number above 0.
  if (value < Number.MIN_VALUE)
    throw new Sql92Error(`${text} is less than ${Number.MIN_VALUE}; 0 can be written as 0`, at);
  return value;
}

const isConstant = ({ kind }: Node): boolean => ['string', 'double', 'integer', 'boolean', 'null'].includes(kind);

function any(parts: readonly Evaluate[]): Evaluate {
  return (properties) => {
    let result: boolean | null = false;
    for (const part of parts) {
      const value = part(properties);
      if (value === true) return true;
      if (value === null) result = null;
    }
    return result;
  };
}

function all(parts: readonly Evaluate[]): Evaluate {
  return (properties) => {
    let result: boolean | null = true;
    for (const part of parts) {
      const value = part(properties);
      if (value === false) return false;
      if (value === null) result = null;
    }
    return result;
  };
}

function not(part: Evaluate): Evaluate {
  return (properties) => {
    const value = part(properties);
    return value === null ? null : value !== true;
  };
}

function compare(operator: CompareOperator, left: Node, right: Node): Evaluate {
  if (operator === '=' || operator === '<>') {
    const equal = equality(left, right);
    return operator === '=' ? equal : not(equal);
  }
  return ordering(operator, left, right);
}

function equality(left: Node, right: Node): Evaluate {
  for (const side of [left, right]) {
    if (side.kind === 'null') throw new Sql92Error('NULL cannot be compared; IS NULL asks for it', side.at);
  }
  if (left.kind === 'boolean' && isConstant(right) && right.kind !== 'boolean') {
    throw new Sql92Error('TRUE and FALSE cannot be compared with this', right.at);
  }
  const [first, second] = [operand(left), operand(right)];
  return (properties) => {
    const lv = first(properties);
    const rv = second(properties);
    if (lv === null) return rv === null ? true : null;
    return rv !== null && areEqual(lv, rv);
  };
}

function ordering(operator: CompareOperator, left: Node, right: Node): Evaluate {
  for (const side of [left, right]) {
    const isComparable = side.kind === 'double' || side.kind === 'integer' || (!isConstant(side) && !isCondition(side));
    if (!isComparable) throw new Sql92Error(`only numbers can be compared by ${operator}`, side.at);
  }
  const [first, second] = [operand(left), operand(right)];
  const holds = holdsOf(operator);
  return (properties) => {
    const lv = first(properties);
    if (lv === null) return null;
    const rv = second(properties);
    return rv === null ? null : holds(order(lv, rv));
  };
}

function holdsOf(operator: CompareOperator): (difference: number) => boolean {
  switch (operator) {
    case '>':
      return (difference) => difference > 0;
    case '>=':
      return (difference) => difference >= 0;
    case '<':
      return (difference) => difference < 0;
    default:
      return (difference) => difference <= 0;
  }
}

function between({ operand: value, low, high, not: isNot }: Extract<Node, { kind: 'between' }>): Evaluate {
  if (isNot) return any([ordering('<', value, low), ordering('>', value, high)]);
  if (isConstant(low) && isConstant(high)) {
    const [from, to] = [constantOf(low), constantOf(high)];
    if (isNumber(from) && isNumber(to) && order(to, from) < 0) {
      throw new Sql92Error('the first value of BETWEEN must not be above the second', low.at);
    }
  }
  return all([ordering('>=', value, low), ordering('<=', value, high)]);
}

function isIn({ operand: value, values, not: isNot, at }: Extract<Node, { kind: 'in' }>): Evaluate {
  if (value.kind !== 'property') throw new Sql92Error('IN is for properties only', at);
  const property = operand(value);
  const wanted = new Set(values);
  return (properties) => {
    const text = property(properties);
    return typeof text === 'string' ? wanted.has(text) !== isNot : null;
  };
}
