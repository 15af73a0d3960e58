/**
 * SIGINT, SIGTERM and SIGHUP as a rejection, so that a command under way leaves through its `finally` blocks: connections closed,
 * children stopped, temporary directories gone.
 */

import { type InterruptingSignal, Interruption } from './faults.ts';

const signals: readonly InterruptingSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export interface InterruptWatch {
  /** Never resolves; rejects with an Interruption when the first signal comes. */
  readonly interrupted: Promise<never>;
  /** Back to Node's own handling. */
  dispose(): void;
}

/** Further signals while the first is being obeyed are swallowed until dispose(). */
export function watchInterrupts(): InterruptWatch {
  let reject: (error: Interruption) => void = () => {};
  const interrupted = new Promise<never>((_resolve, rejectWith) => {
    reject = rejectWith;
  });
  interrupted.catch(() => {});
  const onSignal = (signal: InterruptingSignal): void => reject(new Interruption(signal));
  for (const signal of signals) process.on(signal, onSignal);
  return {
    interrupted,
    dispose() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
