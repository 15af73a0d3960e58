/**
 * The real Java peers: Apache RocketMQ's own jars, fetched by Maven and kept in a cache.
 *
 * A peer is one release's client, tools, namesrv and broker with everything they need, in one folder:
 *   <cache>/<version>/lib/*.jar        complete, or absent: the folder is renamed into place when whole
 *   <cache>/<version>/classes-<hash>/  our own test/interop/java programs, compiled against those jars
 * <cache> is $POCKETMQ_PEERS_DIR, else `pocketmq-peers` below the user's cache directory.
 *
 * A peer that cannot be had is a failure with one sentence, never a skip: an interop test that did not run
 * proves nothing.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv, pollUntil } from './process.ts';

export type PeerVersion = '4.9.1' | '4.9.7' | '5.4.0';

export interface Peer {
  readonly version: PeerVersion;
  /** Folder of the release's jars. */
  readonly libDir: string;
  /** Class path of the jars; `javaProgram` adds our compiled classes in front. */
  readonly classpath: string;
}

const ARTIFACTS = ['rocketmq-client', 'rocketmq-tools', 'rocketmq-namesrv', 'rocketmq-broker'];
const JAVA_SOURCES = fileURLToPath(new URL('../java/', import.meta.url));
const DOWNLOAD_LIMIT_MS = 15 * 60_000;

/** What JDK 17 must open for RocketMQ's mapped files and direct buffers. */
export const JVM_OPENS: readonly string[] = [
  '--add-opens=java.base/sun.nio.ch=ALL-UNNAMED',
  '--add-opens=java.base/java.nio=ALL-UNNAMED',
  '--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED',
  '--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED',
];

/** Root of the cache; made on demand by whoever writes to it. */
export function peersDir(): string {
  const given = process.env.POCKETMQ_PEERS_DIR;
  if (given) return given;
  const xdg = process.env.XDG_CACHE_HOME;
  if (xdg) return join(xdg, 'pocketmq-peers');
  const home = homedir();
  if (process.platform === 'darwin') return join(home, 'Library', 'Caches', 'pocketmq-peers');
  if (process.platform === 'win32') {
    return join(process.env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'pocketmq-peers');
  }
  return join(home, '.cache', 'pocketmq-peers');
}

const pending = new Map<PeerVersion, Promise<Peer>>();

/** The jars of one release, from the cache or downloaded now. Throws one sentence when they cannot be had. */
export function ensurePeer(version: PeerVersion): Promise<Peer> {
  let peer = pending.get(version);
  if (peer === undefined) {
    peer = load(version);
    pending.set(version, peer);
    peer.catch(() => pending.delete(version));
  }
  return peer;
}

async function load(version: PeerVersion): Promise<Peer> {
  const home = join(peersDir(), version);
  const libDir = join(home, 'lib');
  await requireTool('java', version);
  if (!(await exists(libDir))) {
    await mkdir(home, { recursive: true });
    await withLock(join(home, 'download.lock'), async () => {
      if (!(await exists(libDir))) await download(version, home, libDir);
    });
  }
  const jars = (await readdir(libDir)).filter((name) => name.endsWith('.jar')).sort();
  return { version, libDir, classpath: jars.map((name) => join(libDir, name)).join(delimiter) };
}

async function download(version: PeerVersion, home: string, libDir: string): Promise<void> {
  await requireTool('mvn', version);
  const work = await mkdtemp(join(home, 'download-'));
  try {
    await writeFile(join(work, 'pom.xml'), pom(version));
    const fresh = join(work, 'lib');
    const result = await run('mvn', ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${fresh}`], work);
    if (result.code !== 0) {
      const why = firstError(result.output);
      throw new Error(`RocketMQ ${version} could not be downloaded with Maven (exit code ${result.code}): ${why}`);
    }
    for (const artifact of ARTIFACTS) {
      if (!(await exists(join(fresh, `${artifact}-${version}.jar`)))) {
        throw new Error(`RocketMQ ${version} is incomplete: Maven delivered no ${artifact}-${version}.jar`);
      }
    }
    await rename(fresh, libDir);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function pom(version: PeerVersion): string {
  const dependencies = ARTIFACTS.map(
    (id) =>
      `<dependency><groupId>org.apache.rocketmq</groupId><artifactId>${id}</artifactId>` +
      `<version>${version}</version></dependency>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>pocketmq</groupId><artifactId>peers</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependencies.join('\n')}</dependencies></project>
`;
}

/**
 * Folder of our Java programs compiled against this peer; compiled once per content of test/interop/java.
 */
export async function compiledPrograms(peer: Peer): Promise<string> {
  const sources = await programSources();
  const hash = createHash('sha256').update(peer.version);
  for (const file of sources) hash.update('\0').update(await readFile(file));
  const home = join(peersDir(), peer.version);
  const target = join(home, `classes-${hash.digest('hex').slice(0, 16)}`);
  if (await exists(target)) return target;
  await withLock(join(home, 'compile.lock'), async () => {
    if (await exists(target)) return;
    const work = await mkdtemp(join(home, 'compile-'));
    try {
      const options = ['-nowarn', '-proc:none', '--release', '17', '-encoding', 'UTF-8', '-cp', peer.classpath, '-d'];
      const result = await run('javac', [...options, join(work, 'classes'), ...sources], work);
      if (result.code !== 0) throw new Error(`test/interop/java does not compile: ${result.output.trim()}`);
      await rename(join(work, 'classes'), target);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  return target;
}

async function programSources(): Promise<string[]> {
  const names = await readdir(JAVA_SOURCES);
  return names
    .filter((name) => name.endsWith('.java'))
    .sort()
    .map((name) => join(JAVA_SOURCES, name));
}

/** Class path with our programs in front of the peer's jars. */
export async function programClasspath(peer: Peer): Promise<string> {
  return [await compiledPrograms(peer), peer.classpath].join(delimiter);
}

async function requireTool(tool: 'java' | 'mvn', version: PeerVersion): Promise<void> {
  const result = await run(tool, ['-version'], undefined).catch(() => undefined);
  if (result?.code === 0) return;
  const what = tool === 'java' ? 'Java (JDK 17)' : 'Maven (mvn)';
  throw new Error(`The real RocketMQ ${version} needs ${what}, and \`${tool} -version\` does not run on this machine.`);
}

interface RunResult {
  readonly code: number | null;
  readonly output: string;
}

function run(command: string, args: readonly string[], cwd: string | undefined): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: childEnv(), stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), DOWNLOAD_LIMIT_MS);
    let output = '';
    const collect = (chunk: Buffer): void => {
      if (output.length < 64_000) output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

function firstError(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  return (lines.find((line) => line.startsWith('[ERROR]')) ?? lines.find((line) => line !== '') ?? 'no output').slice(
    0,
    400,
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** One process at a time works under a lock file; the lock of a process that is gone is taken over. */
async function withLock(path: string, work: () => Promise<void>): Promise<void> {
  await pollUntil(`the lock ${path}`, () => takeLock(path), { timeoutMs: DOWNLOAD_LIMIT_MS, everyMs: 100 });
  try {
    await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function takeLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = Number(await readFile(path, 'utf8').catch(() => ''));
  if (holder > 0 && !alive(holder)) await rm(path, { force: true });
  return false;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
