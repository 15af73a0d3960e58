import { defineConfig } from 'vitest/config';

// The README's test command: unit, command and conformance tests. The interop tests (real peers) have a config of their own.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**', 'test/chaos/**', 'node_modules/**'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    env: { NODE_EXTRA_CA_CERTS: '' },
  },
});
