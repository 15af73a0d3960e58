/**
 * A scripted broker with just enough of consumer groups: queues a test fills, held pulls, offsets, a member list the test
 * decides. Notes what consumers do; whatever a test wants refused is refused.
 */

import { encodeMessage } from '../../../../src/core/message/message-codec.ts';
import type { Property } from '../../../../src/core/message/properties.ts';
import { encodeConsumerList } from '../../../../src/core/protocol/bodies/consumer-list.ts';
import { decodeHeartbeatData, type HeartbeatData } from '../../../../src/core/protocol/bodies/heartbeat-data.ts';
import {
  decodeLockBatchRequestBody,
  encodeLockBatchResponseBody,
} from '../../../../src/core/protocol/bodies/lock-batch.ts';
import { consumerSendMsgBack } from '../../../../src/core/protocol/requests/consumer-send-msg-back.ts';
import { getConsumerListByGroup } from '../../../../src/core/protocol/requests/get-consumer-list-by-group.ts';
import { getMaxOffset } from '../../../../src/core/protocol/requests/get-max-offset.ts';
import { getMinOffset } from '../../../../src/core/protocol/requests/get-min-offset.ts';
import { heartBeat } from '../../../../src/core/protocol/requests/heart-beat.ts';
import { lockBatchMq } from '../../../../src/core/protocol/requests/lock-batch-mq.ts';
import { notifyConsumerIdsChanged } from '../../../../src/core/protocol/requests/notify-consumer-ids-changed.ts';
import { pullMessage } from '../../../../src/core/protocol/requests/pull-message.ts';
import { queryConsumerOffset } from '../../../../src/core/protocol/requests/query-consumer-offset.ts';
import { sendMessageV2 } from '../../../../src/core/protocol/requests/send-message-v2.ts';
import { unlockBatchMq } from '../../../../src/core/protocol/requests/unlock-batch-mq.ts';
import { updateConsumerOffset } from '../../../../src/core/protocol/requests/update-consumer-offset.ts';
import type { RequestHeaderOf } from '../../../../src/core/protocol/schema.ts';
import type { Connection } from '../../../../src/core/remoting/connection.ts';
import {
  type ProcessorTable,
  type Reply,
  type Request,
  SUSPENDED,
} from '../../../../src/core/remoting/processor-table.ts';
import { createRequest } from '../../../../src/core/remoting/remoting-command.ts';
import { pulled } from './message-fixture.ts';

type Pull = Request<typeof pullMessage.request, typeof pullMessage.response>;

export interface Put {
  body?: string;
  properties?: Partial<Record<(typeof Property)[keyof typeof Property], string>>;
}

export class GroupBroker {
  /** `T 0` -> records; the index is the queue offset minus `first`. */
  readonly #queues = new Map<string, Buffer[]>();
  #held: Pull[] = [];
  /** First offset each queue still has. */
  first = 0;
  /** Broker id the next pull should go to. */
  suggest = 0;
  /** Member ids handed out instead of those that sent heartbeats. */
  members: ((online: string[]) => string[]) | undefined;
  readonly heartbeats: HeartbeatData[] = [];
  readonly pulls: Array<RequestHeaderOf<typeof pullMessage>> = [];
  /** `T 0` -> committed offset. */
  readonly offsets = new Map<string, number>();
  /** Every commit: `T 0 7`. */
  readonly commits: string[] = [];
  readonly sentBack: Array<RequestHeaderOf<typeof consumerSendMsgBack>> = [];
  readonly sent: Array<RequestHeaderOf<typeof sendMessageV2>> = [];
  /** Response code to CONSUMER_SEND_MSG_BACK and to sends. */
  sendBackCode = 0;
  sendCode = 0;
  /** `lock T 0,T 1` and `unlock T 0`, in order. */
  readonly lockCalls: string[] = [];
  /** `T 0` of the queues that somebody else has locked. */
  readonly lockedByOthers = new Set<string>();
  /** Response code to LOCK_BATCH_MQ. */
  lockCode = 0;
  connections = new Set<Connection>();

