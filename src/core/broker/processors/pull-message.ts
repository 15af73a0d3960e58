/**
 * PULL_MESSAGE (11), LITE_PULL_MESSAGE (361): messages of one queue from an offset; a request that finds nothing new waits
 * for a message (long polling).
 * Behaviour: checks in Java's order (broker permission, group, topic, queueId, subscription); the store's status becomes
 *   code and remark; a request with the suspend flag that would get 19 is held by PullHold and evaluated once more when
 *   it is woken; the commit flag commits on the first evaluation, also when the request is then held. Code 21 also
 *   appends an OFFSET_MOVED_EVENT message.
 * Differences from 4.9: the reason of a wrong expression is in the remark; a hold time above 30 s counts as 30 s (Go
 *   clients send nanoseconds); at the limit of held requests the answer is [OVERLOAD], code 2.
 * Version notes: 361 of 5.x is the same request; its maxMsgBytes is not read.
 */

import type { pullMessage } from '../../protocol/requests/pull-message.ts';
import { ResponseCode } from '../../protocol/response-code.ts';
import type { Connection } from '../../remoting/connection.ts';
import { type ProcessorResult, type Reply, type Request, SUSPENDED } from '../../remoting/processor-table.ts';
import { ReplyError } from '../../remoting/reply-error.ts';
import { type GetMessageResult, GetMessageStatus, type TagFilter } from '../../store/get-message.ts';
import type { BrokerContext, BrokerProcessor } from '../broker-context.ts';
import { faqText } from '../faq-text.ts';
import { getMatching } from '../filter/get-matching.ts';
import { appendOffsetMovedEvent } from '../offset-moved-event.ts';
import { isReadable } from '../perm-name.ts';
import type { HeldPull } from '../pull-hold.ts';
import { pullSubscription } from '../pull-subscription.ts';

const FLAG_COMMIT_OFFSET = 1;
const FLAG_SUSPEND = 2;

const MAX_HOLD_MS = 30_000;
/** Pulls go to the master as long as there are no slaves that may be read. */
const MASTER_ID = 0;

/** What the objects of a held request take beside its fields. */
const HELD_BYTES = 700;

const OVERLOAD = '[OVERLOAD]system busy, start flow control for a while';

type PullRequest = Request<(typeof pullMessage)['request'], (typeof pullMessage)['response']>;
type PullReply = Reply<(typeof pullMessage)['response']>;
type PullOutcome = ProcessorResult<(typeof pullMessage)['response']>;

export const processPullMessage: BrokerProcessor<typeof pullMessage> = (context, request) =>
  pull(context, request, true);

/** One evaluation. Throws ReplyError. */
function pull(context: BrokerContext, request: PullRequest, maySuspend: boolean): PullOutcome | Promise<PullOutcome> {
  const { header } = request;
  checkAllowed(context, request);
  const { filter, matches } = pullSubscription(context, header);
  if (matches !== undefined) {
    return getMatching(context.store, header, matches).then((result) =>
      answer(context, request, result, { filter, maySuspend }),
    );
  }
  const { topic, queueId, queueOffset, maxMsgNums } = header;
  const result = context.store.getMessage(topic, queueId, queueOffset, maxMsgNums, filter);
  return answer(context, request, result, { filter, maySuspend });
}

/** Throws ReplyError. */
function answer(
  context: BrokerContext,
  request: PullRequest,
  result: GetMessageResult,
  { filter, maySuspend }: { filter: TagFilter | undefined; maySuspend: boolean },
): PullOutcome | Promise<PullOutcome> {
  const { header } = request;
  const { consumerGroup, topic, queueId, queueOffset } = header;
  if (maySuspend && (header.sysFlag & FLAG_COMMIT_OFFSET) !== 0) {
    context.offsets.commit(consumerGroup, topic, queueId, header.commitOffset);
  }
  const code = codeOf(result, queueOffset);
  if (code === ResponseCode.PULL_NOT_FOUND && maySuspend && (header.sysFlag & FLAG_SUSPEND) !== 0) {
    if (context.pullHold.hold(new Held(context, request, filter))) return SUSPENDED;
    throw new ReplyError(ResponseCode.SYSTEM_BUSY, OVERLOAD);
  }
  if (code === ResponseCode.SUCCESS) {
    context.stats.items.groupGot(consumerGroup, topic, result.messageCount, result.totalBytes);
  }
  if (code === ResponseCode.PULL_OFFSET_MOVED) appendOffsetMovedEvent(context, header, result.nextBeginOffset);
  if (result.cold.length > 0) {
    // Which are damaged on the disk is known when they were read: none may be left.
    const began = context.clock.monotonic();
    return context.store.readCold(result).then(() => {
      const ms = Math.round(context.clock.monotonic() - began);
      context.stats.items.groupReadTook(consumerGroup, header, ms);
      return replyOf(context, codeOf(result, queueOffset), result);
    });
  }
  // What is in memory is there at once.
  if (code === ResponseCode.SUCCESS) context.stats.items.groupReadTook(consumerGroup, header, 0);
  return replyOf(context, code, result);
}

