/**
 * test/conformance/java-headers-4.9.7.json, against which our request declarations are checked without Java, is what
 * the real classes declare. To make it anew: run this test with POCKETMQ_WRITE_HEADERS=1.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runProgram } from './support/java-cluster.ts';
import { ensurePeer } from './support/peers.ts';

const TABLE = new URL('../conformance/java-headers-4.9.7.json', import.meta.url);

it('the table of header fields and codes is that of the 4.9.7 classes', async () => {
  const { stdout } = await runProgram(await ensurePeer('4.9.7'), 'HeaderDump', []);
  if (process.env.POCKETMQ_WRITE_HEADERS === '1') writeFileSync(TABLE, stdout);
  expect(JSON.parse(readFileSync(TABLE, 'utf8'))).toEqual(JSON.parse(stdout));
});
