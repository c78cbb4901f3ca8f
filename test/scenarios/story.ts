import { momentAt, MOMENT, minuteText } from './times.ts';
import type { Told } from './cloud.ts';
import { DEEDS } from './deeds.ts';
import { House } from './house.ts';
import { LOOKS } from './looks.ts';
import type { Sentence } from './sentence.ts';
import { play, StoryError, type Command } from './transcript.ts';

/** What is told more than so much later than it happened says so. */
const LATE_MS = 60_000;

/** So long after hands were at a lock, its report has been heard. */
const REPORT_MS = 100;

/** The sentence every story begins with. */
const OPENING = new RegExp(String.raw`^the house is in ([\w/]+), and it is (${MOMENT})$`);

const SENTENCES: readonly (Sentence & { readonly pattern: RegExp })[] = [...DEEDS, ...LOOKS].map(
  (sentence) => ({ ...sentence, pattern: new RegExp(`^${sentence.form}$`) }),
);

/** Words about a story that are told elsewhere: its ids, and what the outbox adds to every event. */
const FIELDS_OF_EVERY_EVENT: ReadonlySet<string> = new Set([
  'seq',
  'event_id',
  'event_type',
  'occurred_at',
  'device_id',
  'access_code_id',
]);

/** Plays a story from its first line to its last, and answers it with what really happened beneath every command. */
export async function playStory(text: string): Promise<string> {
  let house: House | null = null;
  try {
    return await play(text, async (command) => {
      const opening = OPENING.exec(command.text);
      if (opening !== null) {
        if (house !== null) throw new StoryError(command.line, 'A story has one house.');
        house = new House(opening[1] ?? '', momentAt(opening[2] ?? ''));
        return [];
      }
      if (house === null) throw new StoryError(command.line, 'A story begins with the house and the time.');
      return act(house, command);
    });
  } finally {
    (house as House | null)?.end();
  }
}

async function act(house: House, command: Command): Promise<readonly string[]> {
  const fitting = SENTENCES.flatMap((sentence) => {
    const match = sentence.pattern.exec(command.text);
    return match === null ? [] : [{ sentence, words: match.slice(1).map((word) => word ?? '') }];
  });
  const [only, other] = fitting;
  if (only === undefined) throw new StoryError(command.line, `Nobody knows what this means: ${command.text}`);
  if (other !== undefined) throw new StoryError(command.line, `This can mean two things: ${command.text}`);
  const { sentence, words } = only;
  try {
    const lines = await sentence.act(house, ...words);
    await house.passTo(house.time.now + (sentence.atLock === true ? REPORT_MS : 0));
    const told = house.cloud.takeTold().map((one) => eventLine(one, house));
    const silence = sentence.happens === true && lines.length === 0 && told.length === 0;
    return [...lines, ...told, ...(silence ? ['nothing is told'] : [])].map((line) => house.names.in(line));
  } catch (error) {
    if (error instanceof StoryError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new StoryError(command.line, message, error);
  }
}

/** One event, with all its fields: when it happened, what it is, whose, and what else it says. */
function eventLine({ event, heardAt }: Told, house: House): string {
  nameIds(event, house);
  const at = Date.parse(event.occurred_at);
  const late = heardAt - at > LATE_MS ? ` (told at ${minuteText(heardAt)})` : '';
  const { device_id: deviceId, access_code_id: id } = event;
  const where = typeof deviceId === 'string' && house.lockCount > 1 ? ` on ${deviceId}` : '';
  const more = Object.entries(event)
    .filter(([field]) => !FIELDS_OF_EVERY_EVENT.has(field))
    .flatMap(([field, value]) => detail(field, value));
  const details = more.length === 0 ? '' : `: ${more.join('; ')}`;
  return `${minuteText(at)} ${event.event_type}${typeof id === 'string' ? ` ${id}` : ''}${where}${details}${late}`;
}

function nameIds(event: Told['event'], { names }: House): void {
  const { access_code_id: id, backup_access_code_id: backup } = event;
  if (typeof backup === 'string') names.number(backup, 'backup');
  if (typeof id === 'string' && event.event_type.startsWith('access_code.unmanaged.')) {
    if (!names.has(id)) names.number(id, 'unmanaged');
  }
}

/** Lists of problems show their codes, empty ones nothing; what changed shows from what to what. */
function detail(field: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [`${field} ${textOf(value)}`];
  if (value.length === 0) return [];
  const items = value.map((item: Readonly<Record<string, unknown>>) => {
    const { error_code, warning_code, property, mutation_code, from, to } = item;
    const what = textOf(error_code ?? warning_code ?? property ?? mutation_code ?? item);
    return from === undefined && to === undefined ? what : `${what} ${textOf(from)} -> ${textOf(to)}`;
  });
  return [`${field} ${items.join(', ')}`];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
