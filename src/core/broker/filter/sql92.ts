/**
 * SQL92 expressions over the properties of a message: parsed, checked, and made a function. Mirrors SqlFilter and the
 * expression classes of rocketmq-filter, whose three-valued logic and conversions of texts to numbers are followed to the value.
 */
import peggy, { type Parser } from 'peggy';
import { compileNode, Sql92Error } from './sql92-compile.ts';
import { SQL92_GRAMMAR } from './sql92-grammar.ts';
import type { Node } from './sql92-nodes.ts';

export { Sql92Error };

export type PropertyFilter = (properties: Readonly<Record<string, string>>) => boolean;

let parser: Parser | undefined;

/** Throws Sql92Error, whose sentence names the place and the reason. */
export function compileSql92(text: string): PropertyFilter {
  // Made at the first subscription of this kind; most brokers never see one.
  parser ??= peggy.generate(SQL92_GRAMMAR);
  const evaluate = compileNode(parse(parser, text));
  return (properties) => {
    try {
      return evaluate(properties) === true;
    } catch {
      // A property that is no number, say: as Java, the message is not delivered.
      return false;
    }
  };
}

function parse(made: Parser, text: string): Node {
  try {
    return made.parse(text) as Node;
  } catch (error) {
    if (error instanceof RangeError) throw new Sql92Error('is nested too deeply', 0);
    if (!(error instanceof made.SyntaxError)) throw error;
    throw new Sql92Error(lowerFirst(error.message.replace(/\.$/, '')), error.location.start.offset);
  }
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
