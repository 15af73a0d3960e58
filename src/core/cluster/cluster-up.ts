/**
 * The local cluster as background processes: one namesrv and N brokers (broker-a, broker-b, ...) of one data directory. What
 * runs already is kept and what is missing is started, so that bringing a cluster up twice is harmless; whoever does so at
 * the same time waits for the one that was first.
 */

import { PocketError } from '../common/errors.ts';
import { type ClusterProcess, listProcesses } from './cluster-ini.ts';
import { type SpawnOptions, spawnProcess, stopProcess } from './daemon.ts';
import { localBrokerName, logFileOf } from './data-dir.ts';
import { isPortFree, pickPort } from './free-ports.ts';
import { untilReady } from './ready.ts';
import { takeUpLock } from './up-lock.ts';

export interface UpOptions {
  dataDir: string;
  /** Brokers that shall run, 1 to 9. */
  brokers: number;
  /** Of the namesrv: 0 any free one; undefined: 9876, and the brokers take 10911, 10921, ... With a port, brokers take any. */
  port?: number | undefined;
  /** Takes any free port where the usual one is in use; only without `port`. */
  elsewhere?: boolean;
  /** The script that runs a command. */
  entry: string;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

export interface RunningCluster {
  namesrvAddr: string;
  namesrv: ClusterProcess;
  brokers: ClusterProcess[];
  /** How many processes this call started. */
  started: number;
}

const HOST = '127.0.0.1';
const NAMESRV_PORT = 9876;
const BROKER_PORT = 10_911;
const BROKER_PORT_STEP = 10;
const STOP_TIMEOUT_MS = 15_000;

/**
 * Resolves once every broker takes a message and gives it back. Rejects with what the first process that did not start said
 * (STOPPED), or with TIMEOUT; what this call started is stopped then.
 */
export async function bringUp(options: UpOptions): Promise<RunningCluster> {
  const unlock = await takeUpLock(options.dataDir, options);
  try {
    return await startMissing(options);
  } finally {
    unlock();
  }
}

async function startMissing(options: UpOptions): Promise<RunningCluster> {
  const { dataDir, brokers, timeoutMs, signal } = options;
  const started: ClusterProcess[] = [];
  const spawn = async (role: 'namesrv' | 'broker', logName: string, args: readonly string[]): Promise<void> => {
    started.push(await spawnProcess(spawnOptions(options, role, logName, args)));
  };
  try {
    const onUsualPorts = await usesUsualPorts(options);
    if (running(dataDir, 'namesrv').length === 0) {
      const chosen = options.port || (await pickPort(HOST, Math.random));
      await spawn('namesrv', 'namesrv', [`--port=${onUsualPorts ? NAMESRV_PORT : chosen}`]);
    }
    const namesrv = running(dataDir, 'namesrv')[0];
    if (namesrv === undefined) throw new PocketError('STOPPED', 'the name server ended by itself');
    const settled = await Promise.allSettled(
      missingBrokers(dataDir, brokers).map(({ name, index }) => {
        const port = onUsualPorts ? BROKER_PORT + BROKER_PORT_STEP * index : 0;
        return spawn('broker', `broker-${name}`, [`--name=${name}`, `--port=${port}`, `--namesrvAddr=${namesrv.addr}`]);
      }),
    );
    const failed = settled.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    await untilReady({ namesrvAddrs: () => [namesrv.addr], brokers, timeoutMs, signal });
    return { namesrvAddr: namesrv.addr, namesrv, brokers: running(dataDir, 'broker'), started: started.length };
  } catch (error) {
    for (const entry of started.reverse()) await stopProcess(entry, { timeoutMs: STOP_TIMEOUT_MS, kill: true });
    throw error;
  }
}

const running = (dataDir: string, role: 'namesrv' | 'broker'): ClusterProcess[] =>
  listProcesses(dataDir)
    .filter((entry) => entry.role === role)
    .sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1));

/** Brokers under other names count, too: with one of them, one of ours less is started. */
function missingBrokers(dataDir: string, wanted: number): { name: string; index: number }[] {
  const live = running(dataDir, 'broker');
  const names = Array.from({ length: wanted }, (_, index) => ({ name: localBrokerName(index), index }));
  const absent = names.filter(({ name }) => !live.some((entry) => entry.name === name));
  return absent.slice(0, Math.max(0, wanted - live.length));
}

async function usesUsualPorts({ port, elsewhere, brokers }: UpOptions): Promise<boolean> {
  if (port !== undefined) return false;
  if (elsewhere !== true) return true;
  const wanted = Array.from({ length: brokers }, (_, index) => BROKER_PORT + BROKER_PORT_STEP * index);
  for (const usual of [NAMESRV_PORT, ...wanted.flatMap((base) => [base - 2, base, base + 1])]) {
    if (!(await isPortFree(HOST, usual))) return false;
  }
  return true;
}

function spawnOptions(
  { dataDir, entry, timeoutMs, signal }: UpOptions,
  role: 'namesrv' | 'broker',
  logName: string,
  args: readonly string[],
): SpawnOptions {
  const options: SpawnOptions = {
    role,
    args: [...args, `--data-dir=${dataDir}`],
    dataDir,
    logFile: logFileOf(dataDir, `${logName}-output`),
    entry,
    timeoutMs,
  };
  return signal === undefined ? options : { ...options, signal };
}
