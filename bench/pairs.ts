/** One interleaved pair: both sides one right after the other, the one that begins changing from pair to pair. */
import type { RowId } from './goals.ts';
import type { Report } from './report.ts';
import type { Measured } from './rows.ts';
import type { SideName } from './sides.ts';

/** Measures both sides as pair `number` of row `id` and reports it. */
export async function pair(
  report: Report,
  id: RowId,
  number: number,
  measure: (name: SideName) => Promise<Measured>,
): Promise<Record<SideName, Measured>> {
  const javaFirst = number % 2 === 0;
  const first = await measure(javaFirst ? 'java' : 'ours');
  const second = await measure(javaFirst ? 'ours' : 'java');
  const result = javaFirst ? { java: first, ours: second } : { java: second, ours: first };
  const order = javaFirst ? 'java first' : 'ours first';
  report.add(id, order, result.java, result.ours);
  for (const [also, value] of result.java.also ?? []) {
    report.add(also, order, { value }, { value: result.ours.also?.get(also) ?? Number.NaN });
  }
  return result;
}
