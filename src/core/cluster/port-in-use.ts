/**
 * The error of a port that is taken, made useful: with the process that holds it, where the system tells.
 */

import { PocketError } from '../common/errors.ts';
import { type PortHolder, whoListens } from './who-listens.ts';

/** The port that could not be listened on; undefined when the error is about something else. */
export function portInUse(error: unknown): number | undefined {
  if (!(error instanceof PocketError) || error.code !== 'IN_USE') return undefined;
  const port = /^port (\d+) is in use$/.exec(error.message)?.[1];
  return port === undefined ? undefined : Number(port);
}

/** The same error with the holder of the port; any other error as it is. */
export function withPortHolder(error: unknown): unknown {
  const port = portInUse(error);
  if (port === undefined) return error;
  return new PocketError('IN_USE', `port ${port} is in use${heldBy(whoListens(port))} choose another port`, {
    cause: error,
    detail: String(port),
  });
}

function heldBy(holder: PortHolder | undefined): string {
  if (holder === undefined) return '; stop that process or';
  const stop = holder.pid === process.pid ? ', which is this one;' : '; stop that process or';
  return ` by process ${holder.pid} (${holder.command})${stop}`;
}
