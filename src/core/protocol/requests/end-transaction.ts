/** END_TRANSACTION (37): commits or rolls back a half message; one-way. */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const endTransaction = defineRequest({
  code: RequestCode.END_TRANSACTION,
  javaClass: 'EndTransactionRequestHeader',
  request: {
    producerGroup: required('string'),
    /** queueOffset of the half message. */
    tranStateTableOffset: required('long'),
    /** Commit-log offset of the half message. */
    commitLogOffset: required('long'),
    /** 8 commit, 12 rollback, 0 unknown. */
    commitOrRollback: required('int'),
    fromTransactionCheck: optional('boolean'),
    msgId: required('string'),
    transactionId: optional('string'),
    bname: optional('string'),
  },
  responseJavaClass: 'EndTransactionResponseHeader',
});
