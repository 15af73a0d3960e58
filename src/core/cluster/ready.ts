/**
 * Is a cluster ready? It is when every broker of it takes a message and gives it back. The message goes to the topic that
 * each broker has under its own name (one queue, nobody's), so no topic of a user is touched.
 */

import { Admin } from '../client/admin/admin.ts';
import { clusterInfo } from '../client/admin/cluster-admin.ts';
import { pullQueue } from '../client/consumer/pull.ts';
import { SUBSCRIBE_ALL, tagSubscription } from '../client/consumer/subscription.ts';
import { Producer } from '../client/producer/producer.ts';
import { systemClock } from '../common/clock.ts';
import { PocketError } from '../common/errors.ts';
import { silentLogger } from '../common/logger.ts';

export interface ReadyOptions {
  /** `host:port` of each namesrv, asked again before each try; undefined: not known yet. */
  namesrvAddrs: () => readonly string[] | undefined;
  /** Masters that must be there. */
  brokers: number;
  timeoutMs: number;
  /** Gives up when aborted. */
  signal?: AbortSignal | undefined;
}

export interface ReadyBroker {
  name: string;
  addr: string;
}

const POLL_MS = 10;
const MOST_CALL_MS = 2000;
/** What a cluster gets to answer even when no time is left: `--timeout 0` asks whether it is ready now. */
const LEAST_CALL_MS = 500;
const GROUP = 'pocketmq_wait_ready';

/**
 * Resolves with the brokers once each has taken and given back a message. Rejects with PocketError TIMEOUT that says what
 * was missing last, STOPPED when aborted.
 */
export async function untilReady(options: ReadyOptions): Promise<ReadyBroker[]> {
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    try {
      const left = Math.ceil(deadline - performance.now());
      return await tryCluster(options, Math.min(MOST_CALL_MS, Math.max(LEAST_CALL_MS, left)));
    } catch (cause) {
      if (options.signal?.aborted === true) throw new PocketError('STOPPED', 'the wait was given up', { cause });
      if (performance.now() > deadline) {
        const missing = cause instanceof Error ? cause.message : String(cause);
        const seconds = options.timeoutMs / 1000;
        throw new PocketError('TIMEOUT', `the cluster was not ready within ${seconds} s (${missing})`, { cause });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** `timeoutMs` of each request. */
async function tryCluster({ namesrvAddrs, brokers }: ReadyOptions, timeoutMs: number): Promise<ReadyBroker[]> {
  const addrs = namesrvAddrs();
  if (addrs === undefined) throw new PocketError('NO_NAMESRV', 'no name server runs');
  const parts = { namesrvAddrs: addrs, clock: systemClock, logger: silentLogger };
  const admin = new Admin({ ...parts, timeoutMs });
  const producer = new Producer({ ...parts, group: GROUP, sendMsgTimeout: timeoutMs });
  try {
    const { brokerAddrTable } = await clusterInfo(admin);
    const found = Object.entries(brokerAddrTable).flatMap(([name, { brokerAddrs }]) => {
      const addr = brokerAddrs.get(0);
      return addr === undefined ? [] : [{ name, addr }];
    });
    if (found.length < brokers) {
      throw new PocketError('NOT_FOUND', `${found.length} of ${brokers} brokers are registered`);
    }
    await producer.start();
    for (const broker of found) await sendAndReceive(broker, { producer, admin, timeoutMs });
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  } finally {
    await producer.stop();
    await admin.stop();
  }
}

interface Asking {
  producer: Producer;
  admin: Admin;
  timeoutMs: number;
}

async function sendAndReceive({ name, addr }: ReadyBroker, { producer, admin, timeoutMs }: Asking): Promise<void> {
  const mq = { topic: name, brokerName: name, queueId: 0 };
  const body = Buffer.from('ready?');
  const { msgId, queueOffset } = await producer.send({ topic: name, body, flag: 0, properties: {} }, { queue: mq });
  const { messages } = await pullQueue(admin.client, addr, {
    mq,
    consumerGroup: GROUP,
    offset: queueOffset,
    maxMsgNums: 1,
    subscription: tagSubscription(name, SUBSCRIBE_ALL, 0),
    bringSubscription: true,
    suspendTimeoutMillis: Math.floor(timeoutMs / 2),
    timeoutMs,
  });
  if (messages[0]?.msgId !== msgId) throw new PocketError('NOT_FOUND', `${name} has not given its message back`);
}
