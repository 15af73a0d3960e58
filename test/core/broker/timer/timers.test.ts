import { cpSync, existsSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderStoreStats } from '../../../../src/cli/output/store-stats.ts';
import { renderVerify } from '../../../../src/cli/output/store-verify.ts';
import type { MessageExt } from '../../../../src/core/message/message.ts';
import { decodeMessage } from '../../../../src/core/message/message-codec.ts';
import { viewMessageById } from '../../../../src/core/protocol/requests/view-message-by-id.ts';
import { type Disk, nodeDisk } from '../../../../src/core/store/disk.ts';
import { StoreDir } from '../../../../src/core/store/tools/store-dir.ts';
import { topicStats } from '../../../../src/core/store/tools/topic-stats.ts';
import { verifyStore } from '../../../../src/core/store/tools/verify-store.ts';
import { HeldClock } from '../held-clock.ts';
import { messagesOf } from '../messages-of.ts';
import {
  connectTo,
  startBroker,
  type TestBrokerOptions,
  type TestClient,
  temporaryDir,
  until,
} from '../test-broker.ts';

const timed = (name: string, value: number | string, more = '') => ({
  properties: `TAGS\x01TagA\x02UNIQ_KEY\x01K1\x02${name}\x01${value}${more}`,
});

const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `m${from + i}`);

const bodies = async (client: TestClient, queueId = 0) =>
  (await messagesOf(client, 'TopicTest', queueId)).map(({ body }) => body.toString());

/** The records of the timer queue, delivered or not. */
async function waitingOf(client: TestClient): Promise<MessageExt[]> {
  const records: MessageExt[] = [];
  for (let offset = 0; ; offset += records.at(-1)?.storeSize ?? 0) {
    const { code, body } = await client.ask(viewMessageById, { offset });
    if (code !== 0 || body === undefined) break;
    records.push(decodeMessage(body, 0));
  }
  return records.filter(({ topic }) => topic === 'rmq_sys_wheel_timer');
}

/** What is in the topic when it has so many messages; nothing but turns of the service pass meanwhile. */
async function delivered(client: TestClient, clock: HeldClock, count: number): Promise<string[]> {
  let all: string[] = [];
  await until(async () => {
    clock.advance(0);
    all = await bodies(client);
    return all.length >= count;
  });
  return all;
}

/** Lets the service do what it would do now. */
async function turns(client: TestClient, clock: HeldClock): Promise<void> {
  for (let i = 0; i < 10; i++) {
    clock.advance(0);
    await bodies(client);
  }
}

