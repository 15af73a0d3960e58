import { describe, expect, it } from 'vitest';
import { SendWindow } from '../../../../src/core/client/producer/send-window.ts';

describe('SendWindow', () => {
  it('lets so many messages in, and the others in their order', async () => {
    const window = new SendWindow(2, 1000);
    expect([window.take(1), window.take(1)]).toEqual([undefined, undefined]);
    const entered: string[] = [];
    const waiting = ['a', 'b'].map((name) => window.take(1)?.then(() => entered.push(name)));
    await Promise.resolve();
    expect(entered).toEqual([]);
    window.give(1);
    await waiting[0];
    expect(entered).toEqual(['a']);
    window.give(1);
    await waiting[1];
    expect(entered).toEqual(['a', 'b']);
  });

  it('lets so many bytes in; what waits is not passed by what is small', async () => {
    const window = new SendWindow(10, 100);
    expect(window.take(60)).toBeUndefined();
    const large = window.take(50);
    const small = window.take(1);
    expect([large, small]).toEqual([expect.any(Promise), expect.any(Promise)]);
    window.give(60);
    await Promise.all([large, small]);
  });

  it('lets what is larger than the window in alone', async () => {
    const window = new SendWindow(10, 100);
    expect(window.take(500)).toBeUndefined();
    const next = window.take(1);
    expect(next).toBeInstanceOf(Promise);
    window.give(500);
    await next;
  });

  it('tells when nothing is under way', async () => {
    const window = new SendWindow(10, 100);
    await window.idle();
    window.take(1);
    let isIdle = false;
    const idle = window.idle().then(() => {
      isIdle = true;
    });
    await Promise.resolve();
    expect(isIdle).toBe(false);
    window.give(1);
    await idle;
  });
});
