/** The queues of one topic, by queueId, and what a put needs to know of the topic: one map look-up a message. */
import { Topic } from '../../message/topic-validator.ts';
import { topicHash } from '../index/index-keys.ts';
import type { ConsumeQueue } from './consume-queue.ts';

export class TopicQueues {
  readonly topic: string;
  /** The topic as the record holds it. */
  readonly bytes: Buffer;
  /** Delayed messages: the tags code of their units is the time they are due. */
  readonly isSchedule: boolean;
  /** What the index makes the hashes of its keys from. */
  readonly indexHash: number;
  /** Sparse: undefined where a queue was not asked for yet. */
  readonly queues: (ConsumeQueue | undefined)[] = [];

  constructor(topic: string) {
    this.topic = topic;
    this.bytes = Buffer.from(topic);
    this.indexHash = topicHash(topic);
    this.isSchedule = topic === Topic.SCHEDULE;
  }
}
