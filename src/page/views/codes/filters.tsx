import { Field, Pick } from '../../ui/field.tsx';
import type { CodeLock } from './draft.ts';
import type { Filter } from './listing.ts';
import { lockLabel } from './lock-label.ts';

const STATUSES = [
  { value: 'all', label: 'All' },
  { value: 'problems', label: 'With a problem' },
  { value: 'set', label: 'Works now' },
  { value: 'setting', label: 'Being put on' },
  { value: 'unset', label: 'Later' },
  { value: 'removing', label: 'Being removed' },
  { value: 'unknown', label: 'Not known' },
  { value: 'unmanaged', label: 'Not made by the hub' },
] as const;

const ORIGINS = [
  { value: 'all', label: 'Everybody' },
  { value: 'local', label: 'This hub' },
  { value: 'cloud', label: 'The cloud' },
] as const;

/** Which codes are shown. */
export function Filters(props: {
  readonly filter: Filter;
  readonly locks: readonly CodeLock[];
  readonly onFilter: (filter: Partial<Filter>) => void;
}) {
  const { filter, locks, onFilter } = props;
  const choices = locks.map((lock) => ({ value: lock.device_id, label: lockLabel(lock, locks) }));
  return (
    <form class="filters" role="search" aria-label="Codes" onSubmit={(event) => event.preventDefault()}>
      <Field
        label="Search"
        value={filter.text}
        onValue={(text) => onFilter({ text })}
        input={{ type: 'search', placeholder: 'Name or id', autocomplete: 'off' }}
      />
      <Pick
        label="Lock"
        value={filter.deviceId ?? ''}
        choices={[{ value: '', label: 'All locks' }, ...choices]}
        onValue={(id) => onFilter({ deviceId: id === '' ? null : id })}
      />
      <Pick
        label="Status"
        value={filter.status}
        choices={STATUSES}
        onValue={(status) => onFilter({ status })}
      />
      <Pick
        label="Owner"
        value={filter.origin}
        choices={ORIGINS}
        onValue={(origin) => onFilter({ origin })}
      />
    </form>
  );
}
