// Sends the lines of log files to a topic, as they are written, and remembers how far it is: stopped at any moment and started
// again, it loses none. node log-collector.js FILE...; NAMESRV_ADDR names the cluster, else mqadmin up's is taken.
import { open, readFile, rename, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Producer } from 'pocketmq';

const STATE = 'log-collector.json';
const CHUNK = 256 * 1024;
const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: node log-collector.js FILE...');
  process.exit(2);
}

const producer = new Producer({ group: 'log_collector', namesrvAddr: process.env.NAMESRV_ADDR ?? '127.0.0.1:9876' });
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopping.abort());

/** file -> { inode, offset }: the bytes whose lines a broker has stored. */
const positions = await readFile(STATE, 'utf8').then(JSON.parse, () => ({}));
async function remember(path, position) {
  positions[path] = position;
  await writeFile(`${STATE}.tmp`, JSON.stringify(positions));
  await rename(`${STATE}.tmp`, STATE);
}

// The whole lines behind a position, at most CHUNK bytes of them. A file that was rotated or cut begins anew.
async function readLines(path) {
  const file = await open(path);
  try {
    const { ino: inode, size } = await file.stat();
    const known = positions[path];
    const offset = known?.inode === inode && known.offset <= size ? known.offset : 0;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, offset);
    // A line longer than a chunk goes in pieces.
    const end = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1 || (bytesRead === CHUNK ? CHUNK : 0);
    const lines = buffer
      .subarray(0, end)
      .toString()
      .split('\n')
      .filter((line) => line !== '');
    return { lines, position: { inode, offset: offset + end } };
  } finally {
    await file.close();
  }
}

async function collect(path) {
  const { lines, position } = await readLines(path);
  if (lines.length === 0) return 0;
  const tags = basename(path);
  // A batch is stored whole or not at all; the position moves when it is.
  await producer.sendBatch(lines.map((body) => ({ topic: 'app-logs', tags, body })));
  await remember(path, position);
  return lines.length;
}

await producer.start();
let sent = 0;
const complaints = new Map();
while (!stopping.signal.aborted) {
  let lines = 0;
  for (const path of files) {
    // A file that is not there yet, a broker that is away: again in a second.
    lines += await collect(path).catch(({ message }) => {
      if (complaints.get(path) !== message) console.error(`${path}: ${message}`);
      complaints.set(path, message);
      return 0;
    });
  }
  sent += lines;
  if (lines === 0) await sleep(1000, undefined, stopping).catch(() => undefined);
}
await producer.stop();
console.log(`${sent} lines sent`);
