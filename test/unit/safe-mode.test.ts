import { expect, test } from 'vitest';
import { whyItEnded } from '../../src/system/safe-mode.ts';

test.each([
  ['watchdog', 'killed', 'ABRT', 'It hung, again and again.'],
  ['start-limit-hit', 'killed', 'ABRT', 'It hung, again and again.'],
  ['start-limit-hit', 'exited', '1', 'It ended with exit code 1; its log says why.'],
  ['exit-code', 'exited', '2', 'It ended with exit code 2; its log says why.'],
  ['signal', 'killed', 'SEGV', 'It was ended by the signal SEGV, again and again.'],
  ['oom-kill', 'killed', 'KILL', 'It needed more memory than there is.'],
  ['timeout', 'killed', 'TERM', 'It did not get ready in time.'],
  ['resources', undefined, undefined, 'It could not be started (resources).'],
])('what systemd says of a unit that failed, as a sentence: %s, %s %s', (result, code, status, sentence) => {
  const environment = {
    MONITOR_SERVICE_RESULT: result,
    MONITOR_EXIT_CODE: code,
    MONITOR_EXIT_STATUS: status,
  };
  expect(whyItEnded(environment, [])).toBe(sentence);
});

test('a broken config is the reason, whatever else there is', () => {
  expect(whyItEnded({ MONITOR_SERVICE_RESULT: 'exit-code' }, ['hub_id: expected one'])).toBe(
    'Its config is broken: hub_id: expected one.',
  );
  expect(whyItEnded({}, [])).toBe('It was started in safe mode by hand.');
});
