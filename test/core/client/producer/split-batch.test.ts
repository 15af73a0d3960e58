import { describe, expect, it } from 'vitest';
import { encodeBatch } from '../../../../src/core/client/producer/message-batch.ts';
import { bytesInBatch, splitBatch } from '../../../../src/core/client/producer/split-batch.ts';

const message = (body: string) => ({ topic: 'T', body, tags: 'A', properties: { x: 'é' } });

describe('splitBatch', () => {
  it('keeps the order, and no batch is larger on the wire than it may be', () => {
    const messages = Array.from({ length: 500 }, (_, i) => message('b'.repeat((i * 37) % 900)));
    const batches = [...splitBatch(messages, { maxBytes: 10_000 })];
    expect(batches.flat()).toEqual(messages);
    expect(batches.length).toBeGreaterThan(10);
    for (const batch of batches) {
      const plain = batch.map(({ topic, body }) => {
        return { topic, flag: 0, body: Buffer.from(body), properties: { x: 'é', TAGS: 'A' } };
      });
      const { body } = encodeBatch(plain, { topic: 'T', properties: {} }, () => 'U'.repeat(56));
      expect(body.length).toBeLessThanOrEqual(10_000);
      expect(body.length).toBe(batch.reduce((sum, one) => sum + bytesInBatch(one), 0));
    }
  });

  it('lets a message that is too large stand alone, and counts messages', () => {
    const messages = [message('a'), message('b'.repeat(200)), message('c'), message('d'), message('e')];
    const sizes = [...splitBatch(messages, { maxBytes: 250, maxMessages: 2 })].map(({ length }) => length);
    expect(sizes).toEqual([1, 1, 2, 1]);
    expect([...splitBatch([])]).toEqual([]);
  });
});
