/**
 * The package as a stranger gets it: packed, and installed into new folders outside the checkout. Needs `npm run build`.
 */

import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  /** -1: a signal ended it, or it could not be started. */
  readonly exitCode: number;
}

export class Stranger {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), 'pocketmq-stranger-')));
  #tarball = '';

  /** Packs what is built now; no script runs, nothing is built again. */
  static async pack(): Promise<Stranger> {
    const stranger = new Stranger();
    const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', stranger.#folder];
    const [{ filename }] = JSON.parse(await stranger.#npm(root, ...args));
    stranger.#tarball = join(stranger.#folder, filename);
    return stranger;
  }

  /** Where the programs of these projects put their temporary files. */
  get temporary(): string {
    const folder = join(this.#folder, 'tmp');
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /**
   * A copy of an example with the package installed, and with what else its package.json names when a registry may be asked;
   * else link() has to bring that.
   */
  async install(example: string, { registry = false } = {}): Promise<string> {
    const project = join(this.#folder, example);
    cpSync(join(root, 'examples', example), project, { recursive: true });
    const quiet = ['--no-audit', '--no-fund'];
    if (!registry) {
      const file = join(project, 'package.json');
      const { devDependencies: _, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
      writeFileSync(file, JSON.stringify(rest));
    }
    await this.#npm(project, 'install', ...(registry ? [] : ['--offline']), ...quiet, this.#tarball);
    return project;
  }

  /** Packages of the checkout, for a project that is not installed from the registry; `.bin/NAME` is a command. */
  link(project: string, ...names: readonly string[]): void {
    for (const name of names) {
      const path = join(project, 'node_modules', name);
      mkdirSync(dirname(path), { recursive: true });
      symlinkSync(realpathSync(join(root, 'node_modules', name)), path);
    }
  }

  run(project: string, command: string, ...args: readonly string[]): Promise<Ran> {
    const path = [join(project, 'node_modules', '.bin'), dirname(process.execPath), process.env.PATH].join(delimiter);
    const env = { PATH: path, HOME: this.#folder, TMPDIR: this.temporary, NO_COLOR: '1', ...this.#npmSettings() };
    return new Promise((resolve) => {
      execFile(command, args, { cwd: project, env, timeout: 60_000 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        resolve({ stdout, stderr, exitCode: typeof code === 'number' ? code : -1 });
      });
    });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #npmSettings(): Record<string, string> {
    return { npm_config_cache: join(this.#folder, 'npm'), npm_config_update_notifier: 'false' };
  }

  #npm(cwd: string, ...args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const env = { ...process.env, ...this.#npmSettings() };
      execFile('npm', args, { cwd, env, timeout: 300_000 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`npm ${args[0]} failed: ${stderr}${stdout}`));
      });
    });
  }
}
