/**
 * The one place where a sent message becomes a stored one: which topics may be sent to, which queue it goes to, what the
 * draft for the store looks like. Both ways in (processors/send-message.ts with a decoded header, send-message-raw.ts
 * over the frame's bytes) end here, so that there is one set of rules. Mirrors AbstractSendMessageProcessor.msgCheck and
 * SendMessageProcessor.asyncSendMessage.
 *
 * Differences from 4.9: a message whose sysFlag says that it begins or ends a transaction and whose properties do not (TRAN_MSG)
 * is refused instead of being stored where nobody would ever find it; the DELAY of a message that goes to the dead letter queue
 * has no effect (Java delays it).
 */

import type { Clock } from '../common/clock.ts';
import type { BrokerConfig } from '../common/config-schema.ts';
import type { MessageDraft } from '../message/message-draft.ts';
import { decodeProperties, Property } from '../message/properties.ts';
import { entersQueue, SysFlag, transactionType } from '../message/sys-flag.ts';
import {
  DLQ_GROUP_TOPIC_PREFIX,
  isForbiddenForSend,
  RETRY_GROUP_TOPIC_PREFIX,
  topicFault,
} from '../message/topic-validator.ts';
import type { TopicConfig } from '../protocol/bodies/topic-config.ts';
import type { SendMessageHeader } from '../protocol/requests/send-message.ts';
import { ResponseCode } from '../protocol/response-code.ts';
import type { Connection } from '../remoting/connection.ts';
import { ReplyError } from '../remoting/reply-error.ts';
import type { MessageStore } from '../store/message-store.ts';
import { type PutListener, PutMessageStatus } from '../store/put-message.ts';
import type { BatchProperties } from './batch-properties.ts';
import type { BrokerStats } from './broker-stats.ts';
import { faqText } from './faq-text.ts';
import { isWriteable, PERM_READ, PERM_WRITE } from './perm-name.ts';
import { isConsumedTooOften } from './reconsume-limit.ts';
import type { ScheduleMessageService } from './schedule/schedule-message-service.ts';
import { StoredProperties } from './stored-properties.ts';
import type { SubscriptionGroupManager } from './subscription-group-manager.ts';
import type { TimerMessageService } from './timer/timer-message-service.ts';
import type { TopicConfigManager } from './topic-config-manager.ts';
import { formatTopicConfig, TOPIC_SYS_FLAG_UNIT, TOPIC_SYS_FLAG_UNIT_SUB } from './topic-config-text.ts';
import { halfDraft } from './transaction/half-message.ts';

/** The fields of a send header that go into the record. The raw scanner is one itself. */
export interface SendFields {
  readonly flag: number;
  readonly sysFlag: number;
  readonly bornTimestamp: number;
  readonly reconsumeTimes: number;
}

/** A message's body in its sender's buffer. */
export interface BodyRange {
  buffer: Buffer;
  start: number;
  end: number;
}

export interface MessagePutOptions {
  config: BrokerConfig;
  clock: Clock;
  /** [0, 1), as Math.random. */
  random: () => number;
  store: MessageStore;
  stats: BrokerStats;
  topics: TopicConfigManager;
  groups: SubscriptionGroupManager;
  schedule: ScheduleMessageService;
  timers: TimerMessageService;
}

export class MessagePut {
  /** Where a sender's properties are read into before put(). */
  readonly properties: StoredProperties;
  readonly #options: MessagePutOptions;
  readonly #draft: MessageDraft;

