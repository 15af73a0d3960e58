/**
 * Free ports for a cluster that must not collide with what already runs. A broker needs three: its port, two below it
 * (the VIP listener) and one above (replication). Ports stay below 32768, where Linux begins to give ports to outgoing
 * connections. A port is probed by listening on it for a moment, with the class that will use it.
 */

import { systemClock } from '../common/clock.ts';
import { PocketError } from '../common/errors.ts';
import { silentLogger } from '../common/logger.ts';
import { ProcessorTable } from '../remoting/processor-table.ts';
import { RemotingServer } from '../remoting/remoting-server.ts';

const LOWEST = 12_000;
const HIGHEST = 32_700;
const ATTEMPTS = 200;

/** Offsets of a broker's listeners from its port. */
const BROKER_LISTENERS = [-2, 0, 1];

/** True when a listener can be opened on that address and port now. */
export async function isPortFree(host: string, port: number): Promise<boolean> {
  const processors = new ProcessorTable(undefined, silentLogger);
  const server = new RemotingServer({ host, port, processors, clock: systemClock, logger: silentLogger });
  try {
    await server.start();
    return true;
  } catch (error) {
    if (error instanceof PocketError && error.code === 'IN_USE') return false;
    throw error;
  } finally {
    await server.stop();
  }
}

/** A free port. Rejects with PocketError IN_USE when none is found. */
export function pickPort(host: string, random: () => number): Promise<number> {
  return pick(host, [0], random);
}

/** A port whose -2, +0 and +1 are all free. Rejects with PocketError IN_USE when none is found. */
export function pickBrokerPort(host: string, random: () => number): Promise<number> {
  return pick(host, BROKER_LISTENERS, random);
}

async function pick(host: string, offsets: readonly number[], random: () => number): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const base = LOWEST + Math.floor(random() * (HIGHEST - LOWEST));
    if (
      await allFree(
        host,
        offsets.map((offset) => base + offset),
      )
    )
      return base;
  }
  throw new PocketError('IN_USE', `no free port was found between ${LOWEST} and ${HIGHEST}`);
}

async function allFree(host: string, ports: readonly number[]): Promise<boolean> {
  for (const port of ports) if (!(await isPortFree(host, port))) return false;
  return true;
}
