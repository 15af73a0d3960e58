/** END_TRANSACTION as a producer says it, at once or when it is asked. Mirrors DefaultMQProducerImpl.endTransaction. */

import { SysFlag } from '../../message/sys-flag.ts';
import { endTransaction } from '../../protocol/requests/end-transaction.ts';
import type { RequestHeaderOf } from '../../protocol/schema.ts';
import { createRequest, type RemotingCommand } from '../../remoting/remoting-command.ts';
import type { LocalTransactionState } from './transaction-listener.ts';

const commitOrRollback: Readonly<Record<LocalTransactionState, number>> = {
  COMMIT_MESSAGE: SysFlag.TRANSACTION_COMMIT,
  ROLLBACK_MESSAGE: SysFlag.TRANSACTION_ROLLBACK,
  UNKNOW: 0,
};

export interface Outcome {
  readonly state: LocalTransactionState;
  /** What the broker's log gets to read where it failed. */
  readonly remark: string | undefined;
}

/** The request; one-way. */
export function endTransactionRequest(
  header: Omit<RequestHeaderOf<typeof endTransaction>, 'commitOrRollback'>,
  { state, remark }: Outcome,
): RemotingCommand {
  const request = createRequest(endTransaction, { ...header, commitOrRollback: commitOrRollback[state] });
  return remark === undefined ? request : { ...request, remark };
}

/** Calls a listener. What throws, or answers something else than a state, is UNKNOW; `name`: of its method, for the remark. */
export async function outcomeOf(name: string, call: () => unknown): Promise<Outcome> {
  try {
    const state = await call();
    return { state: isState(state) ? state : 'UNKNOW', remark: undefined };
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { state: 'UNKNOW', remark: `${name} exception: ${text}` };
  }
}

function isState(state: unknown): state is LocalTransactionState {
  return typeof state === 'string' && Object.hasOwn(commitOrRollback, state);
}
