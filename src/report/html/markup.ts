/** HTML that is known to be written here. Whatever else stands in a page is text, and is escaped. */
export interface Markup {
  readonly html: string;
}

export type Content = Markup | string | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** Elements without content: those of HTML end with their tag, those of SVG have to be closed in it. Closing both harms neither. */
const VOID: ReadonlySet<string> = new Set(['meta', 'rect', 'path', 'circle']);

export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** `tag('a', { href: '#x' }, 'text')`. An attribute that is false or undefined is left out, one that is true has no value. */
export function tag(name: string, attributes: Readonly<Record<string, string | number | boolean | undefined>> = {}, ...content: readonly Content[]): Markup {
  const written = Object.entries(attributes).map(([key, value]) => {
    if (value === undefined || value === false) return '';
    return value === true ? ` ${key}` : ` ${key}="${escaped(String(value))}"`;
  });
  const opening = `<${name}${written.join('')}`;
  return { html: VOID.has(name) ? `${opening}/>` : `${opening}>${content.map(rendered).join('')}</${name}>` };
}

export function rendered(content: Content): string {
  if (typeof content === 'string') return escaped(content);
  return 'html' in content ? content.html : content.map(rendered).join('');
}

/** An id for an element and for links to it, out of a component's: letters, digits, `-` and `_`, unique as long as the ids are. */
export function anchor(prefix: string, id: string): string {
  return `${prefix}-${id.replaceAll(/[^A-Za-z0-9]/g, (character) => (character === '/' ? '__' : `_${character.codePointAt(0)?.toString(16) ?? ''}`))}`;
}
