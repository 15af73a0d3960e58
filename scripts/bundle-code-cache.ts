/**
 * Writes V8's code cache of every bundle by running each command once and storing what V8 had compiled by the end: the
 * functions a run needs are in the cache, the others stay lazy. Commands that talk to a cluster get a real one for that (in
 * a temporary directory, on free ports). Where none can be started the runs fail early and the cache covers less: slower
 * starts, nothing else.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TIMEOUT_MS = 8000;

/** What a run of each command needs behind `-n ADDR`; a command without an entry is run with `-h`. */
const warmUps: Readonly<Record<string, readonly string[]>> = {
  updateTopic: ['-c', 'DefaultCluster', '-t', 'warm'],
  topicList: [],
  topicRoute: ['-t', 'warm'],
  topicStatus: ['-t', 'warm'],
  clusterList: [],
  sendMessage: ['-t', 'warm', '-p', 'body'],
  consumeMessage: ['-t', 'warm'],
  printMsg: ['-t', 'warm'],
  queryMsgByKey: ['-t', 'warm', '-k', 'none'],
};
const servers = ['namesrv', 'broker'];

export async function recordCodeCache(root: string, ids: readonly string[]): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'pocketmq-build-'));
  const run = (args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [join(root, 'bin/run.cjs'), ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, NODE_EXTRA_CA_CERTS: '', POCKETMQ_RECORD_CODE_CACHE: '1', POCKETMQ_DATA_DIR: dataDir },
    });
  const running: ChildProcess[] = [];
  try {
    const addr = `127.0.0.1:${await freePort()}`;
    if (ids.includes('namesrv') && ids.includes('broker')) {
      running.push(await serving(run(['namesrv', '--port', addr.slice(addr.indexOf(':') + 1)])));
      running.push(await serving(run(['broker', '--port', String(await freePort()), '-n', addr])));
    }
    for (const id of Object.keys(warmUps).filter((name) => ids.includes(name))) {
      await ended(run([id, '-n', addr, ...(warmUps[id] ?? [])]));
    }
    for (const id of ids) if (!(id in warmUps) && !servers.includes(id)) await ended(run([...id.split(' '), '-h']));
  } finally {
    for (const child of running.reverse()) {
      child.kill('SIGTERM');
      await ended(child);
    }
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Resolves once the child has written its boot line, or is gone, or took too long. */
async function serving(child: ChildProcess): Promise<ChildProcess> {
  if (child.stdout !== null) await Promise.race([once(child.stdout, 'data'), once(child, 'exit'), expired()]);
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.stdout?.resume();
  await Promise.race([once(child, 'exit'), expired()]);
  if (child.exitCode === null) child.kill('SIGKILL');
}

const expired = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS).unref());

/** A port below those Linux gives to outgoing connections. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer().listen(port, '127.0.0.1');
    const free = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]);
    server.close();
    if (free) return port;
  }
}