  readonly register = (table: ProcessorTable<undefined>): void => {
    table.register(heartBeat, (_, { body, connection }) => {
      this.heartbeats.push(decodeHeartbeatData(body));
      this.connections.add(connection);
      return { code: 0 };
    });
    table.register(getConsumerListByGroup, () => {
      const online = [...new Set(this.heartbeats.map((heartbeat) => heartbeat.clientID))];
      return { code: 0, body: encodeConsumerList({ consumerIdList: this.members?.(online) ?? online }) };
    });
    table.register(queryConsumerOffset, (_, { header }) => {
      const offset = this.offsets.get(`${header.topic} ${header.queueId}`);
      return offset === undefined ? { code: 22, remark: 'Not found' } : { code: 0, header: { offset } };
    });
    table.register(getMaxOffset, (_, { header }) => ({ code: 0, header: { offset: this.#end(header) } }));
    table.register(getMinOffset, () => ({ code: 0, header: { offset: this.first } }));
    table.register(updateConsumerOffset, (_, { header }) => {
      this.offsets.set(`${header.topic} ${header.queueId}`, header.commitOffset);
      this.commits.push(`${header.topic} ${header.queueId} ${header.commitOffset}`);
      return { code: 0 };
    });
    table.register(lockBatchMq, (_, { body }) => {
      const { mqSet } = decodeLockBatchRequestBody(body);
      this.lockCalls.push(`lock ${mqSet.map((mq) => `${mq.topic} ${mq.queueId}`)}`);
      if (this.lockCode !== 0) return { code: this.lockCode, remark: 'scripted' };
      const lockOKMQSet = mqSet.filter((mq) => !this.lockedByOthers.has(`${mq.topic} ${mq.queueId}`));
      return { code: 0, body: encodeLockBatchResponseBody({ lockOKMQSet }) };
    });
    table.register(unlockBatchMq, (_, { body }) => {
      const { mqSet } = decodeLockBatchRequestBody(body);
      this.lockCalls.push(`unlock ${mqSet.map((mq) => `${mq.topic} ${mq.queueId}`)}`);
      return { code: 0 };
    });
    table.register(consumerSendMsgBack, (_, { header }) => {
      this.sentBack.push(header);
      return { code: this.sendBackCode, remark: 'scripted' };
    });
    table.register(sendMessageV2, (_, { header }) => {
      this.sent.push(header);
      return { code: this.sendCode, remark: 'scripted', header: { msgId: 'X', queueId: header.e, queueOffset: 0 } };
    });
    table.register(pullMessage, (_, request) => {
      this.pulls.push(request.header);
      const reply = this.#answer(request);
      if (reply === undefined) this.#held.push(request);
      return reply ?? SUSPENDED;
    });
  };

  /** Appends a message to a queue and wakes the pulls that wait for it. */
  put(topic: string, queueId: number, { body = 'x', properties = {} }: Put = {}): void {
    const key = `${topic} ${queueId}`;
    const records = this.#queues.get(key) ?? [];
    this.#queues.set(key, records);
    const offset = this.first + records.length;
    records.push(
      encodeMessage(pulled(offset, { topic, queueId, body: Buffer.from(body), properties: { ...properties } })),
    );
    const waiting = this.#held;
    this.#held = [];
    for (const request of waiting) {
      const reply = this.#answer(request);
      if (reply === undefined) this.#held.push(request);
      else request.respond(reply);
    }
  }

  /** NOTIFY_CONSUMER_IDS_CHANGED to every client. */
  notify(consumerGroup: string): void {
    for (const connection of this.connections)
      connection.oneway(createRequest(notifyConsumerIdsChanged, { consumerGroup }));
  }

  #end({ topic, queueId }: { topic: string; queueId: number }): number {
    return this.first + (this.#queues.get(`${topic} ${queueId}`)?.length ?? 0);
  }

  #answer({ header }: Pull): Reply<typeof pullMessage.response> | undefined {
    const maxOffset = this.#end(header);
    const answer = { suggestWhichBrokerId: this.suggest, minOffset: this.first, maxOffset };
    if (header.queueOffset < this.first) return { code: 21, header: { ...answer, nextBeginOffset: this.first } };
    if (header.queueOffset >= maxOffset) return undefined;
    const records = this.#queues.get(`${header.topic} ${header.queueId}`) ?? [];
    const batch = records.slice(header.queueOffset - this.first).slice(0, header.maxMsgNums);
    return {
      code: 0,
      header: { ...answer, nextBeginOffset: header.queueOffset + batch.length },
      body: Buffer.concat(batch),
    };
  }
}