/** Throws ReplyError when the group or the topic may not be pulled. */
function checkAllowed(context: BrokerContext, request: PullRequest): void {
  const { config, groups, topics } = context;
  const { consumerGroup, topic, queueId } = request.header;
  if (!isReadable(config.brokerPermission)) {
    throw new ReplyError(ResponseCode.NO_PERMISSION, `the broker[${config.brokerIP1}] pulling message is forbidden`);
  }
  const group = groups.find(consumerGroup);
  if (group === undefined) {
    const remark = `subscription group [${consumerGroup}] does not exist, ${faqText}`;
    throw new ReplyError(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, remark);
  }
  if (!group.consumeEnable) {
    throw new ReplyError(ResponseCode.NO_PERMISSION, `subscription group no permission, ${consumerGroup}`);
  }
  const topicConfig = topics.select(topic);
  if (topicConfig === undefined) {
    throw new ReplyError(ResponseCode.TOPIC_NOT_EXIST, `topic[${topic}] not exist, apply first please! ${faqText}`);
  }
  if (!isReadable(topicConfig.perm)) {
    throw new ReplyError(ResponseCode.NO_PERMISSION, `the topic[${topic}] pulling message is forbidden`);
  }
  if (queueId < 0 || queueId >= topicConfig.readQueueNums) {
    const limit = `topicConfig.readQueueNums:[${topicConfig.readQueueNums}]`;
    const consumer = `consumer:[/${request.connection.remoteAddr}]`;
    const remark = `queueId[${queueId}] is illegal, topic:[${topic}] ${limit} ${consumer}`;
    throw new ReplyError(ResponseCode.SYSTEM_ERROR, remark);
  }
}

/** The response code of a status (behaviours.md section 6). */
function codeOf(result: GetMessageResult, queueOffset: number): number {
  switch (result.status) {
    case GetMessageStatus.FOUND:
      return ResponseCode.SUCCESS;
    case GetMessageStatus.NO_MATCHED_MESSAGE:
    case GetMessageStatus.MESSAGE_WAS_REMOVING:
      return ResponseCode.PULL_RETRY_IMMEDIATELY;
    case GetMessageStatus.OFFSET_FOUND_NULL:
    case GetMessageStatus.OFFSET_OVERFLOW_ONE:
      return ResponseCode.PULL_NOT_FOUND;
    case GetMessageStatus.NO_MATCHED_LOGIC_QUEUE:
    case GetMessageStatus.NO_MESSAGE_IN_QUEUE:
      return queueOffset === 0 ? ResponseCode.PULL_NOT_FOUND : ResponseCode.PULL_OFFSET_MOVED;
    case GetMessageStatus.OFFSET_OVERFLOW_BADLY:
    case GetMessageStatus.OFFSET_TOO_SMALL:
      return ResponseCode.PULL_OFFSET_MOVED;
  }
}

function replyOf({ store }: BrokerContext, code: number, result: GetMessageResult): PullReply {
  const { nextBeginOffset, minOffset, maxOffset } = result;
  return {
    code,
    remark: result.status,
    header: { suggestWhichBrokerId: MASTER_ID, nextBeginOffset, minOffset, maxOffset },
    body: code === ResponseCode.SUCCESS ? result.segments : undefined,
    written: result.held.length > 0 ? () => store.letGo(result) : undefined,
  };
}

/** A pull request that waits in PullHold. */
class Held implements HeldPull {
  readonly topic: string;
  readonly queueId: number;
  readonly offset: number;
  readonly holdUntil: number;
  readonly connection: Connection;
  readonly bytes: number;
  readonly #context: BrokerContext;
  readonly #request: PullRequest;
  readonly #filter: TagFilter | undefined;

  constructor(context: BrokerContext, request: PullRequest, filter: TagFilter | undefined) {
    const { topic, queueId, queueOffset, suspendTimeoutMillis } = request.header;
    const { longPollingEnable, shortPollingTimeMills } = context.config;
    this.topic = topic;
    this.queueId = queueId;
    this.offset = queueOffset;
    const holdMs = longPollingEnable ? Math.min(suspendTimeoutMillis, MAX_HOLD_MS) : shortPollingTimeMills;
    this.holdUntil = context.clock.monotonic() + holdMs;
    this.connection = request.connection;
    this.bytes = HELD_BYTES + (request.command.frameLength ?? 0);
    this.#context = context;
    this.#request = request;
    this.#filter = filter;
  }

  get abandoned(): boolean {
    return this.connection.closed;
  }

  matches(tagsCode: number): boolean {
    return this.#filter === undefined || this.#filter(tagsCode);
  }

  resume(): void {
    try {
      const outcome = pull(this.#context, this.#request, false);
      if (outcome instanceof Promise) {
        this.connection.answerBegins();
        outcome
          .then(this.#respond)
          .catch(this.#fail)
          .finally(() => this.connection.answerEnds());
      } else this.#respond(outcome);
    } catch (error) {
      this.#fail(error);
    }
  }

  readonly #respond = (outcome: PullOutcome): void => {
    if (outcome !== SUSPENDED && outcome !== undefined) this.#request.respond(outcome);
  };

  readonly #fail = (error: unknown): void => {
    if (!(error instanceof ReplyError)) this.#context.logger.error('a held pull request failed', error);
    const code = error instanceof ReplyError ? error.responseCode : ResponseCode.SYSTEM_ERROR;
    this.#request.respond({ code, remark: error instanceof Error ? error.message : String(error) });
  };
}
