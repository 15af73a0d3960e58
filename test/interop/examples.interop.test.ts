/**
 * The examples of test runners as a stranger installs them: the packed package, and Jest and Vitest from the registry, in
 * folders of their own. Needs `npm run build`.
 */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Stranger } from '../support/stranger.ts';

let stranger: Stranger;

beforeAll(async () => {
  stranger = await Stranger.pack();
});

afterAll(() => stranger?.remove());

it.each([
  ['jest', 'Tests:       2 passed, 2 total'],
  ['vitest', 'Tests  1 passed (1)'],
])('%s starts a cluster, sends and receives, and ends by itself', async (example, line) => {
  const project = await stranger.install(example, { registry: true });
  const { stdout, stderr, exitCode } = await stranger.run(project, 'npm', 'test');
  const output = stdout + stderr;
  expect([exitCode, output]).toEqual([0, expect.stringContaining(line)]);
  expect(output).not.toMatch(/did not exit|open handle|force exited/i);
  expect(readdirSync(stranger.temporary).filter((name) => name.startsWith('pocketmq'))).toEqual([]);
});
