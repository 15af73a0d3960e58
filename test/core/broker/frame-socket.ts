/** A bare socket that sends whole frames as given and hands back the frames it gets, for what RemotingClient would not send. */
import { connect } from 'node:net';
import { stopAfter } from './test-broker.ts';

export interface FrameSocket {
  send(frame: Buffer): void;
  /** The next frame that comes. */
  receive(): Promise<Buffer>;
  exchange(frame: Buffer): Promise<Buffer>;
}

/** A frame with this header text (JSON) and body. */
export function jsonFrame(header: string, body: Buffer): Buffer {
  const bytes = Buffer.from(header);
  const frame = Buffer.alloc(8 + bytes.length + body.length);
  frame.writeInt32BE(4 + bytes.length + body.length, 0);
  frame.writeInt32BE(bytes.length, 4);
  bytes.copy(frame, 8);
  body.copy(frame, 8 + bytes.length);
  return frame;
}

/** Code, extFields and remark of an answer frame with a JSON header, and the header's text. */
export function readAnswer(frame: Buffer) {
  const text = frame.toString('utf8', 8, 8 + frame.readUIntBE(5, 3));
  const header = JSON.parse(text) as {
    code: number;
    opaque: number;
    remark?: string;
    extFields: Record<string, string>;
  };
  return { text, ...header };
}

export async function openFrameSocket(port: number): Promise<FrameSocket> {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  stopAfter({ stop: async () => void socket.destroy() });
  const frames: Buffer[] = [];
  const waiting: ((frame: Buffer) => void)[] = [];
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      const frame = rest.subarray(0, end);
      rest = rest.subarray(end);
      const next = waiting.shift();
      if (next === undefined) frames.push(frame);
      else next(frame);
    }
  });
  const receive = (): Promise<Buffer> => {
    const frame = frames.shift();
    return frame === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(frame);
  };
  return {
    send: (frame) => void socket.write(frame),
    receive,
    exchange: (frame) => {
      socket.write(frame);
      return receive();
    },
  };
}
