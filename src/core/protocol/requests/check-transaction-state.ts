/**
 * CHECK_TRANSACTION_STATE (39): broker to producer, one-way: what became of this half message? The body is its record.
 * The producer answers by END_TRANSACTION with fromTransactionCheck.
 */
import { RequestCode } from '../request-code.ts';
import { defineRequest, optional, required } from '../schema.ts';

export const checkTransactionState = defineRequest({
  code: RequestCode.CHECK_TRANSACTION_STATE,
  javaClass: 'CheckTransactionStateRequestHeader',
  request: {
    tranStateTableOffset: required('long'),
    commitLogOffset: required('long'),
    msgId: optional('string'),
    transactionId: optional('string'),
    offsetMsgId: optional('string'),
    bname: optional('string'),
  },
});
