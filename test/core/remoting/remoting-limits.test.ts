/** The limits of what a server's connections take, with real sockets whose other ends misbehave. */
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/common/clock.ts';
import type { Logger } from '../../../src/core/common/logger.ts';
import { defineRequest, required } from '../../../src/core/protocol/schema.ts';
import { call } from '../../../src/core/remoting/call.ts';
import type { Connection } from '../../../src/core/remoting/connection.ts';
import { ProcessorTable } from '../../../src/core/remoting/processor-table.ts';
import { RemotingClient } from '../../../src/core/remoting/remoting-client.ts';
import { createRequest, encodeFrame } from '../../../src/core/remoting/remoting-command.ts';
import { RemotingLimits, type RemotingLimitsOptions } from '../../../src/core/remoting/remoting-limits.ts';
import { RemotingServer } from '../../../src/core/remoting/remoting-server.ts';
import { HeldClock } from '../broker/held-clock.ts';

const give = defineRequest({ code: 9101, javaClass: 'Give', request: { bytes: required('int') } });
const slow = defineRequest({ code: 9102 });
const heavy = defineRequest({ code: 9103 });

const running: Array<{ stop(): Promise<void> }> = [];
afterEach(async () => {
  for (const service of running.splice(0).reverse()) await service.stop();
});

async function serve(options: Partial<RemotingLimitsOptions> = {}) {
  const log: string[] = [];
  const add = (message: string): void => void log.push(message);
  const logger: Logger = { debug: () => {}, info: add, warn: add, error: add };
  const waiting: ((code: number) => void)[] = [];
  const table = new ProcessorTable({}, logger)
    .register(give, (_context, { header }) => ({ code: 0, body: Buffer.alloc(header.bytes, 7) }))
    .register(slow, async () => ({ code: await new Promise<number>((resolve) => waiting.push(resolve)) }));
  const limits = new RemotingLimits({ logger, ...options });
  const connections: Connection[] = [];
  const clock = new HeldClock();
  const order: number[] = [];
  table.register(heavy, (_context, { command }) => {
    order.push(command.opaque);
    clock.advance(2);
    return { code: 0 };
  });
  const onOpen = (connection: Connection): void => void connections.push(connection);
  const server = new RemotingServer({ host: '127.0.0.1', port: 0, processors: table, clock, logger, limits, onOpen });
  await server.start();
  running.push(server);
  const client = new RemotingClient({ clock: systemClock, logger });
  running.push(client);
  const ask = (bytes: number) =>
    call(client, `127.0.0.1:${server.port}`, give, { bytes }, { timeoutMs: 10_000 }).then(({ body }) => body?.length);
  return { server, limits, log, ask, connections, waiting, clock, order };
}

/** A socket that is not read from. */
async function stranger(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.pause();
  running.push({ stop: async () => void socket.destroy() });
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};

const request = (bytes: number): Buffer => encodeFrame(createRequest(give, { bytes }));

