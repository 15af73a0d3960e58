/**
 * What a case of the command comparison is, and what the cases of parity-*-cases.ts share. A case's output must agree byte
 * by byte but for what its `compare` masks (mask.ts, parity-masks.ts). Where our command differs on purpose
 * (docs/COMPAT.md, "Commands"), `deliberate` makes from the real output what ours has to print.
 */
import type { Cluster } from './traffic.ts';

export interface ParityCase {
  readonly name: string;
  readonly args: (cluster: Cluster) => string[];
  /** Hides what may differ; nothing by default. `first`: neither run had another tool's run on its cluster before it. */
  readonly compare?: (stdout: string, first: boolean) => string;
  /** What ours has to print, made from what the real one printed. */
  readonly deliberate?: (real: string) => string;
  /** Exit code of our command; mqadmin's is always 0. */
  readonly code?: number;
  /** Words on stderr of both tools, or of the real one only; nothing by default. */
  readonly stderr?: Complaints;
}

interface Complaints {
  readonly real?: RegExp;
  readonly ours?: RegExp;
}

export const CLUSTER = 'DefaultCluster';
export const TOPIC = 'ParityTopic';

/** mqadmin prints this in front of a success that is none; ours ends there. */
const UNKNOWN_CLUSTER =
  '[error] Make sure the specified clusterName exists or the name server connected to is correct.';
export const untilUnknownCluster = (real: string): string =>
  real.slice(0, real.indexOf(UNKNOWN_CLUSTER) + UNKNOWN_CLUSTER.length);

export const failed = (javaClass: string): RegExp =>
  new RegExp(`(?:SubCommand|Runtime)Exception: ${javaClass} ?command failed`);
export const bothFail = (javaClass: string): Complaints => ({ real: failed(javaClass), ours: failed(javaClass) });
