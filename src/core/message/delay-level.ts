/**
 * Delay levels: the setting messageDelayLevel (`1s 5s 10s ... 2h`, level 1 first) as milliseconds. Mirrors
 * ScheduleMessageService.parseDelayLevel and computeDeliverTimestamp.
 */
import { PocketError } from '../common/errors.ts';

export const DEFAULT_MESSAGE_DELAY_LEVEL = '1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h';

const unitMilliseconds: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** What Java adds for a level that the table does not have. */
const UNKNOWN_LEVEL_DELAY_MS = 1000;

export class DelayLevels {
  readonly #delays: readonly number[];
  readonly #text: string;

  /** Throws PocketError CONFIG for a text that is no list of delays. */
  constructor(messageDelayLevel: string) {
    this.#text = messageDelayLevel.trim().replace(/\s+/g, ' ');
    this.#delays = messageDelayLevel
      .trim()
      .split(/\s+/)
      .map((text) => {
        const millis = millisOf(text);
        if (millis === undefined) {
          throw new PocketError('CONFIG', `messageDelayLevel: '${text}' is no delay such as 10s, 5m, 2h or 1d`);
        }
        return millis;
      });
  }

  get maxLevel(): number {
    return this.#delays.length;
  }

  /**
   * The level of a text as people write it: its number, or its delay (`10s`, `90s` for a level of that length only). Throws
   * PocketError ILLEGAL_ARGUMENT that names the levels there are.
   */
  levelOf(text: string): number {
    const level = /^\d{1,9}$/.test(text) ? Number(text) : this.#delays.indexOf(millisOf(text) ?? Number.NaN) + 1;
    if (level >= 1 && level <= this.maxLevel) return level;
    throw new PocketError(
      'ILLEGAL_ARGUMENT',
      `"${text}" is no delay level: there are 1 to ${this.maxLevel}, which are ${this.#text}`,
    );
  }

  /** When a message of this level (above the highest counts as the highest), stored at `storeTimestamp`, is due. */
  deliverTimestamp(level: number, storeTimestamp: number): number {
    const delay = this.#delays[Math.min(level, this.maxLevel) - 1];
    return storeTimestamp + (delay ?? UNKNOWN_LEVEL_DELAY_MS);
  }
}

/** Undefined for a text that is no delay. */
function millisOf(text: string): number | undefined {
  const unit = unitMilliseconds[text.slice(-1)];
  const count = Number(text.slice(0, -1));
  const isDelay = unit !== undefined && text.length >= 2 && Number.isInteger(count) && count >= 0;
  return isDelay ? count * unit : undefined;
}
