/**
 * RocketMQ clients that are not Java's: Go (built from test/interop/clients/go), C++ (librocketmq.so out of a Python
 * wheel) and JavaScript (an npm package). Each is a program with the arguments and the output described at the head of
 * its source, which are those of test/interop/java's SendMessages and PushConsume.
 *
 * What is fetched or built is kept in the cache of the real peers. A client that cannot be had is a failure with one
 * sentence, never a skip.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, peersDir, type RunResult, run } from './peer-cache.ts';
import { firstError } from './peers.ts';
import { childEnv, Spawned, temporaryFolder } from './process.ts';

export type ClientName = 'Go' | 'C++' | 'JavaScript';
type SendWay = 'sync' | 'async' | 'oneway';

const SOURCES = fileURLToPath(new URL('../clients/', import.meta.url));
const CPP_PACKAGE = 'rocketmq==0.4.4';
const JAVASCRIPT_PACKAGE = 'ali-ons@3.12.0';

interface Recipe {
  /** As a connection listing of the broker names it. */
  readonly language: string;
  readonly ways: readonly SendWay[];
  /** Whether a send to an unknown topic makes it, as with Java; else the client refuses. */
  readonly makesTopics: boolean;
  /** Fetches or builds what is missing; the command line and the environment of the program. */
  prepare(): Promise<{ command: string; args: readonly string[]; env: Readonly<Record<string, string>> }>;
}

const RECIPES: Readonly<Record<ClientName, Recipe>> = {
  Go: {
    language: 'GO',
    makesTopics: true,
    ways: ['sync', 'async', 'oneway'],
    async prepare() {
      const folder = await goClient();
      return { command: join(folder, 'client'), args: [], env: {} };
    },
  },
  'C++': {
    language: 'CPP',
    makesTopics: true,
    ways: ['sync', 'async', 'oneway'],
    async prepare() {
      const env = { PYTHONPATH: await cppPackage(), PYTHONDONTWRITEBYTECODE: '1', HOME: temporaryFolder('cpp-home') };
      return { command: await pythonProgram(), args: [join(SOURCES, 'cpp', 'client.py')], env };
    },
  },
  JavaScript: {
    // It says it is Java.
    language: 'JAVA',
    makesTopics: false,
    ways: ['sync'],
    async prepare() {
      const env = { NODE_PATH: await javascriptPackage() };
      return { command: process.execPath, args: [join(SOURCES, 'js', 'client.cjs')], env };
    },
  },
};

type Start = (args: readonly string[], env: Readonly<Record<string, string>>) => Spawned;

export class OtherClient {
  readonly name: ClientName;
  readonly language: string;
  readonly ways: readonly SendWay[];
  readonly makesTopics: boolean;
  private readonly start_: Start;

  private constructor(name: ClientName, recipe: Recipe, start: Start) {
    this.name = name;
    this.language = recipe.language;
    this.ways = recipe.ways;
    this.makesTopics = recipe.makesTopics;
    this.start_ = start;
  }

  /** Throws one sentence when the client cannot be had. */
  static async ensure(name: ClientName): Promise<OtherClient> {
    const recipe = RECIPES[name];
    const { command, args, env } = await recipe.prepare();
    return new OtherClient(
      name,
      recipe,
      (more, extra) =>
        new Spawned(`${name} client ${more[0]}`, command, [...args, ...more], { env: childEnv({ ...env, ...extra }) }),
    );
  }

  start(...args: readonly (string | number)[]): Spawned {
    return this.startWith({}, ...args);
  }

  /** With variables of the environment beside the usual ones. */
  startWith(env: Readonly<Record<string, string>>, ...args: readonly (string | number)[]): Spawned {
    return this.start_(args.map(String), env);
  }
}

/** Folder of the built program, by the content of its sources. */
async function goClient(): Promise<string> {
  const source = join(SOURCES, 'go');
  const hash = createHash('sha256');
  for (const name of (await readdir(source)).sort()) hash.update(name).update(await readFile(join(source, name)));
  return cached(join(peersDir(), `go-client-${hash.digest('hex').slice(0, 16)}`), async (work) => {
    const folder = join(work, 'client');
    await mkdir(folder);
    await obtain('the Go client', 'go', ['build', '-o', join(folder, 'client'), '.'], source);
    return folder;
  });
}

function cppPackage(): Promise<string> {
  return cached(join(peersDir(), `cpp-client-${CPP_PACKAGE.replace('==', '-')}`), async (work) => {
    const python = await pythonProgram();
    const options = ['--no-deps', '--only-binary', ':all:', '--quiet', '--disable-pip-version-check'];
    await obtain('the C++ client', python, ['-m', 'pip', 'download', ...options, '-d', work, CPP_PACKAGE], work);
    const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error('The C++ client could not be had: pip delivered no wheel.');
    const folder = join(work, 'package');
    await obtain('the C++ client', python, ['-m', 'zipfile', '-e', join(work, wheel), folder], work);
    return folder;
  });
}

function javascriptPackage(): Promise<string> {
  return cached(join(peersDir(), `javascript-client-${JAVASCRIPT_PACKAGE.replace('@', '-')}`), async (work) => {
    const options = [
      '--prefix',
      work,
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel',
      'error',
    ];
    await obtain('the JavaScript client', 'npm', ['install', ...options, JAVASCRIPT_PACKAGE], work);
    return join(work, 'node_modules');
  });
}

let python: Promise<string> | undefined;

/** The interpreter itself: a launcher that looks below HOME would not find it with another HOME. */
function pythonProgram(): Promise<string> {
  python ??= obtain('the C++ client', 'python3', ['-c', 'import sys; print(sys.executable)'], undefined).then(
    ({ output }) => output.trim(),
  );
  return python;
}

async function obtain(
  what: string,
  tool: string,
  args: readonly string[],
  cwd: string | undefined,
): Promise<RunResult> {
  const result = await run(tool, args, cwd).catch(() => undefined);
  if (result === undefined) throw new Error(`For ${what} \`${tool}\` is needed, and it does not run on this machine.`);
  if (result.code !== 0) {
    const words = [tool, ...args.slice(0, 2)].join(' ');
    throw new Error(`For ${what} \`${words} ...\` failed (exit code ${result.code}): ${firstError(result.output)}`);
  }
  return result;
}