describe('timed messages', () => {
  it.each([
    ['TIMER_DELAY_SEC', 2, 2000],
    ['TIMER_DELAY_MS', 1234, 1234],
    ['TIMER_DELIVER_MS', 1_700_000_001_500, 1500],
  ])('with %s are delivered when they are due', async (name, value, after) => {
    const clock = new HeldClock();
    const client = connectTo((await startBroker({ clock })).addr);
    expect(await client.send(timed(name, value), 'later')).toMatchObject({ code: 0, extFields: { queueId: '0' } });
    clock.advance(after - 1);
    await turns(client, clock);
    expect(await bodies(client)).toEqual([]);
    clock.advance(1);
    expect(await delivered(client, clock, 1)).toEqual(['later']);
  });

  it('wait as those of 5.x do, and have the properties of 5.x when they are delivered', async () => {
    const clock = new HeldClock();
    const client = connectTo((await startBroker({ clock })).addr);
    await client.send({ ...timed('TIMER_DELAY_MS', 1500), queueId: 3 });
    const own = { TAGS: 'TagA', UNIQ_KEY: 'K1', CLUSTER: 'DefaultCluster', TIMER_DELAY_MS: '1500' };
    const out = { TIMER_OUT_MS: '1700000001000' };
    const real = { REAL_TOPIC: 'TopicTest', REAL_QID: '3' };
    const [waiting] = await waitingOf(client);
    expect(waiting).toMatchObject({ topic: 'rmq_sys_wheel_timer', queueId: 0 });
    expect({ ...waiting?.properties }).toEqual({ ...own, ...out, ...real });
    clock.advance(1500);
    await until(async () => {
      clock.advance(0);
      return (await bodies(client, 3)).length > 0;
    });
    const [message] = await messagesOf(client, 'TopicTest', 3);
    const times = { TIMER_ENQUEUE_MS: '1700000000000', TIMER_DEQUEUE_MS: '1700000001500' };
    expect({ ...message?.properties }).toEqual({ ...own, ...out, ...real, ...times });
    expect(message?.bornTimestamp).toBe(waiting?.bornTimestamp);
  });

  it.each([
    [1000, 2300, '1700000002000'],
    [1000, 3000, '1700000002000'],
    [100, 2350, '1700000002300'],
    [250, 2350, '1700000002200'],
    [1, 2350, '1700000002300'],
  ])('with timerPrecisionMs=%i and a delay of %i ms have TIMER_OUT_MS %s', async (timerPrecisionMs, delay, out) => {
    const clock = new HeldClock();
    const client = connectTo((await startBroker({ clock, config: { timerPrecisionMs } })).addr);
    await client.send(timed('TIMER_DELAY_MS', delay));
    expect((await waitingOf(client))[0]?.properties.TIMER_OUT_MS).toBe(out);
  });

  it('are delivered in the order of their times, then in that of their sending', async () => {
    const clock = new HeldClock();
    const client = connectTo((await startBroker({ clock })).addr);
    for (const body of numbered(150)) await client.send(timed('TIMER_DELAY_MS', 5000), body);
    for (const body of numbered(150, 150)) await client.send(timed('TIMER_DELAY_MS', 4000), body);
    clock.advance(5000);
    expect(await delivered(client, clock, 300)).toEqual([...numbered(150, 150), ...numbered(150)]);
  });

  it.each([
    ['TIMER_DELAY_SEC', 0],
    ['TIMER_DELAY_SEC', -5],
    ['TIMER_DELIVER_MS', 1_600_000_000_000],
  ])('with a time in the past, %s=%s, are delivered at once', async (name, value) => {
    const client = connectTo((await startBroker({ clock: new HeldClock() })).addr);
    await client.send(timed(name, value));
    expect((await messagesOf(client))[0]?.properties).toMatchObject({ [name]: String(value) });
    expect(await waitingOf(client)).toEqual([]);
  });

  it('take the first of TIMER_DELAY_SEC, TIMER_DELAY_MS and TIMER_DELIVER_MS', async () => {
    const clock = new HeldClock();
    const client = connectTo((await startBroker({ clock })).addr);
    await client.send(timed('TIMER_DELAY_MS', 8000, '\x02TIMER_DELAY_SEC\x015\x02TIMER_DELIVER_MS\x011'));
    expect((await waitingOf(client))[0]?.properties.TIMER_OUT_MS).toBe('1700000004000');
  });

  it('go by the level when there is one, and forget the time', async () => {
    const client = connectTo((await startBroker()).addr);
    await client.send(timed('TIMER_DELAY_SEC', 5, '\x02DELAY\x012'));
    const [message] = await messagesOf(client, 'SCHEDULE_TOPIC_XXXX', 1);
    expect(message?.properties).toMatchObject({ DELAY: '2', TAGS: 'TagA' });
    expect(message?.properties).not.toHaveProperty('TIMER_DELAY_SEC');
  });

  const illegal = (maxMs: number) =>
    `timer message illegal, the delay time should not be bigger than the max delay ${maxMs}ms; or if set del msg, the delay time should be bigger than the current time`;

  it.each([
    ['TIMER_DELAY_SEC', '259201', ''],
    ['TIMER_DELAY_MS', '259200001', ''],
    ['TIMER_DELIVER_MS', '1900000000000', ''],
    ['TIMER_DELAY_SEC', 'soon', ''],
    ['TIMER_DELAY_SEC', '1.5', ''],
    ['TIMER_DELAY_SEC', '9223372036854775807', ''],
    ['TIMER_DELAY_SEC', '10', '\x02TIMER_DEL_UNIQKEY\x01K1'],
    ['TIMER_DELAY_SEC', '0', '\x02TIMER_DEL_UNIQKEY\x01K1'],
  ])('with %s=%s%s are refused', async (name, value, more) => {
    const client = connectTo((await startBroker({ clock: new HeldClock() })).addr);
    expect(await client.send(timed(name, value, more))).toMatchObject({ code: 13, remark: illegal(259_200_000) });
    expect(await bodies(client)).toEqual([]);
  });

  it('have the limit of timerMaxDelaySec, and none is taken with timerWheelEnable=false', async () => {
    const config = { timerMaxDelaySec: 10 };
    const client = connectTo((await startBroker({ config })).addr);
    expect(await client.send(timed('TIMER_DELAY_SEC', 11))).toMatchObject({ code: 13, remark: illegal(10_000) });
    expect(await client.send(timed('TIMER_DELAY_SEC', 10))).toMatchObject({ code: 0 });
    const off = connectTo((await startBroker({ config: { timerWheelEnable: false } })).addr);
    const remark = 'accurate timer message is not enabled, timerWheelEnable is false';
    expect(await off.send(timed('TIMER_DELAY_SEC', 1))).toMatchObject({ code: 1, remark });
  });

  it('come into their queue by the broker only', async () => {
    const client = connectTo((await startBroker()).addr);
    expect(await client.send({ topic: 'rmq_sys_wheel_timer' })).toMatchObject({ code: 16 });
  });

  it('may not begin a transaction', async () => {
    const client = connectTo((await startBroker()).addr);
    const half = { ...timed('TIMER_DELAY_SEC', 1, '\x02TRAN_MSG\x01true\x02PGROUP\x01P'), sysFlag: 4 };
    expect(await client.send(half)).toMatchObject({ code: 13 });
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
    for (const body of numbered(150)) await client.send(timed('TIMER_DELAY_SEC', 5), body);
    full = true;
    clock.advance(5000);
    await turns(client, clock);
    expect(await bodies(client)).toEqual([]);
    full = false;
    clock.advance(10_000);
    clock.advance(1000);
    expect(await delivered(client, clock, 150)).toEqual(numbered(150));
  });
});

