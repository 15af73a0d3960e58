import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MessageExt } from '../../../src/core/message/message.ts';
import { decodeDelayOffset } from '../../../src/core/protocol/bodies/delay-offset.ts';
import { decodeKvTable } from '../../../src/core/protocol/bodies/kv-table.ts';
import { getAllDelayOffset } from '../../../src/core/protocol/requests/get-all-delay-offset.ts';
import { getBrokerRuntimeInfo } from '../../../src/core/protocol/requests/get-broker-runtime-info.ts';
import { type Disk, nodeDisk } from '../../../src/core/store/disk.ts';
import { HeldClock } from './held-clock.ts';
import { messagesOf } from './messages-of.ts';
import { connectTo, startBroker, type TestBrokerOptions, type TestClient, temporaryDir, until } from './test-broker.ts';

const delayed = (level: number | string, queueId = 0) => ({
  queueId,
  properties: `TAGS\x01TagA\x02DELAY\x01${level}\x02WAIT\x01true`,
});

/** Delay of level 2. */
const LEVEL_2_MS = 5000;

/** Lets the clock go on until the broker has delivered so many messages of the level. */
async function delivered(client: TestClient, clock: HeldClock, level: number, count: number): Promise<void> {
  for (;;) {
    const { body } = await client.ask(getAllDelayOffset, {});
    if ((decodeDelayOffset(body).offsetTable.get(level) ?? 0) >= count) return;
    clock.advance(1);
  }
}

const bodies = (messages: readonly MessageExt[]) => messages.map(({ body }) => body.toString());
const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `m${from + i}`);

describe('delayed messages', () => {
  it('wait for their level’s delay and are stored in their own queue then', async () => {
    const clock = new HeldClock();
    const client = connectTo((await startBroker({ clock })).addr);
    const answer = await client.send(delayed(2, 3), 'later');
    expect(answer).toMatchObject({ code: 0, extFields: { queueId: '3', queueOffset: '0' } });
    clock.advance(LEVEL_2_MS - 1);
    expect(await messagesOf(client, 'TopicTest', 3)).toEqual([]);
    const [waiting] = await messagesOf(client, 'SCHEDULE_TOPIC_XXXX', 1);
    clock.advance(1);
    await delivered(client, clock, 2, 1);
    const [message, ...more] = await messagesOf(client, 'TopicTest', 3);
    expect(more).toEqual([]);
    expect(message).toMatchObject({
      queueOffset: 0,
      bornTimestamp: waiting?.bornTimestamp,
      bornHost: waiting?.bornHost,
      storeHost: waiting?.storeHost,
      storeTimestamp: clock.now(),
      properties: {
        TAGS: 'TagA',
        DELAY: '2',
        REAL_TOPIC: 'TopicTest',
        REAL_QID: '3',
        CLUSTER: 'DefaultCluster',
        WAIT: 'true',
      },
    });
    expect(bodies(message === undefined ? [] : [message])).toEqual(['later']);
  });

  it('are of the highest level when they name one above it', async () => {
    const clock = new HeldClock();
    const client = connectTo((await startBroker({ clock, config: { messageDelayLevel: '1s 5s' } })).addr);
    await client.send(delayed(99));
    expect(await messagesOf(client, 'SCHEDULE_TOPIC_XXXX', 1)).toMatchObject([{ properties: { DELAY: '2' } }]);
  });

  it.each(['-1', '0', 'soon', '1.5'])('are ordinary messages with the delay %s', async (level) => {
    const client = connectTo((await startBroker()).addr);
    await client.send(delayed(level));
    expect(await messagesOf(client)).toHaveLength(1);
  });

  it('keep their order, however many are due together', async () => {
    const clock = new HeldClock();
    const client = connectTo((await startBroker({ clock })).addr);
    for (const body of numbered(300)) await client.send(delayed(2), body);
    clock.advance(LEVEL_2_MS);
    await delivered(client, clock, 2, 300);
    expect(bodies(await messagesOf(client))).toEqual(numbered(300));
  });

  it('go at once when the clock was set back', async () => {
    const clock = new HeldClock();
    const client = connectTo((await startBroker({ clock })).addr);
    await client.send(delayed(2));
    clock.set(clock.now() - 3_600_000);
    clock.advance(1000);
    await delivered(client, clock, 2, 1);
    expect(await messagesOf(client)).toHaveLength(1);
  });

  it('are counted for brokerStatus', async () => {
    const clock = new HeldClock();
    const client = connectTo((await startBroker({ clock })).addr);
    await client.send(delayed(2));
    clock.advance(LEVEL_2_MS);
    await delivered(client, clock, 2, 1);
    await client.send(delayed(2));
    const { body } = await client.ask(getBrokerRuntimeInfo, {});
    expect(decodeKvTable(body).table).toMatchObject({ scheduleMessageOffset_2: '1,2' });
    expect(decodeKvTable(body).table).not.toHaveProperty('scheduleMessageOffset_1');
  });
});

