/**
 * The real Java namesrv and broker as processes on free loopback ports, the real mqadmin, and our own Java programs.
 *
 * All files of a cluster (ROCKETMQ_HOME, user.home, configuration, store) stand in one temporary folder that
 * `stop()` removes; heaps and flags are those the benchmark is defined with. Ready means: the port accepts and the
 * name server lists the broker, both polled.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePeer, JVM_OPENS, type Peer, type PeerVersion, programClasspath } from './peers.ts';
import { freeBasePort, waitForPort } from './ports.ts';
import { childEnv, type Finished, pollUntil, removeFolder, Spawned, temporaryFolder } from './process.ts';
import { brokerRegistered } from './wire.ts';

const START_LIMIT_MS = 90_000;
const NAMESRV_HEAP = ['-Xms256m', '-Xmx256m'];
const BROKER_HEAP = ['-Xms1g', '-Xmx1g', '-XX:MaxDirectMemorySize=1g'];
const MQADMIN_HEAP = ['-Xms256m', '-Xmx256m'];
const CLIENT_HEAP = ['-Xmx512m'];

/** ROCKETMQ_HOME with the configuration files without which the servers and the tools refuse to start. */
function makeHome(parent: string): string {
  const conf = join(parent, 'home', 'conf');
  mkdirSync(conf, { recursive: true });
  const silent = '<configuration><root level="ERROR"/></configuration>\n';
  for (const part of ['namesrv', 'broker', 'tools', 'client']) {
    writeFileSync(join(conf, `logback_${part}.xml`), silent);
    writeFileSync(join(conf, `rmq.${part}.logback.xml`), silent);
  }
  writeFileSync(join(conf, 'tools.yml'), 'accounts: []\n');
  writeFileSync(join(conf, 'plain_acl.yml'), 'globalWhiteRemoteAddresses: []\naccounts: []\n');
  return join(parent, 'home');
}

export interface JavaClusterOptions {
  readonly version?: PeerVersion;
  /** Lines of broker.conf beside or instead of the usual ones. */
  readonly broker?: Readonly<Record<string, string>>;
  /** Store to open instead of a fresh one; it is not removed. */
  readonly storeDir?: string;
  /** Ports to use instead of free ones, so that two clusters can print the same addresses one after the other. */
  readonly ports?: ClusterPorts;
}

export interface ClusterPorts {
  readonly namesrv: number;
  /** The broker's own port; the ones at -2 and +1 are used as well. */
  readonly broker: number;
}

export async function freeClusterPorts(): Promise<ClusterPorts> {
  return { namesrv: await freeBasePort(), broker: await freeBasePort() };
}

export class JavaCluster {
  readonly peer: Peer;
  readonly folder: string;
  readonly namesrvPort: number;
  readonly brokerPort: number;
  readonly clusterName = 'DefaultCluster';
  readonly brokerName: string;
  readonly storeDir: string;
  namesrv: Spawned | undefined;
  broker: Spawned | undefined;
  private readonly home: string;
  private readonly extra: Readonly<Record<string, string>>;

  private constructor(peer: Peer, ports: ClusterPorts, options: JavaClusterOptions) {
    this.peer = peer;
    this.namesrvPort = ports.namesrv;
    this.brokerPort = ports.broker;
    this.folder = temporaryFolder('java');
    this.home = makeHome(this.folder);
    this.extra = options.broker ?? {};
    this.brokerName = this.extra.brokerName ?? 'broker-a';
    this.storeDir = options.storeDir ?? join(this.folder, 'store');
  }

  /** Ports and folders chosen, nothing started yet: for callers that time the start. */
  static async prepare(options: JavaClusterOptions = {}): Promise<JavaCluster> {
    const peer = await ensurePeer(options.version ?? '4.9.7');
    return new JavaCluster(peer, options.ports ?? (await freeClusterPorts()), options);
  }

  static async start(options: JavaClusterOptions = {}): Promise<JavaCluster> {
    const cluster = await JavaCluster.prepare(options);
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
    return this.extra.brokerIP1 ?? '127.0.0.1';
  }

  get brokerAddr(): string {
    return `${this.brokerHost}:${this.brokerPort}`;
  }

  /** Returns when the port accepts. */
  async startNamesrv(): Promise<void> {
    const file = this.properties('namesrv.properties', {
      listenPort: String(this.namesrvPort),
      kvConfigPath: join(this.folder, 'kvConfig.json'),
      configStorePath: join(this.folder, 'namesrv-store.properties'),
    });
    this.namesrv = this.server('namesrv', NAMESRV_HEAP, 'org.apache.rocketmq.namesrv.NamesrvStartup', file);
    await waitForPort(this.namesrvPort, this.namesrv, START_LIMIT_MS);
  }

  /** Returns when the port accepts and the name server lists the broker. */
  async startBroker(): Promise<void> {
    await this.startBrokerUntilListening();
    await pollUntil('registration of the Java broker', () => brokerRegistered(this.namesrvAddr, this.brokerAddr), {
      timeoutMs: START_LIMIT_MS,
      everyMs: 50,
    });
  }

