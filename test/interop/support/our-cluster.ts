/**
 * PocketMQ's own namesrv and broker as real processes of the built package, and its command.
 *
 * `npm run build` must have run: these tests start what a user starts, bin/run.cjs, never the sources. Every flag
 * the tests rely on stands in the functions `namesrvArgs` and `brokerArgs`.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClusterPorts, freeClusterPorts } from './java-cluster.ts';
import { waitForPort } from './ports.ts';
import { childEnv, type Finished, pollUntil, removeFolder, runToEnd, Spawned, temporaryFolder } from './process.ts';
import { brokerRegistered } from './wire.ts';

const REPO = fileURLToPath(new URL('../../../', import.meta.url));
const START_LIMIT_MS = 30_000;
const NAMESRV_BOOTED = /The Name Server boot success\. serializeType=JSON/;
/** The name and the address under which the broker is known. */
const BROKER_BOOTED = /The broker\[([^,\]]+), ([^\]]+)\] boot success\. serializeType=JSON and name server is (\S+)/;

export const OUR_ENTRY = join(REPO, 'bin', 'run.cjs');

function namesrvArgs(dataDir: string, port: number): string[] {
  return ['namesrv', '--data-dir', dataDir, '--port', String(port)];
}

function brokerArgs(dataDir: string, port: number, namesrvAddr: string, configFile: string): string[] {
  return ['broker', '--data-dir', dataDir, '--port', String(port), '-n', namesrvAddr, '-c', configFile];
}

export interface OurClusterOptions {
  /** Lines of broker.conf beside or instead of the usual ones. */
  readonly broker?: Readonly<Record<string, string>>;
  readonly ports?: ClusterPorts;
  /** What Node runs as the broker instead of the built command. */
  readonly brokerEntry?: readonly string[];
}

export class OurCluster {
  readonly folder: string;
  readonly namesrvPort: number;
  readonly brokerPort: number;
  readonly clusterName = 'DefaultCluster';
  readonly brokerName: string;
  namesrv: Spawned | undefined;
  broker: Spawned | undefined;
  private readonly config: Readonly<Record<string, string>>;
  private readonly brokerEntry: readonly string[];

  private constructor(ports: ClusterPorts, options: OurClusterOptions) {
    this.brokerEntry = options.brokerEntry ?? [OUR_ENTRY];
    this.folder = temporaryFolder('ours');
    this.namesrvPort = ports.namesrv;
    this.brokerPort = ports.broker;
    this.config = {
      brokerClusterName: this.clusterName,
      brokerName: 'broker-a',
      brokerId: '0',
      brokerIP1: '127.0.0.1',
      mappedFileSizeCommitLog: '134217728',
      diskMaxUsedSpaceRatio: '99',
      ...options.broker,
    };
    this.brokerName = this.config.brokerName ?? 'broker-a';
    mkdirSync(this.dataDir);
    const lines = Object.entries(this.config).map(([key, value]) => `${key}=${value}`);
    writeFileSync(this.configFile, `${lines.join('\n')}\n`);
  }

  /** Ports and folders chosen, nothing started yet: for callers that time the start. */
  static async prepare(options: OurClusterOptions = {}): Promise<OurCluster> {
    if (!existsSync(OUR_ENTRY)) throw new Error('bin/run.cjs is missing: run `npm run build` before the interop tests');
    return new OurCluster(options.ports ?? (await freeClusterPorts()), options);
  }

  static async start(options: OurClusterOptions = {}): Promise<OurCluster> {
    const cluster = await OurCluster.prepare(options);
    try {
      await cluster.startNamesrv();
      await cluster.startBroker();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get namesrvAddr(): string {
    return `127.0.0.1:${this.namesrvPort}`;
  }

  private get brokerHost(): string {
    return this.config.brokerIP1 ?? '127.0.0.1';
  }

  get brokerAddr(): string {
    return `${this.brokerHost}:${this.brokerPort}`;
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  private get configFile(): string {
    return join(this.folder, 'broker.conf');
  }

  /** storePathRootDir: the folder below the data folder that holds `commitlog`. */
  get storeDir(): string {
    const found = findParentOf('commitlog', this.dataDir, 4);
    if (found === undefined) throw new Error(`no commitlog folder below ${this.dataDir}`);
    return found;
  }

  /** Returns when the port accepts, without waiting for the line on stdout. */
  async startNamesrvUntilListening(): Promise<void> {
    this.namesrv = ourServer('namesrv', [OUR_ENTRY, ...namesrvArgs(this.dataDir, this.namesrvPort)]);
    await waitForPort(this.namesrvPort, this.namesrv, START_LIMIT_MS);
  }

  /** Waits for nothing. */
  spawnBroker(): Spawned {
    const args = brokerArgs(this.dataDir, this.brokerPort, this.namesrvAddr, this.configFile);
    this.broker = ourServer('broker', [...this.brokerEntry, ...args]);
    return this.broker;
  }

  async startBrokerUntilListening(): Promise<void> {
    await waitForPort(this.brokerPort, this.spawnBroker(), START_LIMIT_MS, this.brokerHost);
  }

  async startNamesrv(): Promise<void> {
    await this.startNamesrvUntilListening();
    await this.namesrv?.waitForOutput(NAMESRV_BOOTED, START_LIMIT_MS);
  }

  /** Returns when the broker has said so and the name server lists it. */
  async startBroker(): Promise<void> {
    await this.startBrokerUntilListening();
    const booted = await this.broker?.waitForOutput(BROKER_BOOTED, START_LIMIT_MS);
    const said = `${booted?.[1]} ${booted?.[2]} ${booted?.[3]}`;
    const meant = `${this.brokerName} ${this.brokerAddr} ${this.namesrvAddr}`;
    if (said !== meant) throw new Error(`the broker says it is "${said}", it was started as "${meant}"`);
    await pollUntil('registration of our broker', () => brokerRegistered(this.namesrvAddr, this.brokerAddr), {
      timeoutMs: START_LIMIT_MS,
    });
  }

  /** SIGTERM is what `mqshutdown` sends; SIGKILL is the crash. */
  async stopBroker(signal: NodeJS.Signals = 'SIGTERM'): Promise<Finished | undefined> {
    const result = await this.broker?.stop(signal);
    this.broker = undefined;
    return result;
  }

  async stop(): Promise<void> {
    await this.stopBroker();
    await this.namesrv?.stop();
    this.namesrv = undefined;
    removeFolder(this.folder);
  }

  /** One of our commands against this cluster: `-n` is added. */
  command(...args: string[]): Promise<Finished> {
    return pocketmq([...args, '-n', this.namesrvAddr]);
  }
}

function ourServer(name: string, args: readonly string[]): Spawned {
  return new Spawned(`our ${name}`, process.execPath, args, { env: childEnv() });
}

/** Runs our command to its end. */
export function pocketmq(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  return runToEnd(process.execPath, [OUR_ENTRY, ...args], { env: childEnv(env), timeoutMs: 60_000 });
}

function findParentOf(name: string, folder: string, depth: number): string | undefined {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  if (entries.some((entry) => entry.name === name)) return folder;
  if (depth === 0) return undefined;
  for (const entry of entries) {
    const found = findParentOf(name, join(folder, entry.name), depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
