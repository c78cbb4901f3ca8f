import { overview } from '../../live.ts';
import { LEVELS, type Level } from './lines.ts';

/** What is asked for at the top of the log; `deviceId` is empty for all locks. */
export interface Asked {
  readonly level: Level;
  readonly text: string;
  readonly deviceId: string;
}

export function Filters({ asked, onAsk }: { readonly asked: Asked; readonly onAsk: (asked: Asked) => void }) {
  return (
    <div class="log-filters" role="search" aria-label="Log lines">
      <div>
        <label for="log-text">Contains</label>
        <input
          id="log-text"
          type="search"
          value={asked.text}
          onInput={({ currentTarget }) => onAsk({ ...asked, text: currentTarget.value })}
        />
      </div>
      <div>
        <label for="log-lock">Lock</label>
        <select
          id="log-lock"
          value={asked.deviceId}
          onChange={({ currentTarget }) => onAsk({ ...asked, deviceId: currentTarget.value })}
        >
          <option value="">All, and the hub</option>
          {overview.value?.locks.map(({ device_id, name }) => (
            <option key={device_id} value={device_id}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label for="log-level">From level</label>
        <select
          id="log-level"
          value={asked.level}
          onChange={({ currentTarget }) => onAsk({ ...asked, level: currentTarget.value as Level })}
        >
          {LEVELS.map((level) => (
            <option key={level} value={level}>
              {level}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}
