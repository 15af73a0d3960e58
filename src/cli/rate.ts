/** How fast a command may send: `50` or `50/s`. */

import { ValueFault } from './faults.ts';

/** Messages a second of a `--rate`. Throws ValueFault. */
export function rateOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const rate = Number(/^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text)?.[1]);
  if (rate > 0) return rate;
  throw new ValueFault(`--rate is a number of messages a second, as 50 or 50/s, not "${text}".`);
}
