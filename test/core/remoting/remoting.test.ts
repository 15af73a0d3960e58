import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/common/clock.ts';
import { PocketError } from '../../../src/core/common/errors.ts';
import type { Logger } from '../../../src/core/common/logger.ts';
import { defineRequest, optional, required } from '../../../src/core/protocol/schema.ts';
import { call } from '../../../src/core/remoting/call.ts';
import type { Connection } from '../../../src/core/remoting/connection.ts';
import { FrameDecoder } from '../../../src/core/remoting/frame-decoder.ts';
import { ProcessorTable, SUSPENDED } from '../../../src/core/remoting/processor-table.ts';
import { RemotingClient } from '../../../src/core/remoting/remoting-client.ts';
import { createRequest, decodeFrame, encodeFrame } from '../../../src/core/remoting/remoting-command.ts';
import { RemotingServer, type RemotingServerOptions } from '../../../src/core/remoting/remoting-server.ts';
import { ReplyError } from '../../../src/core/remoting/reply-error.ts';

const echo = defineRequest({
  code: 9001,
  javaClass: 'Echo',
  request: { text: required('string'), times: optional('int') },
  response: { text: required('string'), length: required('long') },
});
const silent = defineRequest({ code: 9002 });
const refuse = defineRequest({ code: 9003 });
const crash = defineRequest({ code: 9004 });
const later = defineRequest({ code: 9005 });
const big = defineRequest({ code: 9006, javaClass: 'Big', request: { bytes: required('int') } });
const unknown = defineRequest({ code: 9999 });
const ask = defineRequest({
  code: 9007,
  javaClass: 'Ask',
  request: { n: required('int') },
  response: { n: required('int') },
});

interface Seen {
  oneways: string[];
  log: string[];
  closed: string[];
  connections: Connection[];
}

const running: Array<{ stop(): Promise<void> }> = [];
afterEach(async () => {
  for (const service of running.splice(0).reverse()) await service.stop();
});

function logTo(lines: string[]): Logger {
  const add = (message: string): void => {
    lines.push(message);
  };
  return { debug: () => {}, info: add, warn: add, error: add };
}

async function serve(
  options: Partial<RemotingServerOptions> = {},
): Promise<{ server: RemotingServer; addr: string; seen: Seen }> {
  const seen: Seen = { oneways: [], log: [], closed: [], connections: [] };
  const logger = logTo(seen.log);
  const table = new ProcessorTable(seen, logger)
    .register(echo, (context, { header, command, body }) => {
      if ((command.flag & 2) !== 0) context.oneways.push(header.text);
      const text = header.text.repeat(header.times ?? 1);
      return { code: 0, header: { text, length: text.length }, extFields: { MSG_REGION: 'here' }, body };
    })
    .register(silent, () => undefined)
    .register(refuse, () => {
      throw new ReplyError(16, 'not you');
    })
    .register(crash, () => {
      throw new TypeError('a planted fault');
    })
    .register(later, (_context, request) => {
      setImmediate(() => request.respond({ code: 0, remark: 'after a while' }));
      return SUSPENDED;
    })
    .register(big, (_context, { header }) => ({ code: 0, body: Buffer.alloc(header.bytes, 5) }));
  const server = new RemotingServer({
    host: '127.0.0.1',
    port: 0,
    processors: table,
    clock: systemClock,
    logger,
    onOpen: (connection) => seen.connections.push(connection),
    onClose: (_connection, reason) => seen.closed.push(reason),
    ...options,
  });
  await server.start();
  running.push(server);
  return { server, addr: `127.0.0.1:${server.port}`, seen };
}

function client(): RemotingClient {
  const made = new RemotingClient({ clock: systemClock, logger: logTo([]) });
  running.push(made);
  return made;
}

async function rejection(promise: Promise<unknown>): Promise<PocketError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PocketError)) throw new Error(`expected a PocketError, got ${String(error)}`);
  return error;
}

