/**
 * An Admin for the length of one command: made for the name servers the line names, stopped whatever happens, interrupted
 * by SIGINT and SIGTERM.
 */

import type { Admin } from '../core/client/admin/admin.ts';
import { findNamesrvAddrs, givenNamesrvAddrs } from './find-namesrv.ts';
import type { GlobalFlags } from './flags.ts';
import { watchInterrupts } from './interrupt.ts';
import type { Io } from './io.ts';

export interface AdminSession {
  readonly flags: GlobalFlags;
  readonly io: Io;
  /** False: the command asks a broker whose address it has, a name server is not needed. Default true. */
  readonly needsNamesrv?: boolean;
  /** True: `work` comes to an end of its own when `over` is aborted, and its result or failure counts. Default false. */
  readonly windsUp?: boolean;
}

/** Runs `work` with an Admin and passes on what it returns or throws. `over` is aborted by a signal and when all is done. */
export async function withAdmin<R>(
  session: AdminSession,
  work: (admin: Admin, over: AbortSignal) => Promise<R>,
): Promise<R> {
  const { flags, io, needsNamesrv = true, windsUp = false } = session;
  const namesrvAddrs = needsNamesrv ? await findNamesrvAddrs(flags, io.env) : (givenNamesrvAddrs(flags, io.env) ?? []);
  const [{ Admin }, { systemClock }, { silentLogger }] = await Promise.all([
    import('../core/client/admin/admin.ts'),
    import('../core/common/clock.ts'),
    import('../core/common/logger.ts'),
  ]);
  const admin = new Admin({ namesrvAddrs, clock: systemClock, logger: silentLogger });
  const watch = watchInterrupts();
  const over = new AbortController();
  try {
    await admin.start();
    if (windsUp) {
      watch.interrupted.catch(() => over.abort());
      return await work(admin, over.signal);
    }
    return await Promise.race([work(admin, over.signal), watch.interrupted]);
  } finally {
    over.abort();
    await admin.stop();
    watch.dispose();
  }
}
