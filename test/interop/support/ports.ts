/**
 * Loopback ports for servers under test: finding free ones and waiting until a server listens.
 */
import { createServer, type Server, Socket } from 'node:net';
import { pollUntil, type Spawned } from './process.ts';

/** True when something accepts connections on this loopback port. */
export function portOpen(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new Socket();
    const done = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.connect(port, host);
  });
}

/** Waits until the port accepts, or throws when the process that should open it has ended. */
export async function waitForPort(port: number, owner: Spawned, timeoutMs: number, host?: string): Promise<void> {
  await pollUntil(
    `${owner.name} on port ${port}`,
    async () => {
      if (owner.finished !== undefined) {
        throw new Error(`${owner.name} ended with code ${owner.finished.code}: ${owner.stdout}${owner.stderr}`);
      }
      return portOpen(port, host);
    },
    { timeoutMs, everyMs: 2 },
  );
}

/**
 * A base port P with P-2, P and P+1 free: a broker's fast port, its port and its HA port.
 * Ports stay below 32768, where the system does not hand out its own outgoing ports: a client's socket may
 * otherwise take the port between this check and the server's bind.
 */
export async function freeBasePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const base = 12_002 + Math.floor(Math.random() * 20_700);
    if (handedOut.has(base)) continue;
    if ((await canBind(base - 2)) && (await canBind(base)) && (await canBind(base + 1))) {
      for (let port = base - 4; port <= base + 4; port += 1) handedOut.add(port);
      return base;
    }
  }
  throw new Error('no three free neighbouring ports were found below 32768');
}

const handedOut = new Set<number>();

function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server: Server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}