/** A bare socket, for what no well-behaved client sends. */
async function rawSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  running.push({ stop: async () => void socket.destroy() });
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};

describe('a call', () => {
  it('carries header, further fields and body in both serializations', async () => {
    const { addr } = await serve();
    const remoting = client();
    for (const serializeType of [0, 1] as const) {
      const request = { ...createRequest(echo, { text: '消息"', times: 2 }, Buffer.from('body')), serializeType };
      const answer = await remoting.invoke(addr, request, 3000);
      expect(answer).toMatchObject({ code: 0, flag: 1, language: 'OTHER', version: 407, serializeType });
      expect(answer.extFields).toEqual({ text: '消息"消息"', length: '6', MSG_REGION: 'here' });
      expect(answer.body?.toString()).toBe('body');
    }
  });

  it('types the answer by the schema', async () => {
    const { addr } = await serve();
    const answer = await call(client(), addr, echo, { text: 'abc' }, { timeoutMs: 3000 });
    expect(answer.header).toEqual({ text: 'abc', length: 3 });
    expect(answer.body).toBeUndefined();
  });

  it('pairs many answers with their requests', async () => {
    const { addr } = await serve();
    const remoting = client();
    const calls = Array.from({ length: 500 }, (_, i) =>
      call(remoting, addr, echo, { text: `t${i}` }, { timeoutMs: 5000 }),
    );
    const texts = (await Promise.all(calls)).map((answer) => answer.header.text);
    expect(texts).toEqual(Array.from({ length: 500 }, (_, i) => `t${i}`));
  });

  it('carries a body larger than an output chunk', async () => {
    const { addr } = await serve();
    const answer = await call(client(), addr, big, { bytes: 3_000_000 }, { timeoutMs: 5000 });
    expect(answer.body?.length).toBe(3_000_000);
    expect(answer.body?.every((byte) => byte === 5)).toBe(true);
  });

  it('is answered later by a suspended processor', async () => {
    const { addr } = await serve();
    expect((await call(client(), addr, later, {}, { timeoutMs: 3000 })).command.remark).toBe('after a while');
  });

  it('ends in RESPONSE with the processor`s code, in code 3 for an unknown code, in code 1 for a fault', async () => {
    const { addr, seen } = await serve();
    const remoting = client();
    const refused = await rejection(call(remoting, addr, refuse, {}, { timeoutMs: 3000 }));
    expect(refused).toMatchObject({ code: 'RESPONSE', responseCode: 16, detail: 'not you' });
    const nobody = await rejection(call(remoting, addr, unknown, {}, { timeoutMs: 3000 }));
    expect(nobody).toMatchObject({ responseCode: 3, detail: ' request type 9999 not supported' });
    const crashed = await rejection(call(remoting, addr, crash, {}, { timeoutMs: 3000 }));
    expect(crashed).toMatchObject({ responseCode: 1, detail: 'TypeError: a planted fault' });
    expect(seen.log.filter((line) => line.includes('9004'))).toHaveLength(1);
  });

  it('names a missing or unreadable header field', async () => {
    const { addr } = await serve();
    const remoting = client();
    const command = createRequest(silent, {});
    const missing = await remoting.invoke(addr, { ...command, code: 9001 }, 3000);
    expect(missing).toMatchObject({ code: 1 });
    expect(missing.remark).toContain('lacks the field text');
    const bad = await remoting.invoke(addr, { ...command, code: 9006, extFields: { bytes: 'many' } }, 3000);
    expect(bad.remark).toContain('bytes is not a number: many');
  });

  it('times out when nobody answers, and a late answer hurts nobody', async () => {
    const { addr } = await serve();
    const remoting = client();
    const error = await rejection(call(remoting, addr, silent, {}, { timeoutMs: 30 }));
    expect(error.code).toBe('TIMEOUT');
    expect((await call(remoting, addr, echo, { text: 'on' }, { timeoutMs: 3000 })).header.text).toBe('on');
  });

  it('ends in CONNECT at a port nobody listens on', async () => {
    const { server, addr } = await serve();
    await server.stop();
    const error = await rejection(call(client(), addr, echo, { text: 'x' }, { timeoutMs: 3000 }));
    expect(error).toMatchObject({ code: 'CONNECT', message: `connect to ${addr} failed` });
  });

  it('ends in CONNECT when the connection breaks under it, and the next call connects anew', async () => {
    const { addr, seen } = await serve();
    const remoting = client();
    const waiting = rejection(call(remoting, addr, silent, {}, { timeoutMs: 3000 }));
    await until(() => seen.connections.length === 1);
    seen.connections[0]?.close('the test says so');
    expect((await waiting).code).toBe('CONNECT');
    expect((await call(remoting, addr, echo, { text: 'again' }, { timeoutMs: 3000 })).header.text).toBe('again');
    expect(seen.connections).toHaveLength(2);
  });

  it('needs no answer when it is one-way', async () => {
    const { addr, seen } = await serve();
    await client().oneway(addr, createRequest(echo, { text: 'fire' }));
    await until(() => seen.oneways.length === 1);
    expect(seen.oneways).toEqual(['fire']);
  });
});

