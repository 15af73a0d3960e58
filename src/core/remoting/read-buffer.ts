/**
 * All sockets of the process read into one buffer: a frame is taken care of before the next read, so nothing is
 * allocated per read (about a quarter of the read cost less than 'data' events).
 *
 * For outgoing sockets `onread` is a documented option. For accepted ones it is not: the handle is moved from the socket
 * that net.Server made to a new one made with `onread`. That move leans on Node's internals, so it is kept here, checked
 * before it is used, and left out (plain 'data' events) where a Node version does not have what it needs.
 */

import { type OnReadOpts, Socket } from 'node:net';

const READ_BUFFER_LENGTH = 256 * 1024;
const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_LENGTH);

/** Bytes 0..length of `buffer` were read; they are overwritten after the call. */
export type ReadListener = (buffer: Buffer, length: number) => void;

/** The `onread` option that reads into the shared buffer. The listener may be given later. */
export function sharedRead(listener: ReadListener): OnReadOpts {
  return {
    buffer: readBuffer,
    callback: (length) => {
      listener(readBuffer, length);
      return true;
    },
  };
}

/** The parts of an accepted socket that the move needs; undocumented, hence all optional. */
interface AcceptedSocket {
  _handle?: { useUserBuffer?: unknown; reading?: unknown } | null;
  _server?: unknown;
  server?: unknown;
}

/**
 * Makes an accepted, still paused socket (`pauseOnConnect`) deliver its bytes to `listener` and returns the socket to use
 * from now on.
 */
export function readAccepted(accepted: Socket, listener: ReadListener): Socket {
  const internals = accepted as unknown as AcceptedSocket;
  const handle = internals._handle;
  if (!handle || typeof handle.useUserBuffer !== 'function' || !('_server' in internals)) {
    accepted.on('data', (chunk: Buffer) => listener(chunk, chunk.length));
    accepted.resume();
    return accepted;
  }
  const options = { handle, onread: sharedRead(listener), readable: true, writable: true };
  const socket = new Socket(options as ConstructorParameters<typeof Socket>[0]);
  // net.Server counts the connection by the socket that has `_server`; it must be counted down when the new one closes.
  const moved = socket as unknown as AcceptedSocket;
  moved._server = internals._server;
  moved.server = internals.server;
  internals._handle = null;
  internals._server = null;
  return socket;
}
