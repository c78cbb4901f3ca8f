import type { Clock } from '../clock.ts';
import { instantText, notedText } from '../wire/instant-text.ts';
import type { ClockState } from './messages/clock-state.ts';

/** The clock as the cloud is told of it. */
export function clockStateOf(clock: Clock): ClockState {
  const { earliest, latest } = clock.now();
  const basis = clock.basis?.();
  return {
    earliest: notedText(earliest),
    latest: instantText(latest),
    ...(basis && {
      trusted: basis.isTrusted,
      from: basis.from,
      till: basis.till,
      disputed: basis.isDisputed,
    }),
  };
}
