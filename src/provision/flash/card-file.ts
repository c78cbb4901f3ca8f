import path from 'node:path';
import { parseYaml, readText, type Loaded } from '../../config.ts';
import { credentialName } from '../../config-path.ts';
import { fileKeys, parseCardConfig } from '../card-config.ts';
import { MARK } from './seed.ts';

/** The `lockhub.yaml` that goes onto a card, and what of it the rest of the card is told. */
export interface CardFile {
  readonly text: string;
  /** `null`: the hub makes its own. */
  readonly hubId: string | null;
  readonly timezone: string;
}

/** Stands for the id that the hub will make. */
const NOT_YET = 'hub-not-made-yet';

/**
 * The config for a card. The files that it names by a relative path are on this machine and not on the hub: they travel
 * in its `secrets`. The hub makes `key_file`, so that one is never read.
 */
export function cardFileOf(file: string): Loaded<CardFile> {
  const text = readText(file);
  if (!text.ok) return text;
  const parsed = parseYaml(text.value);
  if (!parsed.ok) return parsed;
  const { document, value } = parsed.value;
  const mistakes: string[] = [];
  for (const { path: at, file: name } of fileKeys(value)) {
    const isHere = credentialName(name) === undefined && !path.isAbsolute(name) && at[0] !== 'key_file';
    if (!isHere) continue;
    const content = readText(path.resolve(path.dirname(file), name));
    if (!content.ok) mistakes.push(...content.mistakes.map((mistake) => `${at.join('.')}: ${mistake}`));
    else {
      const secret = at.join('-').replaceAll('_', '-');
      document.setIn(at, `credential:${secret}`);
      document.setIn(['secrets', secret], content.value);
    }
  }
  if (mistakes.length > 0) return { ok: false, mistakes };
  const written = `${MARK}\n${document.toString()}`;
  const card = parseCardConfig(written, () => NOT_YET);
  if (!card.ok) return card;
  const { hubId } = card.value;
  const timezone = String(document.getIn(['site', 'timezone']));
  return { ok: true, value: { text: written, hubId: hubId === NOT_YET ? null : hubId, timezone } };
}
