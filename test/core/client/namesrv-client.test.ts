import { afterEach, describe, expect, it } from 'vitest';
import { NamesrvClient } from '../../../src/core/client/namesrv-client.ts';
import { systemClock } from '../../../src/core/common/clock.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { getAllTopicListFromNameserver } from '../../../src/core/protocol/requests/get-all-topic-list-from-nameserver.ts';
import { putKvConfig } from '../../../src/core/protocol/requests/put-kv-config.ts';
import type { ProcessorTable } from '../../../src/core/remoting/processor-table.ts';
import { SUSPENDED } from '../../../src/core/remoting/processor-table.ts';
import { RemotingClient } from '../../../src/core/remoting/remoting-client.ts';
import { deadAddr, ScriptedCluster } from './scripted-cluster.ts';

const running: Array<{ stop(): Promise<void> }> = [];
afterEach(async () => {
  for (const service of running.splice(0).reverse()) await service.stop();
});

const listTopics = getAllTopicListFromNameserver;

async function cluster(): Promise<ScriptedCluster> {
  const made = await ScriptedCluster.start();
  running.push(made);
  return made;
}

function client(addrs: string[], options: { start?: number; timeoutMs?: number } = {}): NamesrvClient {
  const remoting = new RemotingClient({ clock: systemClock, logger: silentLogger });
  running.push(remoting);
  const random = (): number => (options.start ?? 0) / Math.max(1, addrs.length);
  return new NamesrvClient({ client: remoting, addrs, random, timeoutMs: options.timeoutMs });
}

/** Namesrvs that note their number when they are asked for the topics. */
async function namesrvs(made: ScriptedCluster, count: number, asked: number[]): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, (_, number) =>
      made.startNamesrv((table) =>
        table.register(listTopics, () => {
          asked.push(number);
          return { code: 0 };
        }),
      ),
    ),
  );
}

describe('NamesrvClient', () => {
  it('begins with the one chance names and stays with it', async () => {
    const asked: number[] = [];
    const namesrv = client(await namesrvs(await cluster(), 3, asked), { start: 1 });
    for (let i = 0; i < 3; i++) await namesrv.ask(listTopics, {});
    expect(asked).toEqual([1, 1, 1]);
  });

  it('passes over dead ones in order and stays with the one that answered', async () => {
    const asked: number[] = [];
    const [alive = ''] = await namesrvs(await cluster(), 1, asked);
    const namesrv = client([await deadAddr(), await deadAddr(), alive], { start: 0 });
    const begun = performance.now();
    await namesrv.ask(listTopics, {});
    await namesrv.ask(listTopics, {});
    expect(asked).toEqual([0, 0]);
    expect(performance.now() - begun).toBeLessThan(3000);
  });

  it('goes on with the next when the chosen one ends', async () => {
    const first = await cluster();
    const second = await cluster();
    const asked: number[] = [];
    const [a = ''] = await namesrvs(first, 1, asked);
    const [b = ''] = await namesrvs(second, 1, asked);
    const namesrv = client([a, b], { start: 0 });
    await namesrv.ask(listTopics, {});
    await first.stop();
    await namesrv.ask(listTopics, {});
    expect(asked.length).toBe(2);
  });

  it('rejects with CONNECT and the whole list within 3 s when all are dead', async () => {
    const addrs = [await deadAddr(), await deadAddr()];
    const begun = performance.now();
    await expect(client(addrs).ask(listTopics, {})).rejects.toMatchObject({
      code: 'CONNECT',
      message: `connect to [${addrs.join(', ')}] failed`,
    });
    expect(performance.now() - begun).toBeLessThan(3000);
  });

  it('rejects with NO_NAMESRV when no address is known', async () => {
    await expect(client([]).ask(listTopics, {})).rejects.toMatchObject({ code: 'NO_NAMESRV' });
  });

  it('asks nobody else after an answer, be it a refusal', async () => {
    const asked: string[] = [];
    const made = await cluster();
    const refusing = (name: string) => (table: ProcessorTable<undefined>) =>
      table.register(listTopics, () => {
        asked.push(name);
        return { code: 1, remark: 'no' };
      });
    const addrs = [await made.startNamesrv(refusing('a')), await made.startNamesrv(refusing('b'))];
    await expect(client(addrs).ask(listTopics, {})).rejects.toMatchObject({
      code: 'RESPONSE',
      responseCode: 1,
      detail: 'no',
    });
    expect(asked).toEqual(['a']);
  });

  it('rejects with TIMEOUT when the chosen one hangs, and asks another the next time', async () => {
    const made = await cluster();
    const asked: number[] = [];
    const hanging = await made.startNamesrv((table) => table.register(listTopics, () => SUSPENDED));
    const [alive = ''] = await namesrvs(made, 1, asked);
    const namesrv = client([hanging, alive], { timeoutMs: 100 });
    await expect(namesrv.ask(listTopics, {})).rejects.toMatchObject({ code: 'TIMEOUT' });
    await namesrv.ask(listTopics, {});
    expect(asked).toEqual([0]);
  });

  it('tells all of them what changes them', async () => {
    const made = await cluster();
    const told: string[] = [];
    const addrs = await Promise.all(
      ['a', 'b'].map((name) =>
        made.startNamesrv((table) =>
          table.register(putKvConfig, (_, { header }) => {
            told.push(`${name} ${header.value}`);
            return { code: 0 };
          }),
        ),
      ),
    );
    await client(addrs).tellAll(putKvConfig, { namespace: 'N', key: 'k', value: 'v' });
    expect(told.sort()).toEqual(['a v', 'b v']);
  });

  it('reports an unknown topic as NOT_FOUND with the remark', async () => {
    const made = await cluster();
    await expect(client([made.namesrvAddr]).route('NoSuch')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      responseCode: 17,
      detail: 'No topic route info in name server for the topic: NoSuch',
    });
  });
});
