/**
 * The pieces mqadmin's tables are made of (Java's `%-32s` and `%14d`): text is padded, never cut, unless `cut` says so.
 */

export type Cell = string | number;

/** Left-aligned in at least `width` characters. */
export const left = (value: Cell, width: number): string => String(value).padEnd(width);

/** Right-aligned in at least `width` characters. */
export const right = (value: Cell, width: number): string => String(value).padStart(width);

/** At most `width` characters. */
export const cut = (text: string, width: number): string => text.slice(0, width);

/** A number with so many decimals, half away from zero as Java's `%.2f` rounds; `NaN` reads NaN. */
export function decimals(value: number, digits: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  const text = expanded(Math.abs(value));
  const [whole = '0', fraction = ''] = text.split('.');
  const kept = BigInt(whole + fraction.slice(0, digits).padEnd(digits, '0'));
  const rounded = kept + ((fraction[digits] ?? '0') >= '5' ? 1n : 0n);
  const padded = String(rounded).padStart(digits + 1, '0');
  const sign = value < 0 ? '-' : '';
  return digits === 0 ? sign + padded : `${sign}${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}

/** The shortest decimal form without an exponent, which is what Java rounds. */
function expanded(value: number): string {
  const text = String(value);
  const exponent = /^(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (exponent === null) return text;
  const [, first = '', rest = '', power = '0'] = exponent;
  const shift = Number(power);
  if (shift < 0) return `0.${'0'.repeat(-shift - 1)}${first}${rest}`;
  return first + rest.padEnd(shift, '0');
}
