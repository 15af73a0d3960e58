/**
 * Five messages in a namesrv and a broker of a test's own, for the commands that look into the store.
 *
 *   0  queue 0  `first`   TagA  keys order-0, Aa        3  queue 1  7,000 letters, compressed on the way
 *   1  queue 0  `second`  TagB  key BB (Aa's hash)      4  queue 1  `你好` in GBK  TagA  key Aa, a unique id that leads
 *   2  queue 1  `你好`    标签  key 订单-1                            out of any folder
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ClientInstance } from '../../src/core/client/client-instance.ts';
import { Producer } from '../../src/core/client/producer/producer.ts';
import type { SendResult } from '../../src/core/client/producer/send-result.ts';
import { type LocalCluster, startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { runCommand, type Seen } from './run-command.ts';

export const TOPIC = 'Orders';
export const LONG = 'abcdefg'.repeat(1000);
export const GBK = Buffer.from('c4e3bac3', 'hex');

type Sent = readonly [queueId: number, body: string | Buffer, properties: Record<string, string>];

const MESSAGES: readonly Sent[] = [
  [0, 'first', { TAGS: 'TagA', KEYS: 'order-0 Aa' }],
  [0, 'second', { TAGS: 'TagB', KEYS: 'BB' }],
  [1, '你好', { TAGS: '标签', KEYS: '订单-1' }],
  [1, LONG, {}],
  [1, GBK, { TAGS: 'TagA', KEYS: 'Aa', UNIQ_KEY: '../../../up' }],
];

export class QueryCluster {
  readonly dir = mkdtempSync(join(tmpdir(), 'pocketmq-query-'));
  #cluster: LocalCluster | undefined;
  #sent: SendResult[] = [];

  /** Starts the cluster and sends the messages. */
  static async start(): Promise<QueryCluster> {
    const self = new QueryCluster();
    self.#cluster = await startLocalCluster({
      dataDir: join(self.dir, 'data'),
      brokerSettings: { brokerName: 'broker-a' },
    });
    const create = ['updateTopic', '-c', 'DefaultCluster', '-t', TOPIC, '-r', '2', '-w', '2', '--wait-route'];
    expect(await self.run(...create)).toMatchObject({ stderr: '', exitCode: 0 });
    self.#sent = await self.send(MESSAGES);
    return self;
  }

  get brokerAddr(): string {
    return this.#cluster?.brokerAddr ?? '';
  }

  /** Offset message id of one of the five. */
  idOf(number: number): string {
    return this.#sent[number]?.offsetMsgId ?? '';
  }

  /** Unique id of one of the five. */
  uniqueOf(number: number): string {
    return this.#sent[number]?.msgId ?? '';
  }

  async send(messages: readonly Sent[]): Promise<SendResult[]> {
    const instance = new ClientInstance({ namesrvAddrs: [this.#cluster?.namesrvAddr ?? ''] });
    const producer = new Producer({ group: 'GID_query_producer', instance });
    const results: SendResult[] = [];
    try {
      await producer.start();
      for (const [queueId, body, properties] of messages) {
        const queue = { topic: TOPIC, brokerName: 'broker-a', queueId };
        results.push(await producer.send({ topic: TOPIC, flag: 0, body: Buffer.from(body), properties }, { queue }));
      }
    } finally {
      await producer.stop();
      await instance.stop();
    }
    return results;
  }

  run(...argv: string[]): Promise<Seen> {
    return runCommand([...argv, '-n', this.#cluster?.namesrvAddr ?? '']);
  }

  /** The document of a command that succeeds. */
  async json<T>(...argv: string[]): Promise<T> {
    const { stdout, ...rest } = await this.run(...argv, '--output', 'json');
    expect(rest).toEqual({ stderr: '', exitCode: 0 });
    return JSON.parse(stdout);
  }

  async stop(): Promise<void> {
    await this.#cluster?.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export const seen = (stdout: string, stderr = '', exitCode = 0): Seen => ({ stdout, stderr, exitCode });
export const failedLine = (javaClass: string): string => `SubCommandException: ${javaClass} command failed\n`;
