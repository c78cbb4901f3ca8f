import { expect, test } from 'vitest';
import { playStory } from './story.ts';

const OPENING = `> the house is in Europe/London, and it is 2025-01-01 12:00 UTC
> front is a plain lock
> the hub starts
  nothing is told
> 30 seconds pass
  2025-01-01 12:00 device.added
`;

const STORY = `A story.

${OPENING}
> the cloud wants guest on front: code: "1234"
  2025-01-01 12:00 access_code.created guest
  2025-01-01 12:00 access_code.changed guest: changed_properties status unset -> setting
> 10 seconds pass
  2025-01-01 12:00 access_code.set_on_device guest
> show code, status, errors of guest on front
  code: "1234"
  status: "set"
  errors: []
> front holds
  slot 1: 1234
`;

/** The line after the story. */
const LAST = STORY.split('\n').length;

test('a story that tells what happens comes back as it is', async () => {
  expect(await playStory(STORY)).toBe(STORY);
});

test.each([
  ['another status', 'status: "set"', 'status: "unset"'],
  ['another event', 'set_on_device guest', 'failed_to_set_on_device guest'],
  ['another time of an event', '12:00 access_code.set_on', '12:01 access_code.set_on'],
  [
    'an event too many',
    '  2025-01-01 12:00 device.added\n',
    '  2025-01-01 12:00 device.added\n  2025-01-01 12:00 device.added\n',
  ],
  ['an event too few', '  2025-01-01 12:00 access_code.created guest\n', ''],
  ['another order of events', /( {2}\S+ \S+ access_code.created guest\n)(.*\n)/, '$2$1'],
  ['another PIN on the lock', 'slot 1: 1234', 'slot 1: 4321'],
  ['another slot', 'slot 1: 1234', 'slot 2: 1234'],
])('a story with %s does not come back as it was', async (_what, told, wrong) => {
  const changed = STORY.replace(told, wrong);
  expect(changed).not.toBe(STORY);
  expect(await playStory(changed)).toBe(STORY);
});

test.each([
  ['something nobody can say', '> front sings', `line ${LAST}: Nobody knows what this means: front sings`],
  ['a lock that is not there', '> back holds', `line ${LAST}: There is no lock called back.`],
  ['a field that no request has', '> the cloud wants a on front: cod: "1234"', '"cod" is no field'],
  ['fields that are no fields', '> the cloud wants a on front: code "1234', `line ${LAST}`],
  ['a code that the cloud does not want', '> the cloud deletes a from front', 'does not want a'],
  ['a field that no access code has', '> show colour of guest on front', 'no field "colour"'],
  ['a time that has passed', '> it becomes 2024-01-01 12:00 UTC', 'That time has passed'],
  [
    'a second house',
    '> the house is in Europe/Paris, and it is 2025-01-01 12:00 UTC',
    'A story has one house.',
  ],
  ['a continuation of nothing', 'Words.\n>     more', `line ${LAST + 1}: continues no command.`],
  ['output of nothing', 'Words.\n  it opens', `line ${LAST + 1}: is output, and no command comes before it.`],
])('a story with %s is none', async (_what, wrong, message) => {
  await expect(playStory(`${STORY}${wrong}\n`)).rejects.toThrow(message);
});

test('a story begins with the house and the time', async () => {
  await expect(playStory('> the hub starts\n')).rejects.toThrow('begins with the house');
});
