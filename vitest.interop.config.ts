import { defineConfig } from 'vitest/config';

// Tests against the real peers (Java brokers, Java clients, the real mqadmin). One file at a time: each starts JVMs.
export default defineConfig({
  test: {
    include: ['test/interop/**/*.interop.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    env: { NODE_EXTRA_CA_CERTS: '' },
  },
});
