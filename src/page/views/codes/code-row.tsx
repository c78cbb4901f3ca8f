import { useEffect, useId, useRef } from 'preact/hooks';
import type { PageCode } from '../../../http/page/types.ts';
import { Badge, Fact, Notice, Time } from '../../ui/parts.tsx';
import { ShowPin } from '../../ui/shown-pin.tsx';
import { spanText, timeText } from '../../time.ts';
import { told } from '../../told.ts';
import { capital } from '../../words.ts';
import { statusSaid, weekText } from './listing.ts';
import type { Deed } from './deeds.tsx';
import { fixedText, frameText, kindText } from './offline-words.ts';

const NAMELESS = 'Code without a name';

function nameOf({ name }: { readonly name: string | null }): string {
  return name ?? NAMELESS;
}

/** A code in the list: what it is and why it is so; opened, all of it and what can be done with it. */
export function CodeRow(props: {
  readonly code: PageCode;
  readonly isOpen: boolean;
  readonly isNew: boolean;
  readonly onOpen: (isOpen: boolean) => void;
  readonly onDeed: (deed: Deed) => void;
}) {
  const { code, isOpen, isNew } = props;
  const id = useId();
  const status = statusSaid(code);
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isNew) row.current?.scrollIntoView({ block: 'center' });
  }, [isNew]);
  return (
    <li ref={row} class={`code-row ${isNew ? 'code-row-new' : ''}`}>
      <button
        type="button"
        class="code-head"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => props.onOpen(!isOpen)}
      >
        <span class="code-name">{nameOf(code)}</span>
        <Badge tone={status.tone}>{status.text}</Badge>
        <span class="code-times quiet">{timesText(code)}</span>
      </button>
      <Problems code={code} />
      <div id={id} hidden={!isOpen}>
        {isOpen && <Opened code={code} onDeed={props.onDeed} />}
      </div>
    </li>
  );
}

/** When it opens. */
function timesText({ starts_at: from, ends_at: to, weekly_windows: weekly, issue }: PageCode): string {
  if (issue !== null) return capital(frameText(issue));
  const span =
    from === null ? 'Until it is deleted' : to === null ? `From ${timeText(from)}` : spanText(from, to);
  return weekly === null ? span : `${span}, ${weekText(weekly)}`;
}

function Problems({ code: { errors, warnings, why, status } }: { readonly code: PageCode }) {
  const isObvious = why === null || status === 'set';
  return (
    <>
      {errors.map((error) => (
        <Notice key={error.error_code} tone="bad" isCalm>
          {error.message}
        </Notice>
      ))}
      {warnings.map((warning) => (
        <Notice key={warning.warning_code} tone="warn">
          {warning.message}
        </Notice>
      ))}
      {!isObvious && <p class="code-why quiet">{told(why.message)}</p>}
    </>
  );
}

function Opened({ code, onDeed }: { readonly code: PageCode; readonly onDeed: (deed: Deed) => void }) {
  const { origin, uses, max_uses: maxUses, why, status } = code;
  const canPull = code.is_backup_access_code_available && code.pulled_backup_access_code_id === null;
  return (
    <div class="code-opened">
      {why !== null && status === 'set' && <p>{told(why.message)}</p>}
      <dl class="facts">
        <Place code={code} />
        <Fact name="Owner">{origin === 'cloud' ? 'The cloud' : 'This hub'}</Fact>
        <Fact name="Uses">{maxUses === null ? uses : `${uses} of ${maxUses}`}</Fact>
        <Fact name="Made">
          <Time iso={code.created_at} />
        </Fact>
      </dl>
      {code.is_backup === true && (
        <p class="quiet">A backup code: it stands in for one that did not get through.</p>
      )}
      <div class="row code-deeds">
        {code.has_code && <ShowPin accessCodeId={code.access_code_id} name={nameOf(code)} />}
        {code.can_change && status !== 'removing' && (
          <button type="button" onClick={() => onDeed({ kind: 'change', code })}>
            Change
          </button>
        )}
        {code.can_delete && status !== 'removing' && (
          <button type="button" class="danger" onClick={() => onDeed({ kind: 'delete', code })}>
            Delete
          </button>
        )}
        {canPull && (
          <button type="button" onClick={() => onDeed({ kind: 'pull', code })}>
            Use a backup code
          </button>
        )}
      </div>
      {!code.can_change && <p class="quiet small">{unchangeableText(code)}</p>}
    </div>
  );
}

/** Where the lock has it; of an offline code, which is nowhere, what kind it is. */
function Place({ code: { slot, issue, is_offline_access_code: isOffline } }: { readonly code: PageCode }) {
  if (!isOffline) return <Fact name="Slot">{slot ?? 'None yet'}</Fact>;
  if (issue === null) return <Fact name="Kind">Offline code</Fact>;
  const { asked_starts_at: from, asked_ends_at: to } = issue;
  const isMoved = from !== issue.starts_at || (to !== null && to !== issue.ends_at);
  return (
    <>
      <Fact name="Kind">{kindText(issue)}</Fact>
      {isMoved && <Fact name="Asked for">{to === null ? `from ${timeText(from)}` : spanText(from, to)}</Fact>}
    </>
  );
}

function unchangeableText(code: PageCode): string {
  if (code.origin === 'cloud' && !code.can_delete)
    return 'It belongs to the cloud, so it is changed and deleted there. Here it can only be looked at.';
  return code.is_offline_access_code ? fixedText(code) : 'It can not be changed here.';
}
