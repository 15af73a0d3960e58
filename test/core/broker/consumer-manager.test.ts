import { describe, expect, it } from 'vitest';
import { ConsumerManager } from '../../../src/core/broker/consumer-manager.ts';
import { ProducerManager } from '../../../src/core/broker/producer-manager.ts';
import { silentLogger } from '../../../src/core/common/logger.ts';
import { FakeConnection } from './fake-connection.ts';
import { HeldClock } from './held-clock.ts';
import { consumerData, subscriptionData } from './pull-fields.ts';

function setUp() {
  const clock = new HeldClock();
  const consumers = new ConsumerManager({ clock, logger: silentLogger, mayNotify: () => true });
  const producers = new ProducerManager(clock, silentLogger);
  const connect = (port: number) =>
    new FakeConnection(port, (connection) => {
      consumers.onConnectionClose(connection);
      producers.onConnectionClose(connection);
    });
  const channel = (connection: FakeConnection, clientId: string) => ({
    connection,
    clientId,
    language: 'JAVA',
    version: 407,
    lastUpdate: clock.now(),
  });
  return { clock, consumers, producers, connect, channel };
}

describe('ConsumerManager', () => {
  it('lets a higher subVersion replace a subscription without a notice, a lower one not', () => {
    const { consumers, connect, channel } = setUp();
    const connection = connect(1);
    const beat = (subVersion: number) =>
      consumers.register(
        channel(connection, 'c'),
        consumerData({ subscriptionDataSet: [subscriptionData('T', subVersion)] }),
        true,
      );
    beat(5);
    expect(connection.sent).toHaveLength(1);
    beat(7);
    expect(consumers.subscription('G', 'T')?.data.subVersion).toBe(7);
    beat(6);
    expect(consumers.subscription('G', 'T')?.data.subVersion).toBe(7);
    expect(connection.sent).toHaveLength(1);
  });

  it('drops what a heartbeat no longer subscribes to, whoever sent it', () => {
    const { consumers, connect, channel } = setUp();
    const [one, two] = [connect(1), connect(2)];
    consumers.register(channel(one, 'a'), consumerData({ subscriptionDataSet: [subscriptionData('A')] }), true);
    consumers.register(channel(two, 'b'), consumerData({ subscriptionDataSet: [subscriptionData('B')] }), true);
    expect(consumers.groupsOfTopic('A')).toEqual([]);
    expect(consumers.groupsOfTopic('B')).toEqual(['G']);
    expect(one.sent).toHaveLength(2);
  });

  it('warns once when members subscribe to different things, and again when one changes its mind', () => {
    const { connect, channel } = setUp();
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
    const consumers = new ConsumerManager({ clock: new HeldClock(), logger, mayNotify: () => true });
    const [one, two, three] = [connect(1), connect(2), connect(3)];
    const beat = (connection: FakeConnection, name: string, subString: string): void => {
      const wanted = [{ ...subscriptionData('T'), subString }, subscriptionData('%RETRY%G')];
      consumers.register(channel(connection, name), consumerData({ subscriptionDataSet: wanted }), true);
    };
    beat(one, 'a', 'TagA');
    beat(two, 'b', 'TagA');
    consumers.register(channel(three, 'puller'), consumerData({ subscriptionDataSet: [] }), true);
    expect(warnings).toEqual([]);
    for (let i = 0; i < 3; i++)
      for (const [connection, name] of [
        [one, 'a'],
        [two, 'b'],
      ] as const) {
        beat(connection, name, name === 'a' ? 'TagA' : 'TagB');
      }
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/group G .*: b subscribes to T=TagB, a to T=TagA$/);
    beat(one, 'a', 'TagB');
    expect(warnings).toHaveLength(1);
    beat(one, 'a', '*');
    expect(warnings).toHaveLength(2);
    consumers.unregister('G', two, true);
    beat(one, 'a', 'TagC');
    expect(warnings).toHaveLength(2);
  });

  it('closes connections that were silent for more than 120 s and tells the others', () => {
    const { clock, consumers, connect, channel } = setUp();
    const [silent, alive] = [connect(1), connect(2)];
    for (const connection of [silent, alive])
      consumers.register(channel(connection, connection.remoteAddr), consumerData(), true);
    clock.advance(60_000);
    consumers.register(channel(alive, alive.remoteAddr), consumerData(), true);
    clock.advance(60_000);
    consumers.scan();
    expect(silent.closedBecause).toBeUndefined();
    const before = alive.sent.length;
    clock.advance(1);
    consumers.scan();
    expect(silent.closedBecause).toContain('no heartbeat');
    expect(consumers.group('G')?.clientIds()).toEqual(['127.0.0.1:2']);
    expect(alive.sent.length).toBe(before + 1);
  });

  it('forgets a group with its last member', () => {
    const { consumers, connect, channel } = setUp();
    const connection = connect(1);
    consumers.register(channel(connection, 'c'), consumerData(), true);
    connection.close('gone');
    expect(consumers.group('G')).toBeUndefined();
    expect(connection.sent).toHaveLength(1);
  });

  it('takes a client that changed its id on the same connection', () => {
    const { consumers, connect, channel } = setUp();
    const connection = connect(1);
    consumers.register(channel(connection, 'old'), consumerData(), true);
    consumers.register(channel(connection, 'new'), consumerData(), true);
    expect(consumers.group('G')?.clientIds()).toEqual(['new']);
  });
});

describe('ProducerManager', () => {
  it('keeps a producer alive by its heartbeats and closes a silent one', () => {
    const { clock, producers, connect, channel } = setUp();
    const [silent, alive] = [connect(1), connect(2)];
    for (const connection of [silent, alive]) producers.register('P', channel(connection, connection.remoteAddr));
    clock.advance(60_000);
    producers.register('P', channel(alive, alive.remoteAddr));
    clock.advance(60_001);
    producers.scan();
    expect(silent.closedBecause).toContain('no heartbeat');
    expect(alive.closedBecause).toBeUndefined();
    expect(producers.channelsOf('P')?.map(({ clientId }) => clientId)).toEqual(['127.0.0.1:2']);
    alive.close('gone');
    expect(producers.channelsOf('P')).toBeUndefined();
  });
});
