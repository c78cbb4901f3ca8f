/** One command of a story, with the line it begins on. */
export interface Command {
  readonly line: number;
  /** Without its `>`, continuation lines joined by spaces. */
  readonly text: string;
}

/** A piece of a story: words for the reader, which are kept as they are, or a command whose output follows. */
type Piece =
  | { readonly kind: 'prose'; readonly lines: readonly string[] }
  | { readonly kind: 'command'; readonly command: Command; readonly lines: readonly string[] };

/** Indentation of what a command answers. */
const OUTPUT = '  ';

/** Continuation lines of a command: `>` and at least this much. */
const CONTINUED = '>   ';

/** Something is wrong with the story itself. */
export class StoryError extends Error {
  constructor(line: number, message: string, cause?: unknown) {
    super(`line ${line}: ${message}`, { cause });
  }
}

/** Cuts a story into its pieces. Output is dropped: it is what is to be compared. */
function pieces(text: string): readonly Piece[] {
  const found: Piece[] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const last = found.at(-1);
    if (line.startsWith(CONTINUED)) {
      if (last?.kind !== 'command') throw new StoryError(index + 1, 'continues no command.');
      const { command } = last;
      const joined = { ...command, text: `${command.text} ${line.slice(1).trim()}` };
      found.splice(-1, 1, { ...last, command: joined, lines: [...last.lines, line] });
    } else if (line.startsWith('>')) {
      found.push({
        kind: 'command',
        command: { line: index + 1, text: line.slice(1).trim() },
        lines: [line],
      });
    } else if (line.startsWith(OUTPUT)) {
      if (last?.kind !== 'command')
        throw new StoryError(index + 1, 'is output, and no command comes before it.');
    } else if (last?.kind === 'prose') {
      found.splice(-1, 1, { ...last, lines: [...last.lines, line] });
    } else found.push({ kind: 'prose', lines: [line] });
  }
  return found;
}

/**
 * Plays a story: every command is done in turn, and the same text comes back with what the world answered beneath each.
 * Equal to what was given exactly when every line of output is what happened.
 */
export async function play(
  text: string,
  act: (command: Command) => Promise<readonly string[]>,
): Promise<string> {
  const lines: string[] = [];
  for (const piece of pieces(text)) {
    lines.push(...piece.lines);
    if (piece.kind === 'prose') continue;
    const output = await act(piece.command);
    lines.push(...output.map((line) => `${OUTPUT}${line}`));
  }
  return lines.join('\n');
}
