import { expect, it } from 'vitest';
import { renderProduced } from '../../../src/cli/output/produced.ts';

const result = { mode: 'async', sent: 0, bytes: 0, seconds: 0.5, rate: 0, failed: 0 } as const;

it('tells how many and how fast', () => {
  const latencyMs = { p50: 0.1234, p90: 2, p99: 30.4, max: 1234.5 };
  expect(renderProduced({ ...result, sent: 12_345, bytes: 5 << 20, rate: 24_690, latencyMs }, 'T', 'line')).toBe(
    '12,345 messages sent to T: 5.0 MiB in 0.50 s\n  24,690 a second\n' +
      '  latency: p50 0.12, p90 2.00, p99 30, max 1235 ms\n',
  );
});

it('names what was not sent, in 80 columns', () => {
  const failedNumbers = Array.from({ length: 100 }, (_, i) => 1000 + i * 2 - (i % 2));
  const text = renderProduced(
    { ...result, failed: 1500, failedNumbers, notSendOk: { FLUSH_DISK_TIMEOUT: 1 } },
    'T',
    'line',
  );
  expect(text).toContain('  1 message stored with FLUSH_DISK_TIMEOUT\n  1,500 lines not sent: 1000-1001, 1004-1005, ');
  expect(text).toMatch(/and 1,400 more\n$/);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});
