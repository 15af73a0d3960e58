/**
 * Version numbers of the header and their names (MQVersion): every request and answer carries its sender's number,
 * clusterList and brokerStatus show the name. Each release has two consecutive numbers, the snapshot's and its own:
 *
 *   0-15     3.0.0 in its many stages
 *   16-45    V3_0_1 to V3_0_15
 *   46-85    V3_1_0 to V3_2_9
 *   86-211   V3_3_1 to V3_9_9 (no third digit 0)
 *   212-611  V4_0_0 to V5_9_9
 *   612      HIGHER_VERSION, which also stands for every larger number
 */

const stagesOf300 = [
  'V3_0_0_SNAPSHOT',
  'V3_0_0_ALPHA1',
  'V3_0_0_BETA1',
  'V3_0_0_BETA2',
  'V3_0_0_BETA3',
  'V3_0_0_BETA4',
  'V3_0_0_BETA5',
  'V3_0_0_BETA6_SNAPSHOT',
  'V3_0_0_BETA6',
  'V3_0_0_BETA7_SNAPSHOT',
  'V3_0_0_BETA7',
  'V3_0_0_BETA8_SNAPSHOT',
  'V3_0_0_BETA8',
  'V3_0_0_BETA9_SNAPSHOT',
  'V3_0_0_BETA9',
  'V3_0_0_FINAL',
];

const HIGHER_VERSION = 'HIGHER_VERSION';

function* releases(): Generator<string> {
  for (let patch = 1; patch <= 15; patch++) yield `V3_0_${patch}`;
  for (let minor = 1; minor <= 9; minor++) {
    for (let patch = minor <= 2 ? 0 : 1; patch <= 9; patch++) yield `V3_${minor}_${patch}`;
  }
  for (let major = 4; major <= 5; major++) {
    for (let minor = 0; minor <= 9; minor++) {
      for (let patch = 0; patch <= 9; patch++) yield `V${major}_${minor}_${patch}`;
    }
  }
}

let nameByNumber: string[] | undefined;

function names(): string[] {
  nameByNumber ??= [
    ...stagesOf300,
    ...Array.from(releases(), (release) => [`${release}_SNAPSHOT`, release]).flat(),
    HIGHER_VERSION,
  ];
  return nameByNumber;
}

/**
 * The name of a version number: 407 is V4_9_7. A number beyond the known ones is HIGHER_VERSION, and so is a negative
 * one (on which Java fails).
 */
export function versionName(version: number): string {
  return names()[version] ?? HIGHER_VERSION;
}

/** The number of a version name such as V4_9_7, undefined for a name MQVersion does not have. */
export function versionOf(name: string): number | undefined {
  const version = names().indexOf(name);
  return version < 0 ? undefined : version;
}