describe('delayed messages over an end of the broker', () => {
  const restarted = async (storeDir: string, clock: HeldClock, options: TestBrokerOptions = {}) =>
    connectTo((await startBroker({ ...options, storeDir, clock })).addr);

  /** The directory as kill -9 would leave it. */
  function crashed(storeDir: string): string {
    const copy = temporaryDir();
    cpSync(storeDir, copy, { recursive: true });
    rmSync(join(copy, 'pocketmq.pid'), { force: true });
    return copy;
  }

  it('are delivered once after a clean stop, also those that were due meanwhile', async () => {
    const clock = new HeldClock();
    const storeDir = temporaryDir();
    const broker = await startBroker({ clock, storeDir });
    const client = connectTo(broker.addr);
    for (const body of numbered(3)) await client.send(delayed(2), body);
    clock.advance(LEVEL_2_MS);
    await delivered(client, clock, 2, 3);
    for (const body of numbered(3, 3)) await client.send(delayed(2), body);
    await broker.stop();
    clock.advance(LEVEL_2_MS);
    const again = await restarted(storeDir, clock);
    await delivered(again, clock, 2, 6);
    expect(bodies(await messagesOf(again))).toEqual(numbered(6));
  });

  /** Delivers 5, has the table written or not, delivers 200 more of 250, and ends without a word. */
  async function storyOfACrash(clock: HeldClock, isTableWritten: boolean): Promise<string> {
    const storeDir = temporaryDir();
    const client = connectTo((await startBroker({ clock, storeDir })).addr);
    for (const body of numbered(5)) await client.send(delayed(2), body);
    clock.advance(LEVEL_2_MS);
    await delivered(client, clock, 2, 5);
    await client.send(delayed(18), 'keeps the table from being complete');
    if (isTableWritten) {
      await until(() => {
        clock.advance(1000);
        return readdirSync(join(storeDir, 'config')).includes('delayOffset.json');
      });
    }
    for (const body of numbered(200, 5)) await client.send(delayed(2), body);
    clock.advance(LEVEL_2_MS - 1);
    await client.send({}, 'an ordinary one');
    for (const body of numbered(50, 205)) await client.send(delayed(2), body);
    clock.advance(1);
    await delivered(client, clock, 2, 205);
    return crashed(storeDir);
  }

  it.each([
    ['with a table older than the deliveries', true],
    ['without a table', false],
  ])('are delivered once after a crash %s', async (_what, isTableWritten) => {
    const clock = new HeldClock();
    const again = await restarted(await storyOfACrash(clock, isTableWritten), clock);
    clock.advance(LEVEL_2_MS);
    await delivered(again, clock, 2, 255);
    const received = bodies(await messagesOf(again)).filter((body) => body !== 'an ordinary one');
    expect(received).toEqual(numbered(255));
  });

  it('go on when a full disk has room again, in order and once', async () => {
    let full = false;
    const disk: Disk = Object.create(nodeDisk, {
      write: {
        value: (...args: Parameters<Disk['write']>) => {
          if (full) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
          return nodeDisk.write(...args);
        },
      },
    });
    const clock = new HeldClock();
    const client = connectTo((await startBroker({ clock, disk })).addr);
    for (const body of numbered(150)) await client.send(delayed(2), body);
    full = true;
    clock.advance(LEVEL_2_MS);
    expect(await messagesOf(client)).toEqual([]);
    full = false;
    await delivered(client, clock, 2, 150);
    expect(bodies(await messagesOf(client))).toEqual(numbered(150));
  });

  it('keep a broker from starting whose delayOffset.json cannot be read, and the file as it is', async () => {
    const clock = new HeldClock();
    const storeDir = temporaryDir();
    const file = join(storeDir, 'config/delayOffset.json');
    const broker = await startBroker({ clock, storeDir });
    await connectTo(broker.addr).send(delayed(2));
    await broker.stop();
    writeFileSync(file, '{"offsetTable":{2:');
    await expect(startBroker({ clock, storeDir })).rejects.toThrow(/delayOffset\.json cannot be read/);
    expect(readFileSync(file, 'utf8')).toBe('{"offsetTable":{2:');
  });
});