  constructor(options: MessagePutOptions) {
    this.#options = options;
    this.properties = new StoredProperties(options.config.brokerClusterName);
    const nothing = Buffer.alloc(0);
    this.#draft = {
      topic: '',
      queueId: 0,
      flag: 0,
      sysFlag: 0,
      bornTimestamp: 0,
      bornHost: nothing,
      reconsumeTimes: 0,
      preparedTransactionOffset: 0,
      body: nothing,
      bodyStart: 0,
      bodyEnd: 0,
      properties: this.properties.bytes,
      propertiesStart: 0,
      propertiesEnd: 0,
      tagsCode: 0,
      keys: this.properties,
      waitStoreMsgOK: true,
    };
  }

  /** False before startAcceptSendRequestTimeStamp. */
  acceptsSends(): boolean {
    const from = this.#options.config.startAcceptSendRequestTimeStamp;
    return from === 0 || this.#options.clock.now() >= from;
  }

  /** The topic if it exists and sending to it needs no further rule than its number of queues. */
  plainTopic(topic: string): TopicConfig | undefined {
    if (topic.startsWith(RETRY_GROUP_TOPIC_PREFIX) || this.#refusalOfTopic(topic) !== undefined) return undefined;
    const { topics } = this.#options;
    return topics.saving(topic) === undefined ? topics.select(topic) : undefined;
  }

  /**
   * The topic a header names, created when it may be. Throws ReplyError in Java's order: topic rules, unknown topic,
   * queueId.
   */
  admit(header: SendMessageHeader, remoteAddr: string): TopicConfig {
    const refusal = this.#refusalOfTopic(header.topic);
    if (refusal !== undefined) throw refusal;
    const config = this.#options.topics.select(header.topic) ?? this.#create(header);
    if (header.queueId >= queueIdLimit(config)) {
      const illegal = `request queueId[${header.queueId}] is illegal, ${formatTopicConfig(config)} Producer: ${remoteAddr}`;
      throw new ReplyError(ResponseCode.SYSTEM_ERROR, illegal);
    }
    return config;
  }

  /**
   * Where a message to a retry topic really goes: the topic itself, or the group's dead letter topic once it was consumed
   * too often. Throws ReplyError for a group that does not exist.
   */
  reroute(config: TopicConfig, header: SendMessageHeader, version: number): TopicConfig {
    if (!header.topic.startsWith(RETRY_GROUP_TOPIC_PREFIX)) return config;
    const { groups, topics } = this.#options;
    const group = header.topic.slice(RETRY_GROUP_TOPIC_PREFIX.length);
    const groupConfig = groups.require(group);
    const client = { version, maxReconsumeTimes: header.maxReconsumeTimes };
    if (!isConsumedTooOften(header.reconsumeTimes ?? 0, groupConfig, client)) return config;
    return topics.createInSendBack(DLQ_GROUP_TOPIC_PREFIX + group, 1, PERM_WRITE | PERM_READ, 0);
  }

  /** Whether a message with the properties just read is stored as it is, in its own queue. */
  isPlain(sysFlag: number): boolean {
    const { delayLevel, transactional, timed } = this.properties;
    return delayLevel === 0 && !transactional && !timed && transactionType(sysFlag) === 0;
  }

  /**
   * Whether a message with the properties just read begins a transaction. Throws ReplyError when none may begin, or when
   * nobody could end it. Clients before 4.6.1 leave TRAN_MSG in messages that consumers give back.
   */
  beginsTransaction({ sysFlag, reconsumeTimes = 0 }: Pick<SendMessageHeader, 'sysFlag' | 'reconsumeTimes'>): boolean {
    const { transactional, delayLevel, timed } = this.properties;
    if (transactional && !(reconsumeTimes > 0 && delayLevel > 0)) {
      const { config } = this.#options;
      if (timed) {
        const why = 'one that begins a transaction has no time to be delivered at';
        throw new ReplyError(ResponseCode.MESSAGE_ILLEGAL, `the message is illegal: ${why}`);
      }
      if (!config.rejectTransactionMessage) return true;
      const forbidden = `the broker[${config.brokerIP1}] sending transaction message is forbidden`;
      throw new ReplyError(ResponseCode.NO_PERMISSION, forbidden);
    }
    if (entersQueue(sysFlag)) return false;
    const why = `its sysFlag ${sysFlag} is that of a transaction, its property TRAN_MSG is not true`;
    throw new ReplyError(ResponseCode.MESSAGE_ILLEGAL, `the message is illegal: ${why}`);
  }

  /** The queue of a message whose header leaves the choice to the broker (queueId < 0), or the queue it names. */
  chooseQueue(config: TopicConfig, queueId: number): number {
    return queueId >= 0 ? queueId : Math.floor(this.#options.random() * config.writeQueueNums);
  }

  /** Hands the message to the store with the properties last read. The listener is called once, after the write. */
  put(config: TopicConfig, queueId: number, message: PutMessage, listener: PutListener): void {
    const draft = this.#fill(config, queueId, message);
    const { properties } = this;
    draft.properties = properties.bytes;
    draft.propertiesEnd = properties.length;
    draft.tagsCode = properties.tagsCode;
    draft.keys = properties;
    draft.waitStoreMsgOK = properties.waitStoreMsgOK;
    this.#options.stats.putBegins();
    this.#options.store.putMessage(draft, listener);
  }

  /**
   * The same for a message with a delay, or a time it is to be delivered at; `properties` are the sender's text. It waits in
   * its level's queue, or in the timer queue.
   */
  putDelayed(
    config: TopicConfig,
    queueId: number,
    message: PutMessage & { properties: string },
    listener: PutListener,
  ) {
    const { config: own, stats, schedule, timers } = this.#options;
    const properties = { ...decodeProperties(message.properties), [Property.CLUSTER]: own.brokerClusterName };
    const draft: MessageDraft = { ...this.#fill(config, queueId, message), keys: undefined };
    draft.waitStoreMsgOK = this.properties.waitStoreMsgOK;
    stats.putBegins();
    if (this.properties.delayLevel > 0 || !timers.put(draft, properties, listener)) {
      schedule.put(draft, properties, listener);
    }
  }

  /** The same for a message whose properties are stored as its sender wrote them; no tag of it is filtered by. */
  putVerbatim(
    config: TopicConfig,
    queueId: number,
    message: PutMessage & { properties: string },
    listener: PutListener,
  ): void {
    const properties = Buffer.from(message.properties);
    const draft: MessageDraft = { ...this.#fill(config, queueId, message), keys: undefined, tagsCode: 0 };
    draft.properties = properties;
    draft.propertiesEnd = properties.length;
    draft.waitStoreMsgOK = true;
    this.#options.stats.putBegins();
    this.#options.store.putMessage(draft, listener);
  }

  /** The same for a message that begins a transaction: it waits in the half queue for its end. */
  putHalf(config: TopicConfig, queueId: number, message: PutMessage & { properties: string }, listener: PutListener) {
    const { config: own, stats, store } = this.#options;
    const properties = { ...decodeProperties(message.properties), [Property.CLUSTER]: own.brokerClusterName };
    const draft: MessageDraft = { ...this.#fill(config, queueId, message) };
    draft.waitStoreMsgOK = this.properties.waitStoreMsgOK;
    stats.putBegins();
    store.putMessage(halfDraft(draft, properties), listener);
  }

  /**
   * The same for a batch, whose body holds the messages. A batch with a delay is illegal, as one with a transaction is,
   * which the store sees itself.
   */
  putBatch(config: TopicConfig, queueId: number, batch: PutBatch, listener: PutListener): void {
    const { stats, store, clock } = this.#options;
    const draft = this.#fill(config, queueId, batch);
    draft.properties = batch.properties;
    draft.propertiesEnd = batch.properties.length;
    draft.keys = undefined;
    draft.waitStoreMsgOK = batch.waitStoreMsgOK;
    stats.putBegins();
    if (batch.delayLevel > 0 && store.notWriteableBecause === undefined) {
      listener.onPut(PutMessageStatus.MESSAGE_ILLEGAL, -1, -1, clock.now(), 0);
    } else store.putMessageBatch(draft, listener);
  }

  #fill(config: TopicConfig, queueId: number, message: PutMessage): MessageDraft {
    const draft = this.#draft;
    const { fields, body } = message;
    draft.topic = config.topicName;
    draft.queueId = queueId;
    draft.flag = fields.flag;
    draft.sysFlag = config.topicFilterType === 'MULTI_TAG' ? fields.sysFlag | SysFlag.MULTI_TAGS : fields.sysFlag;
    draft.bornTimestamp = fields.bornTimestamp;
    draft.bornHost = message.connection.remoteHost;
    draft.reconsumeTimes = fields.reconsumeTimes;
    draft.body = body.buffer;
    draft.bodyStart = body.start;
    draft.bodyEnd = body.end;
    return draft;
  }

  #refusalOfTopic(topic: string): ReplyError | undefined {
    const { config, topics } = this.#options;
    if (!isWriteable(config.brokerPermission) && topics.isOrderTopic(topic)) {
      return new ReplyError(ResponseCode.NO_PERMISSION, `the broker[${config.brokerIP1}] sending message is forbidden`);
    }
    const fault = topicFault(topic);
    if (fault !== undefined) return new ReplyError(ResponseCode.SYSTEM_ERROR, fault);
    if (isForbiddenForSend(topic)) {
      return new ReplyError(ResponseCode.NO_PERMISSION, `Sending message to topic[${topic}] is forbidden.`);
    }
    return undefined;
  }

  #create(header: SendMessageHeader): TopicConfig {
    const { topics } = this.#options;
    const isRetry = header.topic.startsWith(RETRY_GROUP_TOPIC_PREFIX);
    const sysFlag = header.unitMode === true ? (isRetry ? TOPIC_SYS_FLAG_UNIT_SUB : TOPIC_SYS_FLAG_UNIT) : 0;
    const created = topics.createInSend(header.topic, header.defaultTopic, header.defaultTopicQueueNums, sysFlag);
    if (created !== undefined) return created;
    if (isRetry) return topics.createInSendBack(header.topic, 1, PERM_WRITE | PERM_READ, sysFlag);
    throw new ReplyError(
      ResponseCode.TOPIC_NOT_EXIST,
      `topic[${header.topic}] not exist, apply first please!${faqText}`,
    );
  }
}

/** queueIds below this are taken, though some of them may have no writer or no reader. */
export function queueIdLimit(config: TopicConfig): number {
  return Math.max(config.writeQueueNums, config.readQueueNums);
}

/** What put() takes beside topic and queue. One mutable object may be used again: nothing of it is kept. */
export interface PutMessage {
  fields: SendFields;
  body: BodyRange;
  connection: Connection;
}

export interface PutBatch extends PutMessage, BatchProperties {}
