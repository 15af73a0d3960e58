/**
 * A namesrv and a broker in this process under mutated requests of every code they serve: each is answered or costs its own
 * connection, no answer shows an error of the program, nothing is logged as one, and a client beside it sees nothing of it.
 * HOSTILE_SEED runs another seed; the one used stands in the name of each test.
 */
import { afterEach, expect, it } from 'vitest';
import { servedCodes as brokerCodes } from '../../src/core/broker/processors/index.ts';
import { MQAdminExt } from '../../src/core/client/admin/mq-admin-ext.ts';
import { PullConsumer } from '../../src/core/client/consumer/pull-consumer.ts';
import { Producer } from '../../src/core/client/producer/producer.ts';
import { startLocalCluster } from '../../src/core/cluster/local-cluster.ts';
import { systemClock } from '../../src/core/common/clock.ts';
import type { Logger } from '../../src/core/common/logger.ts';
import { silentLogger } from '../../src/core/common/logger.ts';
import { servedCodes as namesrvCodes } from '../../src/core/namesrv/processors/index.ts';
import { defineRequest } from '../../src/core/protocol/schema.ts';
import { ProcessorTable } from '../../src/core/remoting/processor-table.ts';
import { RemotingServer } from '../../src/core/remoting/remoting-server.ts';
import { FuzzClient } from './fuzz-client.ts';
import { Mutator } from './mutations.ts';
import { WellBehaved } from './well-behaved.ts';

const seed = Number(process.env.HOSTILE_SEED ?? 20_261_127);
const FRAMES = 6000;
const FRAMES_AT_ONCE = 16;
const TOPIC = 'Orders';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function fuzz(port: number, codes: readonly number[], frames: number): Promise<FuzzClient['counts']> {
  const client = new FuzzClient(port);
  const mutator = new Mutator(seed, codes);
  for (let sent = 0; sent < frames; sent += FRAMES_AT_ONCE) {
    await client.try(Array.from({ length: FRAMES_AT_ONCE }, () => mutator.next()));
  }
  client.close();
  return client.counts;
}

const portOf = (addr: string): number => Number(addr.slice(addr.lastIndexOf(':') + 1));

it(`every request is answered or closed, and disturbs nobody: seed ${seed}`, { timeout: 120_000 }, async () => {
  const errors: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    error: (message, error) => errors.push(`${message} ${error instanceof Error ? error.stack : String(error)}`),
  };
  const brokerSettings = { mappedFileSizeCommitLog: 64 * 1024 * 1024, brokerName: 'fuzzed' };
  const cluster = await startLocalCluster({ logger, brokerSettings });
  cleanups.push(() => cluster.stop());
  const { namesrvAddr, brokerAddr } = cluster;
  const producer = new Producer({ group: 'orders_out', namesrvAddr });
  const consumer = new PullConsumer({ group: 'orders_in', namesrvAddr });
  await Promise.all([producer.start(), consumer.start()]);
  cleanups.push(
    () => producer.stop(),
    () => consumer.stop(),
  );
  const admin = new MQAdminExt({ namesrvAddr });
  await admin.createTopic(TOPIC, 4);
  await admin.stop();
  const client = new WellBehaved({ producer, consumer, topic: TOPIC, pauseMs: 1 });
  await client.start();

  const codes = [...brokerCodes];
  const counts = [
    await fuzz(portOf(brokerAddr), codes, FRAMES),
    await fuzz(portOf(brokerAddr) - 2, codes, FRAMES / 4),
    await fuzz(portOf(namesrvAddr), namesrvCodes, FRAMES),
  ];
  for (const { hung, faults, firstFault, survived, closed } of counts) {
    expect(firstFault).toBe('');
    expect({ hung, faults }).toEqual({ hung: 0, faults: 0 });
    expect(survived).toBeGreaterThan(closed);
    expect(closed).toBeGreaterThan(0);
  }
  expect(errors).toEqual([]);
  const seen = await client.finish();
  expect(seen.firstError).toBe('');
  expect(seen.sent).toBeGreaterThan(100);
});

it('a planted fault is seen: an answer that shows one, and a request that is never done with', async () => {
  const table = new ProcessorTable({}, silentLogger)
    .register(defineRequest({ code: 34 }), (_context, { body }) => {
      const text = body?.toString() ?? '{}';
      if (text.includes('e')) JSON.parse(text).nobody.knows; // a TypeError or a SyntaxError
      return { code: 0 };
    })
    .register(defineRequest({ code: 35 }), () => ({ code: 0 }));
  const server = new RemotingServer({
    host: '127.0.0.1',
    port: 0,
    processors: table,
    clock: systemClock,
    logger: silentLogger,
  });
  await server.start();
  cleanups.push(() => server.stop());
  const counts = await fuzz(server.port, [34, 35], 320);
  expect(counts.faults).toBeGreaterThan(0);
  expect(counts.firstFault).toMatch(/TypeError|SyntaxError/);
});
