/**
 * END_TRANSACTION (37): a producer says how a transaction ended, after its local part or when it was asked
 * (fromTransactionCheck). One-way from every client; whoever asks for an answer gets Java's.
 * Behaviour: nothing for "unknown", also no answer; the half message must be the one the header names, of that producer group.
 * Differences from 4.9: a record of another topic is no half message (Java commits whatever lies at the offset); a second
 *   end of one message is answered as the first was and does nothing.
 */

import { SysFlag } from '../../message/sys-flag.ts';
import type { endTransaction } from '../../protocol/requests/end-transaction.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import { type Reply, SUSPENDED } from '../../remoting/processor-table.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import { isStored, PutMessageStatus } from '../../store/put-message.ts';
import type { BrokerContext, BrokerProcessor } from '../broker-context.ts';

const UNKNOWN = 0;

export const processEndTransaction: BrokerProcessor<typeof endTransaction> = (context, request) => {
  const { header, command, connection } = request;
  const { commitOrRollback } = header;
  const commit = commitOrRollback === SysFlag.TRANSACTION_COMMIT;
  if (!commit && commitOrRollback !== SysFlag.TRANSACTION_ROLLBACK && commitOrRollback !== UNKNOWN) {
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, 'commitOrRollback field wrong');
  }
  if (commitOrRollback === UNKNOWN) {
    const why = command.remark === undefined ? '' : `: ${command.remark}`;
    context.logger.debug(`${connection.remoteAddr} does not know yet how ${header.transactionId} ends${why}`);
    return undefined;
  }
  const half = context.transactions.find(header);
  context.transactions.end(half, commit, (status) => request.respond(answer(context, status)));
  return SUSPENDED;
};

function answer({ config }: BrokerContext, status: PutMessageStatus): Reply<(typeof endTransaction)['response']> {
  if (isStored(status)) return { code: ResponseCode.SUCCESS };
  switch (status) {
    case PutMessageStatus.CREATE_MAPEDFILE_FAILED:
      return { code: ResponseCode.SYSTEM_ERROR, remark: 'Create mapped file failed.' };
    case PutMessageStatus.MESSAGE_ILLEGAL:
    case PutMessageStatus.PROPERTIES_SIZE_EXCEEDED: {
      const limits = `msg body length limit ${config.maxMessageSize}B, msg properties length limit 32KB.`;
      const remark = `The message is illegal, maybe msg body or properties length not matched. ${limits}`;
      return { code: ResponseCode.MESSAGE_ILLEGAL, remark };
    }
    case PutMessageStatus.SERVICE_NOT_AVAILABLE:
      return { code: ResponseCode.SERVICE_NOT_AVAILABLE, remark: 'Service not available now.' };
    case PutMessageStatus.OS_PAGECACHE_BUSY:
      return { code: ResponseCode.SYSTEM_ERROR, remark: 'OS page cache busy, please try another machine' };
    default:
      return { code: ResponseCode.SYSTEM_ERROR, remark: 'UNKNOWN_ERROR' };
  }
}
