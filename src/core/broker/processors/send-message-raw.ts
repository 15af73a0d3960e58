/**
 * SEND_MESSAGE (10), SEND_MESSAGE_V2 (310), the hot path: reads the frame's bytes, copies the message into the store's
 * append buffer and writes the answer from a ready frame, with one small object a message and no promise, string or header
 * object. It takes plain messages to known topics and leaves everything else (false) to send-message.ts.
 * Behaviour: the same as there; both end in MessagePut and SendAnswer, and a test compares the two on mutated frames.
 * Differences from 4.9, version notes: as there.
 */

import type { TopicConfig } from '../../protocol/bodies/topic-config.ts';
import { sendMessage } from '../../protocol/requests/send-message.ts';
import type { Connection } from '../../remoting/connection.ts';
import type { RawFrame, RawProcessor } from '../../remoting/processor-table.ts';
import { FLAG_ONEWAY, SERIALIZE_JSON } from '../../remoting/remoting-command.ts';
import { type PutListener, PutMessageStatus } from '../../store/put-message.ts';
import type { BrokerContext } from '../broker-context.ts';
import { type BodyRange, type PutMessage, queueIdLimit } from '../message-put.ts';
import { SendHeaderScanner } from '../send-header-scanner.ts';
import { TopicBytesCache } from '../topic-bytes-cache.ts';

export function rawSendProcessor(context: BrokerContext): RawProcessor {
  const path = new RawSendPath(context);
  return (frame) => path.take(frame);
}

class RawSendPath {
  readonly #context: BrokerContext;
  readonly #scanner: SendHeaderScanner;
  readonly #topics: TopicBytesCache<TopicConfig>;
  readonly #body: BodyRange = { buffer: Buffer.alloc(0), start: 0, end: 0 };
  #message: PutMessage | undefined;

  constructor(context: BrokerContext) {
    const { messagePut } = context;
    this.#context = context;
    this.#scanner = new SendHeaderScanner(messagePut.properties);
    this.#topics = new TopicBytesCache((topic) => messagePut.plainTopic(topic));
  }

  take(frame: RawFrame): boolean {
    const scanner = this.#scanner;
    const { buffer, connection } = frame;
    if (!scanner.scan(buffer, frame.headerStart, frame.headerEnd)) return false;
    const isOneway = scanner.commandFlag === FLAG_ONEWAY;
    if (!isOneway && scanner.commandFlag !== 0) return false;
    const { messagePut, topics } = this.#context;
    if (!messagePut.acceptsSends() || !messagePut.isPlain(scanner.sysFlag)) return false;
    const topic = this.#topics.find(buffer, scanner.topicStart, scanner.topicEnd, topics.generation);
    const { queueId } = scanner;
    if (topic === undefined || queueId < 0 || queueId >= queueIdLimit(topic)) return false;
    this.#put(frame, topic, new RawSend(this.#context, connection, scanner, isOneway));
    return true;
  }

  #put(frame: RawFrame, topic: TopicConfig, listener: RawSend): void {
    const body = this.#body;
    body.buffer = frame.buffer;
    body.start = frame.headerEnd;
    body.end = frame.bodyEnd;
    this.#message ??= { fields: this.#scanner, body, connection: frame.connection };
    this.#message.connection = frame.connection;
    this.#context.messagePut.put(topic, listener.queueId, this.#message, listener);
  }
}

/** One message between the store and its sender. Also the place its answer names. */
class RawSend implements PutListener {
  readonly queueId: number;
  queueOffset = -1;
  physicOffset = -1;
  readonly #context: BrokerContext;
  readonly #connection: Connection;
  readonly #code: number;
  readonly #opaque: number;
  readonly #isOneway: boolean;

  constructor(context: BrokerContext, connection: Connection, scanner: SendHeaderScanner, isOneway: boolean) {
    this.queueId = scanner.queueId;
    this.#context = context;
    this.#connection = connection;
    this.#code = scanner.code;
    this.#opaque = scanner.opaque;
    this.#isOneway = isOneway;
  }

  onPut(status: PutMessageStatus, physicOffset: number, queueOffset: number): void {
    const { stats, sendAnswer } = this.#context;
    stats.putEnds(status);
    const connection = this.#connection;
    if (this.#isOneway || connection.closed) return;
    this.physicOffset = physicOffset;
    this.queueOffset = queueOffset;
    if (status === PutMessageStatus.PUT_OK) {
      sendAnswer.writeSuccess(connection, this.#opaque, this);
      return;
    }
    connection.reply(this.#command(), sendMessage.response, sendAnswer.reply(status, this));
  }

  /** As much of the request as an answer needs. */
  #command() {
    return {
      code: this.#code,
      flag: 0,
      opaque: this.#opaque,
      language: '',
      version: 0,
      serializeType: SERIALIZE_JSON,
    } as const;
  }
}
