import { Link } from 'wouter-preact';
import type { HubHealth } from '../../../http/page/types.ts';
import { Card, Fact, Time } from '../../ui/parts.tsx';
import { durationText, timeText } from '../../time.ts';
import { bytesText, countText, uncertaintyText, type Said } from '../../words.ts';

const RADIO_NAMES = { zwave: 'Z-Wave', zigbee: 'Zigbee' } as const;
const RADIO_SAID = {
  ready: { text: 'Ready', tone: 'good' },
  starting: { text: 'Starting', tone: 'info' },
  down: { text: 'Does not answer', tone: 'bad' },
} as const;

/** What everything else depends on, in one line: the radio, the cloud, the clock. */
export function HubStrip({ hub }: { readonly hub: HubHealth }) {
  const cloud = cloudSaid(hub.cloud);
  return (
    <ul class="strip" aria-label="This hub at a glance">
      {hub.radios.map(({ radio, state }) => (
        <Light key={radio} name={RADIO_NAMES[radio]} said={RADIO_SAID[state]} />
      ))}
      {hub.radios.length === 0 && <Light name="Radio" said={{ text: 'None set up', tone: 'warn' }} />}
      <Light name="Cloud" said={cloud} />
      <Light name="Clock" said={clockSaid(hub.clock)} />
    </ul>
  );
}

/** The rest that one wants to know about the hub. */
export function HubCard({ hub }: { readonly hub: HubHealth }) {
  const { clock, disk, cloud } = hub;
  return (
    <Card title="This hub">
      <dl class="facts">
        <Fact name="Name">{hub.hub_id}</Fact>
        <Fact name="Version">{hub.version}</Fact>
        <Fact name="Running for">
          <span title={`since ${timeText(hub.started_at)}`}>{durationText(hub.uptime_seconds)}</span>
        </Fact>
        <Fact name="Clock">{clockFact(clock)}</Fact>
        <Fact name="Time zone">{hub.timezone}</Fact>
        {cloud?.claim?.owner != null && (
          <Fact name="Claimed by">
            <Link href="/claim">{cloud.claim.owner}</Link>
          </Fact>
        )}
        {cloud !== null && (
          <Fact name="Waiting for the cloud">{countText(cloud.events_waiting, 'event')}</Fact>
        )}
        <Fact name="Disk">
          {bytesText(disk.free_bytes)} free of {bytesText(disk.total_bytes)}
        </Fact>
        <Fact name="Database">{bytesText(disk.database_bytes)}</Fact>
        <Fact name="Memory">{bytesText(hub.memory_bytes)}</Fact>
        {hub.offline_secrets.length > 0 && (
          <Fact name="Secrets of offline codes">
            {hub.offline_secrets.map(({ secret_id: id, accepted_until: until }) => (
              <div key={id}>
                {id}
                {until !== null && (
                  <span class="quiet">
                    {' '}
                    until <Time iso={until} />
                  </span>
                )}
              </div>
            ))}
          </Fact>
        )}
        <Fact name="Started">
          <Time iso={hub.started_at} />
        </Fact>
      </dl>
    </Card>
  );
}

function Light({ name, said }: { readonly name: string; readonly said: Said }) {
  return (
    <li class={`light light-${said.tone}`}>
      <span class="small quiet">{name}</span>
      <span>{said.text}</span>
    </li>
  );
}

function cloudSaid(cloud: HubHealth['cloud']): Said {
  if (cloud === null) return { text: 'Not used', tone: 'quiet' };
  switch (cloud.status) {
    case 'online':
      return { text: 'Connected', tone: 'good' };
    case 'connecting':
      return { text: 'Connecting', tone: 'info' };
    case 'waiting':
      if (cloud.claim?.owner === null) return { text: 'Not claimed', tone: 'warn' };
      return { text: 'Not reached', tone: 'warn' };
    case 'refused':
      return { text: 'Refuses this hub', tone: 'bad' };
    case 'stopped':
      return { text: 'Stopped', tone: 'warn' };
  }
}

/** Codes are written half an hour ahead; a minute of doubt is still of no weight beside that. */
const CLOCK_DOUBT_MS = 60_000;

const SOURCES: Readonly<Record<NonNullable<HubHealth['clock']['from']>, string>> = {
  build: 'the age of the program',
  floor: 'what was known before the last start',
  locks: 'the clocks of locks',
  cloud: 'the cloud',
  system: 'the time server of this machine',
};

function clockFact({ uncertainty_ms: doubtMs, earliest, from, till, disputed }: HubHealth['clock']): string {
  const by = from === null ? '' : `, by ${SOURCES[from]}`;
  if (disputed) return `at least ${timeText(earliest)}${by}; others contradict that`;
  if (doubtMs === null) return `at least ${timeText(earliest)}${by}`;
  const also = till === null || till === from ? '' : ` and ${SOURCES[till]}`;
  return `right within ${uncertaintyText(doubtMs / 2)}${by}${also}`;
}

function clockSaid({ uncertainty_ms: doubtMs }: HubHealth['clock']): Said {
  if (doubtMs === null) return { text: 'The time is not known', tone: 'warn' };
  if (doubtMs <= CLOCK_DOUBT_MS) return { text: 'Right', tone: 'good' };
  return { text: `Off by up to ${uncertaintyText(doubtMs / 2)}`, tone: 'warn' };
}
