/**
 * How much a run tests. `npm run interop`, which is CI's: the release we follow with everything, the others with a smoke
 * test. `npm run interop:all`: everything with all of them.
 */
import type { PeerVersion } from './peers.ts';

export const ALL = process.env.POCKETMQ_INTEROP === 'all';

const FOLLOWED: PeerVersion = '4.9.7';
export const OTHER_VERSIONS: readonly PeerVersion[] = ['4.9.1', '5.4.0'];
/** For what is worth its time with the release we follow only. */
export const VERSIONS: readonly PeerVersion[] = ALL ? [FOLLOWED, ...OTHER_VERSIONS] : [FOLLOWED];
