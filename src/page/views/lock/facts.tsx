import type { LockDetail } from '../../../http/page/types.ts';
import { Card, Fact, Time } from '../../ui/parts.tsx';
import { KeypadOf } from './keypad.tsx';
import { Rename } from './rename.tsx';
import { limitsText, vendorText } from '../codes/offline-words.ts';
import { sentence } from './words.ts';

const RADIO_NAMES = { zwave: 'Z-Wave', zigbee: 'Zigbee', offline: 'At its vendor' } as const;

/** What does not change while one stands at the door. */
export function LockFacts({ lock }: { readonly lock: LockDetail }) {
  const hasSlots = lock.slots.total !== 0;
  return (
    <Card title="Facts" aside={<Rename lock={lock} />}>
      <dl class="facts">
        <Fact name="Model">{lock.model ?? 'not known'}</Fact>
        <Fact name="Address">
          {lock.radio === null ? 'in no network' : `${RADIO_NAMES[lock.radio]} ${lock.address ?? ''}`}
        </Fact>
        {lock.radio !== 'offline' && (
          <Fact name="Connection">{lock.secure ? 'Encrypted' : 'Not encrypted'}</Fact>
        )}
        {hasSlots && <SlotFacts lock={lock} />}
        {lock.offline !== null && (
          <Fact name="Offline codes">
            Of {vendorText(lock.offline)}. {limitsText(lock.offline)}
          </Fact>
        )}
        {lock.door !== null && (
          <Fact name="Keypad for offline codes">
            <KeypadOf lock={lock} door={lock.door} />
          </Fact>
        )}
        {lock.code_constraints.length > 0 && (
          <Fact name="Rules for codes">
            {lock.code_constraints.map((constraint) => constraintText(constraint)).join('; ')}
          </Fact>
        )}
        <Fact name="Device id">
          <code class="device-id">{lock.device_id}</code>
        </Fact>
      </dl>
    </Card>
  );
}

/** Of the codes that are on the lock itself. */
function SlotFacts({ lock }: { readonly lock: LockDetail }) {
  return (
    <>
      <Fact name="Code lengths">{lengthsText(lock.supported_code_lengths)}</Fact>
      <Fact name="Slots">{lock.slots.total ?? 'not known'}</Fact>
      <Fact name="Schedules">
        {lock.has_native_schedules
          ? 'Kept by the lock itself'
          : 'Kept by the hub, which writes codes in time'}
      </Fact>
      <Fact name="Clock of the lock">{clockFact(lock.clock)}</Fact>
      <Fact name="Last audit">{lock.audited_at === null ? 'none yet' : <Time iso={lock.audited_at} />}</Fact>
    </>
  );
}

/** `4 to 8 digits`, `4, 6 digits`. */
function lengthsText(lengths: readonly number[]): string {
  const sorted = [...lengths].sort((a, b) => a - b);
  const [first] = sorted;
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) return 'not known';
  if (first === last) return `${first} digits`;
  const isRun = last - first === sorted.length - 1 && sorted.length > 2;
  return `${isRun ? `${first} to ${last}` : sorted.join(', ')} digits`;
}

function clockFact(clock: LockDetail['clock']) {
  if (clock === null) return 'has none, or it was not read yet';
  const seconds = Math.round(clock.ahead_seconds);
  const text = seconds === 0 ? 'right' : `${Math.abs(seconds)} s ${seconds > 0 ? 'ahead' : 'behind'}`;
  return (
    <>
      {text}, read <Time iso={clock.checked_at} ago />
    </>
  );
}

function constraintText({
  constraint_type,
  min_length,
  max_length,
}: LockDetail['code_constraints'][number]): string {
  const bounds = [
    ...(min_length === undefined ? [] : [`from ${min_length}`]),
    ...(max_length === undefined ? [] : [`up to ${max_length}`]),
  ];
  return [sentence(constraint_type), ...bounds].join(' ');
}