describe('a server', () => {
  it('asks its client over the same connection', async () => {
    const { addr, seen } = await serve();
    const table = new ProcessorTable({}, logTo([])).register(ask, (_context, { header }) => ({
      code: 0,
      header: { n: header.n + 1 },
    }));
    const remoting = new RemotingClient({ clock: systemClock, logger: logTo([]), processors: table });
    running.push(remoting);
    await remoting.connection(addr);
    await until(() => seen.connections.length === 1);
    const answer = await seen.connections[0]?.invoke(createRequest(ask, { n: 41 }), 3000);
    expect(answer?.extFields).toEqual({ n: '42' });
  });

  it('closes only the connection that sends garbage, logs it once, and serves everyone else on', async () => {
    const { server, addr, seen } = await serve();
    const remoting = client();
    await call(remoting, addr, echo, { text: 'before' }, { timeoutMs: 3000 });
    const garbage = [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from('ffffffffffffffff', 'hex'),
      Buffer.from('0000000800000009deadbeef', 'hex'),
      Buffer.concat([Buffer.from('0000000d00000009', 'hex'), Buffer.from('{not json')]),
      Buffer.concat([Buffer.from('0000000600000002', 'hex'), Buffer.from('[]')]),
      Buffer.from('0000000801000004deadbeef', 'hex'),
    ];
    for (const bytes of garbage) {
      const socket = await rawSocket(server.port);
      const gone = new Promise((resolve) => socket.once('close', resolve));
      socket.write(bytes);
      socket.resume();
      await gone;
    }
    expect(seen.closed).toHaveLength(garbage.length);
    expect(seen.log).toHaveLength(garbage.length);
    expect((await call(remoting, addr, echo, { text: 'after' }, { timeoutMs: 3000 })).header.text).toBe('after');
  });

  it('notices a frame that is cut off by the end of the connection', async () => {
    const { server, seen } = await serve();
    const socket = await rawSocket(server.port);
    socket.end(encodeFrame(createRequest(echo, { text: 'half' })).subarray(0, 20));
    await until(() => seen.closed.length === 1);
    expect(seen.log).toHaveLength(1);
  });

  it('answers a frame that comes byte by byte', async () => {
    const { server } = await serve();
    const socket = await rawSocket(server.port);
    const answered = new Promise<Buffer>((resolve) => socket.once('data', resolve));
    for (const byte of encodeFrame({ ...createRequest(echo, { text: 'slow' }), opaque: 77 }))
      socket.write(Buffer.of(byte));
    expect(decodeFrame(await answered)).toMatchObject({ opaque: 77, flag: 1, extFields: { text: 'slow' } });
  });

  it('stops reading from a client that does not read, and goes on when it does', async () => {
    const { server, seen } = await serve();
    const socket = await rawSocket(server.port);
    socket.pause();
    const request = encodeFrame(createRequest(big, { bytes: 500_000 }));
    const asked = 200;
    for (let i = 0; i < asked; i++) socket.write(request);
    const { promise, resolve } = deferred();
    let received = 0;
    const expected = asked * 500_000;
    await until(() => seen.connections.length === 1);
    // Let the server answer what it will; far below 100 MB may wait in it.
    for (let i = 0; i < 200; i++) await new Promise((turn) => setImmediate(turn));
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(60_000_000);
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received >= expected) resolve();
    });
    socket.resume();
    await promise;
    expect(received).toBeGreaterThanOrEqual(expected);
  });

  it('writes to a slow reader what it was given, whatever quick ones are answered meanwhile', async () => {
    const { server, addr, seen } = await serve();
    const slow = await rawSocket(server.port);
    slow.pause();
    await until(() => seen.connections.length === 1);
    // More than the system's socket buffers hold, each message in a turn of its own and small enough for a shared chunk.
    const pushed = 700;
    const textOf = (i: number): string => `${i} `.repeat(14_000);
    for (let i = 0; i < pushed; i++) {
      seen.connections[0]?.oneway(createRequest(echo, { text: textOf(i) }));
      await new Promise((turn) => setImmediate(turn));
    }
    const remoting = client();
    for (let i = 0; i < 200; i++) {
      const text = `quick ${i} `;
      const answer = await call(remoting, addr, echo, { text, times: 30 }, { timeoutMs: 3000 });
      expect(answer.header.text).toBe(text.repeat(30));
    }
    const received: (string | undefined)[] = [];
    const { promise, resolve } = deferred();
    const decoder = new FrameDecoder(1 << 24, (buffer, start, end) => {
      received.push(decodeFrame(buffer.subarray(start, end)).extFields?.text);
      if (received.length === pushed) resolve();
      return true;
    });
    slow.on('data', (chunk: Buffer) => decoder.push(chunk, 0, chunk.length));
    slow.resume();
    await promise;
    for (const [i, text] of received.entries()) expect(text === textOf(i)).toBe(true);
  });

  it('closes a connection that is idle', async () => {
    const { server, seen } = await serve({ idleTimeoutMs: 80 });
    const socket = await rawSocket(server.port);
    await new Promise((resolve) => socket.once('close', resolve).resume());
    expect(seen.closed).toEqual(['it was idle for too long']);
  });

  it('names the port that is taken', async () => {
    const { server } = await serve();
    const second = new RemotingServer({
      host: '127.0.0.1',
      port: server.port,
      processors: new ProcessorTable({}, logTo([])),
      clock: systemClock,
      logger: logTo([]),
    });
    expect(await rejection(second.start())).toMatchObject({ code: 'IN_USE', message: `port ${server.port} is in use` });
  });

  it('gives up an attempt to connect when the client stops', async () => {
    const { addr } = await serve();
    const remoting = client();
    const attempt = rejection(remoting.connection(addr));
    await remoting.stop();
    expect(await attempt).toMatchObject({ code: 'STOPPED' });
  });

  it('leaves no connection behind when it stops, and stops twice', async () => {
    const { server, addr, seen } = await serve();
    const socket = await rawSocket(server.port);
    const remoting = client();
    await call(remoting, addr, echo, { text: 'x' }, { timeoutMs: 3000 });
    const gone = new Promise((resolve) => socket.once('close', resolve).resume());
    await server.stop();
    await gone;
    await server.stop();
    expect([...server.connections()]).toEqual([]);
    expect(seen.closed).toEqual(['the server stops', 'the server stops']);
    await until(() => !remoting.isConnected(addr));
  });
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
