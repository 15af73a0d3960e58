/** Many power cuts, each story from its seed: see power-loss.ts. */
import { type PowerLossOptions, type PowerLossResult, powerLoss } from './power-loss.ts';

export interface PowerOptions extends PowerLossOptions {
  readonly cases: number;
  /** Of the first case; each further one has the next. */
  readonly seed: number;
  /** Ends with the first case in which something is wrong. */
  readonly untilFault?: boolean;
  /** Called after each case. */
  readonly onCase?: (number: number) => void;
}

export interface PowerResult extends Omit<PowerLossResult, 'seed'> {
  readonly cases: number;
  /** Seeds of the cases in which something is wrong. */
  readonly faultySeeds: readonly number[];
}

export async function powerCuts({ cases, seed, untilFault, onCase, ...options }: PowerOptions): Promise<PowerResult> {
  const sum = { cases: 0, acknowledged: 0, found: 0, lost: 0, doubled: 0, faults: [] as string[] };
  const faultySeeds: number[] = [];
  while (sum.cases < cases && !(untilFault === true && faultySeeds.length > 0)) {
    const result = await powerLoss(seed + sum.cases, options);
    for (const name of ['acknowledged', 'found', 'lost', 'doubled'] as const) sum[name] += result[name];
    for (const fault of result.faults.slice(0, 3)) sum.faults.push(`seed ${result.seed}: ${fault}`);
    if (result.faults.length > 0) faultySeeds.push(result.seed);
    sum.cases++;
    onCase?.(sum.cases);
  }
  return { ...sum, faultySeeds };
}
