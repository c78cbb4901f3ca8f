import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { playStory } from './story.ts';

const directory = join(import.meta.dirname, 'stories');
const files = readdirSync(directory).filter((name) => name.endsWith('.txt'));

test.each(files)('%s', async (file) => {
  const text = readFileSync(join(directory, file), 'utf8');
  expect(text, 'a story says what it proves').toMatch(/^Proves:/m);
  expect(await playStory(text)).toBe(text);
});
