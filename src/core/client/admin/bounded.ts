/**
 * Many requests at a time, but not all: results stand in the order of the items, whoever answers first.
 */

const PARALLEL = 8;

/** Runs `task` for each item, at most `parallel` at a time. Rejects with the first failure in the order of the items. */
export async function mapBounded<T, R>(
  items: readonly T[],
  task: (item: T) => Promise<R>,
  parallel = PARALLEL,
): Promise<R[]> {
  const results = await settleBounded(items, task, parallel);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** As mapBounded, with each item's outcome instead of a rejection. */
export async function settleBounded<T, R>(
  items: readonly T[],
  task: (item: T) => Promise<R>,
  parallel = PARALLEL,
): Promise<PromiseSettledResult<R>[]> {
  const results: PromiseSettledResult<R>[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      const item = items[index] as T;
      results[index] = await task(item).then(
        (value) => ({ status: 'fulfilled', value }),
        (reason: unknown) => ({ status: 'rejected', reason }),
      );
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker));
  return results;
}
