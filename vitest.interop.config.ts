import { defineConfig } from 'vitest/config';

// Tests against the real peers (Java brokers, Java clients, the real mqadmin). Two files at a time: each starts JVMs, and waits
// for them most of the time.
export default defineConfig(({ mode }) => ({
  test: {
    include: ['test/interop/**/*.interop.test.ts'],
    // Files in which everything is for `npm run interop:all`: a file without tests is a failure.
    exclude: mode === 'all' ? [] : ['test/interop/**/*.all.interop.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    // Tests that say they are concurrent start JVMs as well.
    maxConcurrency: 4,
    // `npm run interop:all` is mode `all`: test/interop/support/scope.ts.
    env: { NODE_EXTRA_CA_CERTS: '', POCKETMQ_INTEROP: mode },
  },
}));
