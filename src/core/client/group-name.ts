/** Names of producer and consumer groups. Mirrors Validators.checkGroup. */

import { PocketError } from '../common/errors.ts';

const MAX_GROUP_LENGTH = 255;
const validName = /^[%|a-zA-Z0-9_-]+$/;

/** Throws PocketError ILLEGAL_ARGUMENT for a name no broker would take. */
export function checkGroup(group: string): void {
  const fault = groupFault(group);
  if (fault !== undefined) throw new PocketError('ILLEGAL_ARGUMENT', fault, { detail: group });
}

function groupFault(group: string): string | undefined {
  if (typeof group !== 'string') return 'no group is given: a producer or consumer needs one, { group: "my_group" }';
  if (group.trim() === '') return 'the specified group is blank';
  if (group.length > MAX_GROUP_LENGTH) return 'the specified group is longer than group max length 255.';
  if (!validName.test(group)) {
    return `the specified group[${group}] contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$`;
  }
  return undefined;
}