  async startBrokerUntilListening(): Promise<void> {
    const file = this.properties('broker.conf', {
      brokerClusterName: this.clusterName,
      brokerName: this.brokerName,
      brokerId: '0',
      brokerIP1: '127.0.0.1',
      listenPort: String(this.brokerPort),
      haListenPort: String(this.brokerPort + 1),
      namesrvAddr: this.namesrvAddr,
      storePathRootDir: this.storeDir,
      storePathCommitLog: join(this.storeDir, 'commitlog'),
      mappedFileSizeCommitLog: '134217728',
      // A nearly full disk of the test machine must not make the broker refuse or delete messages.
      diskMaxUsedSpaceRatio: '99',
      ...this.extra,
    });
    this.broker = this.server('broker', BROKER_HEAP, 'org.apache.rocketmq.broker.BrokerStartup', file);
    await waitForPort(this.brokerPort, this.broker, START_LIMIT_MS, this.brokerHost);
  }

  /** Ends the broker; SIGTERM is the clean way (unregisters, writes the checkpoint), SIGKILL the crash. */
  async stopBroker(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.broker?.stop(signal, 30_000);
    this.broker = undefined;
  }

  /** Ends both and removes everything written. The broker goes first, as it unregisters at the name server. */
  async stop(): Promise<void> {
    await this.stopBroker();
    await this.namesrv?.stop('SIGTERM', 10_000);
    this.namesrv = undefined;
    removeFolder(this.folder);
  }

  private properties(name: string, values: Readonly<Record<string, string>>): string {
    const file = join(this.folder, name);
    const lines = Object.entries(values).map(([key, value]) => `${key}=${value}`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    return file;
  }

  private server(name: string, heap: readonly string[], main: string, configFile: string): Spawned {
    const args = [...javaFlags(heap, this.folder, this.home), '-cp', this.peer.classpath, main, '-c', configFile];
    return new Spawned(`Java ${name} ${this.peer.version}`, 'java', args);
  }
}

function javaFlags(heap: readonly string[], userHome: string, rocketmqHome: string): string[] {
  const logging = join(rocketmqHome, 'conf', 'rmq.client.logback.xml');
  return [
    ...JVM_OPENS,
    ...heap,
    `-Duser.home=${userHome}`,
    `-Drocketmq.home.dir=${rocketmqHome}`,
    // Read by 5.x only, which otherwise writes its logging's own messages to standard output.
    `-Drmq.logback.configurationFile=${logging}`,
  ];
}

export interface JavaRunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Further JVM flags, such as -Drocketmq.serialize.type=ROCKETMQ. */
  readonly jvm?: readonly string[];
}

let toolsFolder: string | undefined;

/** Home and user.home of tools and clients: one folder a test process. */
function clientFolder(): string {
  toolsFolder ??= temporaryFolder('java-tools');
  makeHome(toolsFolder);
  return toolsFolder;
}

/** Command line of the real mqadmin, for callers that time it. */
export function mqadminCommand(peer: Peer, args: readonly string[]): string[] {
  const folder = clientFolder();
  const flags = javaFlags(MQADMIN_HEAP, folder, join(folder, 'home'));
  return [...flags, '-cp', peer.classpath, 'org.apache.rocketmq.tools.command.MQAdminStartup', ...args];
}

/** Runs the real mqadmin to its end; it takes three to five seconds. */
export function mqadmin(
  peer: Peer,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const run = new Spawned(`mqadmin ${args.join(' ')}`, 'java', mqadminCommand(peer, args), { env: childEnv(env) });
  run.closeStdin();
  return run.wait(120_000);
}

/** Starts one of test/interop/java's programs; its standard input stays open. */
export async function startProgram(
  peer: Peer,
  program: string,
  args: readonly (string | number)[],
  options: JavaRunOptions = {},
): Promise<Spawned> {
  const folder = clientFolder();
  const flags = [
    ...javaFlags(CLIENT_HEAP, folder, join(folder, 'home')),
    '-Drocketmq.client.logLevel=ERROR',
    ...(options.jvm ?? []),
    '-cp',
    await programClasspath(peer),
    program,
    ...args.map(String),
  ];
  return new Spawned(`${program} ${peer.version}`, 'java', flags, { env: childEnv(options.env) });
}

/** Runs one of our Java programs to its end; throws unless it ends with code 0. */
export async function runProgram(
  peer: Peer,
  program: string,
  args: readonly (string | number)[],
  options: JavaRunOptions & { readonly stdin?: string } = {},
): Promise<Finished> {
  const run = await startProgram(peer, program, args, options);
  if (options.stdin !== undefined) run.child.stdin?.write(options.stdin);
  // PushConsume ends with its standard input, so only programs that read it to the end get one.
  if (program !== 'PushConsume') run.closeStdin();
  const result = await run.wait(options.timeoutMs ?? 180_000);
  if (result.code !== 0) {
    throw new Error(
      `${run.name} ended with code ${result.code}: ${result.stdout.slice(-500)}\n${result.stderr.slice(-2000)}`,
    );
  }
  return result;
}
