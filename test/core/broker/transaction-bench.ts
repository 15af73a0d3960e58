/** A broker with a held clock, producers that say how their transactions end, and a look into the queues of the system. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Broker } from '../../../src/core/broker/broker.ts';
import { systemClock } from '../../../src/core/common/clock.ts';
import type { MessageExt } from '../../../src/core/message/message.ts';
import { decodeMessage } from '../../../src/core/message/message-codec.ts';
import { decodeOffsetMsgId } from '../../../src/core/message/message-id.ts';
import { decodeConsumeQueueAnswer } from '../../../src/core/protocol/bodies/query-consume-queue.ts';
import { checkTransactionState } from '../../../src/core/protocol/requests/check-transaction-state.ts';
import { endTransaction } from '../../../src/core/protocol/requests/end-transaction.ts';
import { heartBeat } from '../../../src/core/protocol/requests/heart-beat.ts';
import { queryConsumeQueue } from '../../../src/core/protocol/requests/query-consume-queue.ts';
import { viewMessageById } from '../../../src/core/protocol/requests/view-message-by-id.ts';
import type { RequestHeaderOf } from '../../../src/core/protocol/schema.ts';
import { ProcessorTable } from '../../../src/core/remoting/processor-table.ts';
import type { RemotingCommand } from '../../../src/core/remoting/remoting-command.ts';
import { HeldClock } from './held-clock.ts';
import { heartbeat } from './pull-fields.ts';
import { connectTo, startBroker, type TestBrokerOptions, type TestClient, temporaryDir } from './test-broker.ts';

export const HALF = 'RMQ_SYS_TRANS_HALF_TOPIC';
export const OP = 'RMQ_SYS_TRANS_OP_HALF_TOPIC';
export const GIVEN_UP = 'TRANS_CHECK_MAX_TIME_TOPIC';
export const GROUP = 'P';
export const COMMIT = 8;
export const ROLLBACK = 12;
/** Of the checks. The default would be too long for connections on which nothing moves. */
export const INTERVAL_MS = 10_000;

/** Looks at the condition that one check may take. */
const TURNS = 100;

type CheckHeader = RequestHeaderOf<typeof checkTransactionState>;
type EndHeader = RequestHeaderOf<typeof endTransaction>;

/** A CHECK_TRANSACTION_STATE as it came. */
export interface Asked {
  readonly header: CheckHeader;
  readonly message: MessageExt;
}

export interface TestProducer extends TestClient {
  readonly asked: Asked[];
  /** Sends a half message and returns what END_TRANSACTION needs. */
  half(key: string, more?: string): Promise<EndHeader>;
  end(header: EndHeader, commitOrRollback: number, more?: Partial<EndHeader>): Promise<RemotingCommand>;
}

export async function startProducer(broker: Broker, group = GROUP): Promise<TestProducer> {
  const asked: Asked[] = [];
  const processors = new ProcessorTable<unknown>(undefined, console as never).register(
    checkTransactionState,
    (_, { header, body }) => {
      asked.push({ header, message: decodeMessage(Buffer.from(body ?? [])) });
      return undefined;
    },
  );
  const client = connectTo(broker.addr, processors);
  await client.ask(heartBeat, {}, heartbeat({ producerDataSet: [{ groupName: group }], consumerDataSet: [] }));
  const half: TestProducer['half'] = async (key, more = '') => {
    const properties = `TAGS\x01TagA\x02KEYS\x01${key}\x02UNIQ_KEY\x01U${key}\x02WAIT\x01true\x02TRAN_MSG\x01true\x02PGROUP\x01${group}`;
    const answer = await client.send({ properties: properties + more, sysFlag: 4, queueId: 1, flag: 7 }, `body ${key}`);
    if (answer.code !== 0) throw new Error(`${answer.code} ${answer.remark}`);
    const { msgId = '', queueOffset } = answer.extFields ?? {};
    return {
      producerGroup: group,
      tranStateTableOffset: Number(queueOffset),
      commitLogOffset: decodeOffsetMsgId(msgId).physicOffset,
      commitOrRollback: 0,
      msgId: `U${key}`,
    };
  };
  const end: TestProducer['end'] = (header, commitOrRollback, more = {}) =>
    client.ask(endTransaction, { ...header, commitOrRollback, ...more });
  return { ...client, asked, half, end };
}

/** Everything in a queue. */
export async function queueOf(client: TestClient, topic = 'TopicTest', queueId = 1): Promise<MessageExt[]> {
  const messages: MessageExt[] = [];
  for (;;) {
    const { body } = await client.ask(queryConsumeQueue, { topic, queueId, index: messages.length, count: 32 });
    const units = body === undefined || body.length === 0 ? [] : (decodeConsumeQueueAnswer(body).queueData ?? []);
    if (units.length === 0) return messages;
    for (const { physicOffset } of units) {
      const view = await client.ask(viewMessageById, { offset: physicOffset });
      messages.push(decodeMessage(Buffer.from(view.body ?? [])));
    }
  }
}

export const halves = (client: TestClient): Promise<MessageExt[]> => queueOf(client, HALF, 0);
/** Queue offsets that the op queue says are done with. */
export const ended = async (client: TestClient): Promise<number[]> =>
  (await queueOf(client, OP, 0)).map(({ body }) => Number(body.toString()));
export const keysOf = (messages: readonly MessageExt[]): (string | undefined)[] =>
  messages.map(({ properties }) => properties.KEYS);

/** Lets checks begin until one has brought about what is waited for. */
export async function checked(clock: HeldClock, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (;;) {
    clock.advance(INTERVAL_MS);
    for (let turn = 0; turn < TURNS; turn++) {
      if (await condition()) return;
      await new Promise<void>((resolve) => void systemClock.after(2, resolve));
    }
  }
}

export interface TransactionBench {
  readonly clock: HeldClock;
  readonly storeDir: string;
  readonly broker: Broker;
  readonly producer: TestProducer;
}

export async function startBench(options: TestBrokerOptions = {}, clock = new HeldClock()): Promise<TransactionBench> {
  const storeDir = options.storeDir ?? temporaryDir();
  const config = { transactionCheckInterval: INTERVAL_MS, ...options.config };
  const broker = await startBroker({ ...options, config, storeDir, clock });
  return { clock, storeDir, broker, producer: await startProducer(broker) };
}

/** The directory as kill -9 would leave it. */
export function crashed(storeDir: string): string {
  const copy = temporaryDir();
  cpSync(storeDir, copy, { recursive: true });
  rmSync(join(copy, 'pocketmq.pid'), { force: true });
  return copy;
}
