/**
 * The message a broker writes to OFFSET_MOVED_EVENT when it sends a consumer to another offset (code 21 of a pull): TAGS and
 * KEYS name the group, the body says from where to where. Mirrors PullMessageProcessor.generateOffsetMovedEvent.
 */

import { stringifyFastJson } from '../common/fastjson.ts';
import { encodeProperties, Property } from '../message/properties.ts';
import { tagsCode } from '../message/tags.ts';
import { Topic } from '../message/topic-validator.ts';
import type { BrokerContext } from './broker-context.ts';

/** The pull request that asked for a wrong offset. */
interface MisledPull {
  readonly consumerGroup: string;
  readonly topic: string;
  readonly queueId: number;
  readonly queueOffset: number;
}

const nobody = { onPut(): void {} };

/** Fails without a word: the pull is answered in any case. */
export function appendOffsetMovedEvent(context: BrokerContext, pull: MisledPull, offsetNew: number): void {
  const { consumerGroup, topic, queueId, queueOffset } = pull;
  const { brokerName } = context.config;
  const event = { consumerGroup, messageQueue: { topic, brokerName, queueId }, offsetRequest: queueOffset, offsetNew };
  const body = Buffer.from(stringifyFastJson(event));
  const text = encodeProperties({ [Property.TAGS]: consumerGroup, [Property.KEYS]: consumerGroup });
  const properties = Buffer.from(text);
  context.store.putMessage(
    {
      topic: Topic.OFFSET_MOVED_EVENT,
      queueId: 0,
      flag: 0,
      sysFlag: 0,
      bornTimestamp: context.clock.now(),
      bornHost: context.storeHost,
      reconsumeTimes: 0,
      preparedTransactionOffset: 0,
      body,
      bodyStart: 0,
      bodyEnd: body.length,
      properties,
      propertiesStart: 0,
      propertiesEnd: properties.length,
      tagsCode: tagsCode(consumerGroup),
    },
    nobody,
  );
}
