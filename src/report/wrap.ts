import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

// Everything printable in ASCII is one column wide and breaks at spaces only: most texts need no closer look.
const ASCII = /^[\u0020-\u007e]*$/;

/** The columns that a text takes on a terminal: two for a Chinese character, none for a colour. */
export function columns(text: string): number {
  return ASCII.test(text) ? text.length : stringWidth(text);
}

/** Pads a text to a width in columns; a longer one stays as it is. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columns(text)));
}

/** Punctuation that must not begin a line, and that must not end one. */
const CLOSING = /^[，。、；：？！…）」』》】〉”’,.;:?!)\]}%]/u;
const OPENING = /[（「『《【〈“‘([{]$/u;
const graphemes = new Intl.Segmenter('zh', { granularity: 'grapheme' });

/**
 * Breaks a text into lines of at most `width` columns: at spaces, and between Chinese characters, but never so that a line begins with a closing
 * mark. What has no place to break at (a long address) is cut. Where a line is broken, white space of any kind counts as one space.
 */
export function wrap(text: string, width: number): readonly string[] {
  // What fits keeps its own spacing.
  if (!/[^\S ]/.test(text) && columns(text) <= width) return [text.trimEnd()];
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const { text: atom, spaced } of atoms(text)) {
    const own = columns(atom);
    const gap = spaced && line !== '' ? 1 : 0;
    if (line !== '' && used + gap + own > width) {
      lines.push(line);
      line = '';
      used = 0;
    }
    if (line !== '') {
      line += (gap === 1 ? ' ' : '') + atom;
      used += gap + own;
      continue;
    }
    // wrap-ansi never loses a character, whatever the width of the pieces.
    const pieces = own > width ? wrapAnsi(atom, width, { hard: true, trim: false }).split('\n') : [atom];
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
    used = columns(line);
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

/** The pieces that must not be broken, each with whether a space stands before it. */
function* atoms(text: string): Generator<{ readonly text: string; readonly spaced: boolean }> {
  for (const word of text.split(/\s+/)) {
    if (word === '') continue;
    if (ASCII.test(word)) {
      yield { text: word, spaced: true };
      continue;
    }
    let atom = '';
    let wide = false;
    let spaced = true;
    for (const { segment } of graphemes.segment(word)) {
      const isWide = columns(segment) > 1;
      if (atom !== '' && (wide || isWide) && !CLOSING.test(segment) && !OPENING.test(atom)) {
        yield { text: atom, spaced };
        spaced = false;
        atom = '';
      }
      atom += segment;
      wide = isWide;
    }
    yield { text: atom, spaced };
  }
}
