import { describe, expect, it } from 'vitest';
import { consumeAll, sendAll } from '../../src/cli/quickstart/quickstart-messages.ts';
import type { Producer } from '../../src/core/client/producer/producer.ts';
import type { MessageExt } from '../../src/core/message/message.ts';

const message = (msgId: string): MessageExt => ({ msgId }) as MessageExt;
const start = (timeoutMs = 1000) => consumeAll({ sent: new Set(['a', 'b']), progress: () => {}, timeoutMs });

describe('the proof of quickstart', () => {
  it('holds when each message came once', async () => {
    const { listener, received } = start();
    expect(listener([message('b')])).toBe('CONSUME_SUCCESS');
    listener([message('a')]);
    expect(await received()).toBe(2);
  });

  it('fails for a message that came twice, also after the last', async () => {
    const { listener, received } = start();
    listener([message('a'), message('b')]);
    expect(await received()).toBe(2);
    listener([message('a')]);
    await expect(received()).rejects.toThrow('the message a came twice');
  });

  it('fails for a message that was never sent', async () => {
    const { listener, received } = start();
    listener([message('a'), message('x')]);
    await expect(received()).rejects.toThrow('the message x was never sent');
  });

  it('fails for a message that does not come', async () => {
    const { listener, received } = start(1);
    listener([message('a')]);
    await expect(received()).rejects.toThrow('1 of 2 messages came');
  });
});

describe('sending', () => {
  const producer = (answer: (body: string) => object): Producer =>
    ({ send: async ({ body }: { body: Buffer }) => answer(body.toString()) }) as unknown as Producer;

  it('counts what the broker stored', async () => {
    const seen: number[] = [];
    const bodies: string[] = [];
    const stored = producer((body) => {
      bodies.push(body);
      return { sendStatus: 'SEND_OK', msgId: body };
    });
    const ids = await sendAll(stored, { topic: 'T', count: 100, progress: (n) => seen.push(n) });
    expect(ids.size).toBe(100);
    expect(seen.at(-1)).toBe(100);
    expect(new Set(bodies)).toEqual(new Set(Array.from({ length: 100 }, (_, i) => `message ${i + 1}`)));
  });

  it('fails for an answer that promises less, and for an id given twice', async () => {
    const options = { topic: 'T', count: 3, progress: () => {} };
    const weak = producer((body) => ({ sendStatus: 'FLUSH_DISK_TIMEOUT', msgId: body }));
    await expect(sendAll(weak, options)).rejects.toThrow('a message was answered with FLUSH_DISK_TIMEOUT');
    const same = producer(() => ({ sendStatus: 'SEND_OK', msgId: 'x' }));
    await expect(sendAll(same, options)).rejects.toThrow('3 messages were sent with 1 ids');
  });
});
