/**
 * Namesrvs and brokers of ours, each a process of its own on a port of its own, for clusters with several of each.
 * OurCluster (our-cluster.ts) is one of each; what is started here outlives neither its test nor its folder.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OUR_ENTRY } from './our-cluster.ts';
import { freeBasePort, waitForPort } from './ports.ts';
import { childEnv, type Finished, pollUntil, removeFolder, Spawned, temporaryFolder } from './process.ts';
import { brokerRegistered } from './wire.ts';

const START_LIMIT_MS = 30_000;
const BOOTED = /boot success\./;

type Settings = Readonly<Record<string, string>>;

abstract class OurServer {
  readonly folder: string;
  readonly port: number;
  protected process: Spawned | undefined;

  protected constructor(name: string, port: number) {
    this.folder = temporaryFolder(name);
    this.port = port;
    mkdirSync(join(this.folder, 'data'));
  }

  get addr(): string {
    return `127.0.0.1:${this.port}`;
  }

  protected abstract args(): string[];

  /** Returns when the server has said that it runs. */
  async start(): Promise<void> {
    const [role = '', ...rest] = this.args();
    const args = [OUR_ENTRY, role, '--data-dir', join(this.folder, 'data'), '--port', String(this.port), ...rest];
    this.process = new Spawned(`our ${role} ${this.addr}`, process.execPath, args, { env: childEnv() });
    await waitForPort(this.port, this.process, START_LIMIT_MS);
    await this.process.waitForOutput(BOOTED, START_LIMIT_MS);
  }

  /** SIGKILL is the crash, SIGTERM the clean end. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<Finished | undefined> {
    const result = await this.process?.stop(signal);
    this.process = undefined;
    return result;
  }

  /** SIGSTOP or SIGCONT: connections stay, nothing is answered. */
  freeze(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.process?.child.kill(signal);
  }

  async remove(): Promise<void> {
    // A stopped process takes no SIGTERM.
    this.freeze('SIGCONT');
    await this.end('SIGTERM');
    removeFolder(this.folder);
  }

  protected configFile(settings: Settings, copied?: string): string {
    const file = join(this.folder, 'server.conf');
    const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`);
    writeFileSync(file, (copied === undefined ? '' : readFileSync(copied, 'utf8')) + lines.join(''));
    return file;
  }
}

export class OurNamesrv extends OurServer {
  private readonly settings: Settings;

  private constructor(port: number, settings: Settings) {
    super('namesrv', port);
    this.settings = settings;
  }

  static async start(settings: Settings = {}): Promise<OurNamesrv> {
    const namesrv = new OurNamesrv(await freeBasePort(), settings);
    await namesrv.start();
    return namesrv;
  }

  protected args(): string[] {
    return ['namesrv', '-c', this.configFile(this.settings)];
  }
}

export interface OurBrokerOptions {
  /** One address or several, separated by ';'. */
  readonly namesrvAddr: string;
  /** A configuration file that is copied: a change at run time is written to the file of -c. */
  readonly configFile?: string;
  /** Further lines. */
  readonly settings?: Settings;
}

export class OurBroker extends OurServer {
  readonly namesrvAddr: string;
  private readonly options: OurBrokerOptions;

  private constructor(port: number, options: OurBrokerOptions) {
    super('broker', port);
    this.options = options;
    this.namesrvAddr = options.namesrvAddr;
  }

  static async start(options: OurBrokerOptions): Promise<OurBroker> {
    const broker = new OurBroker(await freeBasePort(), options);
    await broker.start();
    return broker;
  }

  protected args(): string[] {
    const { namesrvAddr, settings = {}, configFile } = this.options;
    return ['broker', '-n', namesrvAddr, '-c', this.configFile(settings, configFile)];
  }
}

/** Waits until the namesrv lists the broker, or no longer lists it. */
export async function waitForListing(namesrvAddr: string, brokerAddr: string, listed = true): Promise<void> {
  await pollUntil(
    `${brokerAddr} ${listed ? 'to be listed' : 'to be gone'} at ${namesrvAddr}`,
    async () => (await brokerRegistered(namesrvAddr, brokerAddr)) === listed,
    { timeoutMs: 90_000, everyMs: 50 },
  );
}