describe('the limits of a server', () => {
  it('refuse a connection too many with a line, and let one in when another has gone', async () => {
    const { server, limits, log, ask } = await serve({ maxConnections: 3 });
    expect(await ask(10)).toBe(10);
    const [one] = [await stranger(server.port), await stranger(server.port)];
    await until(() => limits.connections === 3);
    const refused = await stranger(server.port);
    await new Promise((resolve) => refused.once('close', resolve).resume());
    expect(log).toEqual([expect.stringContaining('was refused: 3 are open, the limit is 3')]);
    expect(await ask(20)).toBe(20);
    one?.destroy();
    await until(() => limits.connections === 2);
    await stranger(server.port);
    await until(() => limits.connections === 3);
  });

  it('close the one that reads the least when answers pile up over all, and nobody else', async () => {
    const { server, limits, log, ask, connections } = await serve({ maxTotalWaitingBytes: 24 * 1024 * 1024 });
    expect(await ask(10)).toBe(10);
    const [light, heavy] = [await stranger(server.port), await stranger(server.port)];
    await until(() => connections.length === 3);
    light?.write(request(8 * 1024 * 1024));
    await until(() => (connections[1]?.waitingBytes ?? 0) > 0);
    heavy?.write(request(15 * 1024 * 1024));
    await until(() => (connections[2]?.waitingBytes ?? 0) > 0);
    expect(log).toEqual([]);
    for (let i = 0; i < 9; i++) connections[1]?.oneway(createRequest(give, { bytes: i }, Buffer.alloc(1024 * 1024)));
    await until(() => connections[2]?.closed === true);
    expect(log[0]).toContain(`connection of ${connections[2]?.remoteAddr} is closed: `);
    expect(log[0]).toContain('bytes of answers wait for all peers together, more than 25165824');
    expect(connections.map(({ closed }) => closed)).toEqual([false, false, true]);
    expect(limits.totals.waitingBytes).toBeLessThanOrEqual(24 * 1024 * 1024);
    expect(await ask(20)).toBe(20);
  });

  it('close the one that has sent the most of unfinished requests', async () => {
    const { server, limits, log, ask, connections } = await serve({ maxTotalUnfinishedBytes: 3 * 1024 * 1024 });
    const [light, heavy] = [await stranger(server.port), await stranger(server.port)];
    await until(() => connections.length === 2);
    const unfinished = encodeFrame(createRequest(give, { bytes: 1 }, Buffer.alloc(8 * 1024 * 1024)));
    light?.write(unfinished.subarray(0, 500_000));
    await until(() => limits.totals.unfinishedBytes >= 500_000);
    heavy?.write(unfinished.subarray(0, 6 * 1024 * 1024));
    await until(() => connections[1]?.closed === true);
    expect(log[0]).toContain('bytes of unfinished requests have come from all peers together');
    expect(connections[0]?.closed).toBe(false);
    expect(await ask(20)).toBe(20);
  });

  it('give everything back when the connections are gone', async () => {
    const { server, limits, connections } = await serve();
    const sockets = await Promise.all(Array.from({ length: 5 }, () => stranger(server.port)));
    for (const socket of sockets) socket.write(Buffer.concat([request(6 * 1024 * 1024), request(9).subarray(0, 30)]));
    await until(() => connections.length === 5 && connections.every(({ waitingBytes }) => waitingBytes > 0));
    for (const socket of sockets) socket.destroy();
    // A socket that is written to in vain notices that it was reset.
    await until(() => {
      for (const connection of connections) connection.oneway(createRequest(slow, {}));
      return limits.connections === 0;
    });
    expect(limits.totals).toEqual({ waitingBytes: 0, unfinishedBytes: 0 });
  });

  it('read nothing more from a peer that has many requests worked on, and go on with its answers', async () => {
    const { server, waiting, connections } = await serve();
    const socket = await stranger(server.port);
    let received = 0;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    socket.resume();
    const asked = 300;
    socket.write(Buffer.concat(Array.from({ length: asked }, () => encodeFrame(createRequest(slow, {})))));
    await until(() => waiting.length > 0);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(waiting).toHaveLength(64);
    let answered = 0;
    while (answered < asked) {
      await until(() => waiting.length > 0);
      waiting.shift()?.(0);
      answered++;
    }
    await until(() => received > asked * 50);
    expect(connections[0]?.closed).toBe(false);
  });

  it('cut a peer that has closed its side and does not read the rest', async () => {
    const { server, limits, connections, clock } = await serve();
    const socket = await stranger(server.port);
    socket.write(request(12 * 1024 * 1024));
    await until(() => (connections[0]?.waitingBytes ?? 0) > 0);
    connections[0]?.close('the test says so');
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(limits.connections).toBe(1);
    clock.advance(5000);
    await until(() => limits.connections === 0);
    expect(limits.totals.waitingBytes).toBe(0);
  });

  it('keep no more memory for small answers than the answers take', async () => {
    const { server, connections } = await serve();
    const socket = await stranger(server.port);
    socket.write(request(4 * 1024 * 1024));
    await until(() => (connections[0]?.waitingBytes ?? 0) > 0);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1000; i++) {
      connections[0]?.oneway(createRequest(give, { bytes: i }));
      await new Promise((resolve) => setImmediate(resolve));
    }
    // A chunk of 128 KiB for each of them would be 125 MiB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30 * 1024 * 1024);
  });

  it('write few lines about a client that connects in a loop', async () => {
    const { server, log, limits } = await serve();
    for (let i = 0; i < 300; i++) (await stranger(server.port)).destroy();
    await until(() => limits.connections === 0);
    expect(log).toHaveLength(100);
  });

  it('let others have their turn when the requests of one take long', async () => {
    const { server, connections, order } = await serve();
    const [greedy, modest] = [await stranger(server.port), await stranger(server.port)];
    await until(() => connections.length === 2);
    const frame = (opaque: number): Buffer => encodeFrame({ ...createRequest(heavy, {}), opaque });
    greedy?.write(Buffer.concat(Array.from({ length: 60 }, (_, i) => frame(i))));
    modest?.write(frame(1000));
    await until(() => order.length === 61);
    expect(order.filter((opaque) => opaque < 1000)).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(order.indexOf(1000)).toBeLessThan(30);
  });
});
