/** Connections that misbehave, in numbers: each crowd is made, does harm until it is told to go, and leaves nothing. */
import { connect, type Socket } from 'node:net';
import { Random } from './random.ts';

/** At most so many connections of a crowd are being made at a time: the backlog of a server is no target here. */
const CONNECTING_AT_ONCE = 200;
/** The output that one never-reading connection asks with at a time. */
const ASKED_BYTES = 64 * 1024;

export interface Crowd {
  /** Connections that are open now. */
  readonly open: number;
  /** Connections made since the beginning. */
  readonly made: number;
  leave(): Promise<void>;
}

function socketTo(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  return socket;
}

async function makeMany(
  count: number,
  port: number,
  then: (socket: Socket, index: number) => void,
): Promise<Set<Socket>> {
  const open = new Set<Socket>();
  let next = 0;
  const maker = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      await new Promise<void>((resolve) => {
        const socket = socketTo(port);
        socket.once('connect', () => {
          open.add(socket);
          then(socket, index);
          resolve();
        });
        socket.once('close', () => {
          open.delete(socket);
          resolve();
        });
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, CONNECTING_AT_ONCE) }, maker));
  return open;
}

function crowdOf(open: Set<Socket>, made: number, beforeLeaving: () => void = () => {}): Crowd {
  return {
    made,
    get open() {
      return open.size;
    },
    leave: async () => {
      beforeLeaving();
      const gone = [...open].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      for (const socket of open) socket.resetAndDestroy();
      await Promise.all(gone);
    },
  };
}

/** Connections that say nothing; they would notice being closed. */
export async function idle(count: number, port: number): Promise<Crowd> {
  return crowdOf(await makeMany(count, port, (socket) => socket.resume()), count);
}

/** Connections that ask and ask for what `request` brings, and never read. */
export async function neverReading(count: number, port: number, request: Buffer): Promise<Crowd> {
  const asking = Buffer.concat(Array.from({ length: Math.ceil(ASKED_BYTES / request.length) }, () => request));
  const ask = (socket: Socket): void => {
    socket.pause();
    const more = (): void => {
      while (socket.write(asking));
    };
    socket.on('drain', more);
    more();
  };
  return crowdOf(await makeMany(count, port, ask), count);
}

/** Connections that ask once, end their half, and never read the answer. */
export async function halfOpen(count: number, port: number, request: Buffer): Promise<Crowd> {
  const half = (socket: Socket): void => {
    socket.pause();
    for (let i = 0; i < 20; i++) socket.write(request);
    socket.end();
  };
  return crowdOf(await makeMany(count, port, half), count);
}

/** Connections that announce a request of 8 MiB and send `bytes` of it. */
export async function unfinished(count: number, port: number, bytes: number): Promise<Crowd> {
  const start = Buffer.alloc(bytes);
  start.writeInt32BE(8 * 1024 * 1024, 0);
  start.writeInt32BE(100, 4);
  return crowdOf(await makeMany(count, port, (socket) => void socket.write(start)), count);
}

/** Connections that come, introduce themselves as another client each time, and go without a word; `count` at a time. */
export function reconnecting(count: number, port: number, seed: number): Crowd {
  const random = new Random(seed);
  let [made, running] = [0, true];
  const open = new Set<Socket>();
  const come = (): void => {
    if (!running) return;
    const socket = socketTo(port);
    socket.once('connect', () => {
      open.add(socket);
      made++;
      socket.write(heartbeat(`visitor${random.below(100_000)}`, `passers_by_${random.below(50)}`));
      socket.once('data', () => socket.resetAndDestroy());
    });
    socket.once('close', () => {
      open.delete(socket);
      setImmediate(come);
    });
  };
  for (let i = 0; i < count; i++) come();
  const crowd = crowdOf(open, 0, () => {
    running = false;
  });
  return {
    get made() {
      return made;
    },
    get open() {
      return crowd.open;
    },
    leave: () => crowd.leave(),
  };
}

function heartbeat(clientID: string, groupName: string): Buffer {
  const body = Buffer.from(
    JSON.stringify({
      clientID,
      consumerDataSet: [
        {
          consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
          consumeType: 'CONSUME_PASSIVELY',
          groupName,
          messageModel: 'CLUSTERING',
          subscriptionDataSet: [],
          unitMode: false,
        },
      ],
      producerDataSet: [{ groupName: `${groupName}_out` }],
    }),
  );
  const header = Buffer.from('{"code":34,"flag":0,"language":"JAVA","opaque":1,"version":407}');
  const frame = Buffer.alloc(8);
  frame.writeInt32BE(4 + header.length + body.length, 0);
  frame.writeInt32BE(header.length, 4);
  return Buffer.concat([frame, header, body]);
}
