import { describe, expect, it } from 'vitest';
import { editDistance, nearestName } from '../../src/cli/suggest.ts';

const names = ['updateTopic', 'topicList', 'topicRoute', 'clusterList', 'broker'];

describe('the nearest command', () => {
  it.each([
    ['topiclist', 'topicList'],
    ['topicLsit', 'topicList'],
    ['updatetopics', 'updateTopic'],
    ['cluserList', 'clusterList'],
    ['brokr', 'broker'],
    ['frobnicate', undefined],
    ['x', undefined],
  ])('to %s is %s', (word, name) => {
    expect(nearestName(word, names)).toBe(name);
  });

  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['abc', 'abd', 1],
    ['abc', 'acb', 1],
    ['kitten', 'sitting', 3],
  ])('distance of "%s" and "%s"', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});
