import { describe, expect, it } from 'vitest';
import { TopicNames } from '../../../src/core/store/commitlog/topic-names.ts';

describe('TopicNames', () => {
  it('are those of the bytes, in whatever order they come', () => {
    const names = new TopicNames();
    const topics = Array.from({ length: 500 }, (_, i) => `T${i % 7}-${i * 7919}-é`);
    for (const topic of [...topics, ...topics.reverse()]) {
      const bytes = Buffer.from(`<${topic}>`);
      expect(names.read(bytes, 1, bytes.length - 1)).toBe(topic);
    }
  });

  it('tells names of one length that begin and end alike', () => {
    const names = new TopicNames();
    for (const topic of ['TopicA', 'TapicA', 'TopicA', 'TxpicA'])
      expect(names.read(Buffer.from(topic), 0, 6)).toBe(topic);
  });

  it('is none with a zero byte', () => {
    const names = new TopicNames();
    expect(names.read(Buffer.from('TopicA'), 0, 6)).toBe('TopicA');
    expect(names.read(Buffer.from('Top\0cA'), 0, 6)).toBeUndefined();
    expect(names.read(Buffer.from('Top\0cA'), 0, 6)).toBeUndefined();
  });
});
