/**
 * mqadmin says on stdout, without a line end, that a cluster does not exist, and goes on without brokers. Ours says it there,
 * too, and ends with exit code 4.
 */

import { PocketError } from '../core/common/errors.ts';
import type { GlobalFlags } from './flags.ts';
import type { Io } from './io.ts';

const UNKNOWN_CLUSTER =
  '[error] Make sure the specified clusterName exists or the name server connected to is correct.';

/** Passes on what `work` returns or throws. */
export async function sayingUnknownCluster<R>(
  io: Io,
  flags: Pick<GlobalFlags, 'output'> & { brokerAddr?: string | undefined; clusterName?: string | undefined },
  work: () => Promise<R>,
): Promise<R> {
  try {
    return await work();
  } catch (error) {
    const notFound = error instanceof PocketError && error.code === 'NOT_FOUND' ? error.detail : undefined;
    const isCluster = flags.brokerAddr === undefined && notFound !== undefined && notFound === flags.clusterName;
    if (isCluster && flags.output === 'text') io.out(UNKNOWN_CLUSTER);
    throw error;
  }
}