describe('timed messages over an end of the broker', () => {
  const restarted = async (storeDir: string, clock: HeldClock, options: TestBrokerOptions = {}) =>
    connectTo((await startBroker({ ...options, storeDir, clock })).addr);

  /** The directory as kill -9 would leave it. */
  function crashed(storeDir: string): string {
    const copy = temporaryDir();
    cpSync(storeDir, copy, { recursive: true });
    rmSync(join(copy, 'pocketmq.pid'), { force: true });
    return copy;
  }

  /** Delivers 5, has the table written or not, delivers 200 more of 250 among others, and ends without a word. */
  async function storyOfACrash(clock: HeldClock, isTableWritten: boolean): Promise<string> {
    const storeDir = temporaryDir();
    const client = connectTo((await startBroker({ clock, storeDir })).addr);
    await client.send(timed('TIMER_DELAY_SEC', 100), 'long');
    for (const body of numbered(5)) await client.send(timed('TIMER_DELAY_SEC', 5), body);
    clock.advance(5000);
    await delivered(client, clock, 5);
    if (isTableWritten) {
      await until(() => {
        clock.advance(1000);
        return existsSync(join(storeDir, 'config/timerOffset.json'));
      });
    }
    for (const body of numbered(200, 5)) await client.send(timed('TIMER_DELAY_SEC', 5), body);
    clock.advance(4999);
    for (const body of numbered(50, 205)) await client.send(timed('TIMER_DELAY_SEC', 5), body);
    clock.advance(1);
    await delivered(client, clock, 205);
    return crashed(storeDir);
  }

  const table = (dir: string) => join(dir, 'config/timerOffset.json');

  it.each([
    ['with a table older than the deliveries', true, () => undefined],
    ['without a table', false, () => undefined],
    ['with a table that was deleted', true, (dir: string) => rmSync(table(dir))],
    ['with a table that was cut', true, (dir: string) => truncateSync(table(dir), 20)],
    ['with a table that is none', true, (dir: string) => writeFileSync(table(dir), '{"offset":1,"delivered":"!!!!"}')],
    [
      'with a table of another store',
      true,
      (dir: string) => writeFileSync(table(dir), '{"offset":99999,"delivered":"","commitLogOffset":0}'),
    ],
    [
      'without the consumequeue',
      true,
      (dir: string) => rmSync(join(dir, 'consumequeue/rmq_sys_wheel_timer'), { recursive: true }),
    ],
  ])('are delivered once after a crash %s', async (_what, isTableWritten, damage) => {
    const clock = new HeldClock();
    const dir = await storyOfACrash(clock, isTableWritten);
    damage(dir);
    const again = await restarted(dir, clock);
    clock.advance(5000);
    await turns(again, clock);
    expect(await delivered(again, clock, 255)).toEqual(numbered(255));
    clock.advance(100_000);
    expect(await delivered(again, clock, 256)).toEqual([...numbered(255), 'long']);
  });

  it('are delivered once after a clean stop, also those that were due meanwhile', async () => {
    const clock = new HeldClock();
    const storeDir = temporaryDir();
    const broker = await startBroker({ clock, storeDir });
    const client = connectTo(broker.addr);
    await client.send(timed('TIMER_DELAY_SEC', 9), 'last');
    for (const body of numbered(3)) await client.send(timed('TIMER_DELAY_SEC', 2), body);
    clock.advance(2000);
    await delivered(client, clock, 3);
    for (const body of numbered(3, 3)) await client.send(timed('TIMER_DELAY_SEC', 2), body);
    await broker.stop();
    clock.advance(8000);
    const again = await restarted(storeDir, clock);
    await delivered(again, clock, 7);
    await turns(again, clock);
    expect(await bodies(again)).toEqual([...numbered(6), 'last']);
  });

  it('are counted by the tools for a stopped store, which find it sound', async () => {
    const clock = new HeldClock();
    const storeDir = temporaryDir();
    const broker = await startBroker({ clock, storeDir });
    const client = connectTo(broker.addr);
    await client.send(timed('TIMER_DELAY_SEC', 100), 'long');
    for (const body of numbered(3)) await client.send(timed('TIMER_DELIVER_MS', clock.now() + 2345), body);
    await client.send(timed('TIMER_DELAY_SEC', 90), 'also long');
    clock.advance(2345);
    await delivered(client, clock, 3);
    const killed = new StoreDir({ rootDir: crashed(storeDir) });
    expect(topicStats(killed)).toMatchObject({ crashed: true, timedPending: 5 });
    await broker.stop();
    const stopped = new StoreDir({ rootDir: storeDir });
    const [stats, verified] = [topicStats(stopped), verifyStore(stopped, { clock })];
    expect(stats.timedPending).toBe(2);
    expect(verified).toMatchObject({ timedPending: 2, faults: [] });
    const waits = 'timed messages wait in rmq_sys_wheel_timer, which no broker of 4.9 delivers';
    expect(renderStoreStats(stats)).toContain(`\nBeware: 2 ${waits}.\n`);
    expect(renderVerify(verified)).toContain(`note: 2 ${waits}\n`);
  });

  it('are put at the end of their queue before the log of them is old, and delivered once at their time', async () => {
    const clock = new HeldClock();
    const storeDir = temporaryDir();
    const client = connectTo((await startBroker({ clock, storeDir })).addr);
    const begin = clock.now();
    for (const body of numbered(200)) await client.send(timed('TIMER_DELAY_SEC', 60 * 3600), body);
    clock.set(begin + 47 * 3_600_000);
    clock.advance(1000);
    await until(async () => {
      clock.advance(0);
      return (await waitingOf(client)).length >= 400;
    });
    const rolled = (await waitingOf(client)).slice(200);
    expect(rolled.map(({ body }) => body.toString())).toEqual(numbered(200));
    expect(rolled[0]?.properties).toMatchObject({ TIMER_ROLL_TIMES: '1', REAL_TOPIC: 'TopicTest' });
    const again = await restarted(crashed(storeDir), clock);
    clock.set(begin + 60 * 3_600_000);
    clock.advance(1000);
    expect(await delivered(again, clock, 200)).toEqual(numbered(200));
    await turns(again, clock);
    expect(await bodies(again)).toHaveLength(200);
    expect(await waitingOf(again)).toHaveLength(400);
  });
});
