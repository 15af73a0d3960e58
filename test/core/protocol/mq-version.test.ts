import { describe, expect, it } from 'vitest';
import { versionName, versionOf } from '../../../src/core/protocol/mq-version.ts';

describe('version names', () => {
  it.each([
    [0, 'V3_0_0_SNAPSHOT'],
    [15, 'V3_0_0_FINAL'],
    [28, 'V3_0_7_SNAPSHOT'],
    [37, 'V3_0_11'],
    [45, 'V3_0_15'],
    [62, 'V3_1_8_SNAPSHOT'],
    [85, 'V3_2_9'],
    [86, 'V3_3_1_SNAPSHOT'],
    [121, 'V3_4_9'],
    [211, 'V3_9_9'],
    [213, 'V4_0_0'],
    [232, 'V4_1_0_SNAPSHOT'],
    [317, 'V4_5_2'],
    [395, 'V4_9_1'],
    [401, 'V4_9_4'],
    [406, 'V4_9_7_SNAPSHOT'],
    [407, 'V4_9_7'],
    [413, 'V5_0_0'],
    [441, 'V5_1_4'],
    [493, 'V5_4_0'],
    [611, 'V5_9_9'],
    [612, 'HIGHER_VERSION'],
  ])('%i is %s', (number, name) => {
    expect(versionName(number)).toBe(name);
    expect(versionOf(name)).toBe(number);
  });

  it.each([613, 32767, -1])('%i, which no release has, is HIGHER_VERSION', (number) => {
    expect(versionName(number)).toBe('HIGHER_VERSION');
  });

  it('are distinct', () => {
    const names = Array.from({ length: 613 }, (_, number) => versionName(number));
    expect(new Set(names).size).toBe(613);
  });

  it('has no number for an unknown name', () => {
    expect(versionOf('V9_0_0')).toBeUndefined();
  });
});
