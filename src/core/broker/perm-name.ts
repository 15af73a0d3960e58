/** The perm bits of topics and brokers. Mirrors PermName. */

export const PERM_READ = 4;
export const PERM_WRITE = 2;
/** A topic with this bit may serve as the template of an automatically created one. */
export const PERM_INHERIT = 1;

export const isReadable = (perm: number): boolean => (perm & PERM_READ) !== 0;
export const isWriteable = (perm: number): boolean => (perm & PERM_WRITE) !== 0;
export const isInherited = (perm: number): boolean => (perm & PERM_INHERIT) !== 0;

/** `RWX`, with `-` for what is missing. */
export function permToText(perm: number): string {
  return `${isReadable(perm) ? 'R' : '-'}${isWriteable(perm) ? 'W' : '-'}${isInherited(perm) ? 'X' : '-'}`;
}
