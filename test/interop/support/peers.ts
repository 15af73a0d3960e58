/**
 * The real Java peers: Apache RocketMQ's own jars, fetched by Maven and kept in a cache.
 *
 * A peer is one release's client, tools, namesrv and broker with everything they need, in one folder:
 *   <cache>/<version>/lib/*.jar        complete, or absent: the folder is renamed into place when whole
 *   <cache>/<version>/classes-<hash>/  our own test/interop/java programs, compiled against those jars
 * <cache> is that of peer-cache.ts.
 *
 * A peer that cannot be had is a failure with one sentence, never a skip: an interop test that did not run
 * proves nothing.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, exists, peersDir, run } from './peer-cache.ts';

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

/** What JDK 17 must open for RocketMQ's mapped files and direct buffers. */
export const JVM_OPENS: readonly string[] = [
  '--add-opens=java.base/sun.nio.ch=ALL-UNNAMED',
  '--add-opens=java.base/java.nio=ALL-UNNAMED',
  '--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED',
  '--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED',
];

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
  const libDir = join(peersDir(), version, 'lib');
  await requireTool('java', version);
  await cached(libDir, (work) => download(version, work));
  const jars = (await readdir(libDir)).filter((name) => name.endsWith('.jar')).sort();
  return { version, libDir, classpath: jars.map((name) => join(libDir, name)).join(delimiter) };
}

async function download(version: PeerVersion, work: string): Promise<string> {
  await requireTool('mvn', version);
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
  return fresh;
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
  const target = join(peersDir(), peer.version, `classes-${hash.digest('hex').slice(0, 16)}`);
  return cached(target, async (work) => {
    const options = ['-nowarn', '-proc:none', '--release', '17', '-encoding', 'UTF-8', '-cp', peer.classpath, '-d'];
    const result = await run('javac', [...options, join(work, 'classes'), ...sources], work);
    if (result.code !== 0) throw new Error(`test/interop/java does not compile: ${result.output.trim()}`);
    return join(work, 'classes');
  });
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

/** What a tool said was wrong. */
export function firstError(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const telling = lines.find((line) => line.startsWith('[ERROR]')) ?? lines.find((line) => /\berror\b/i.test(line));
  return (telling ?? lines.at(-1) ?? 'no output').slice(0, 400);
}
