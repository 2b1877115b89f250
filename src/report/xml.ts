/** Characters that XML 1.0 has no way to write. */
// oxlint-disable-next-line no-control-regex
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '\n': '&#10;', '\t': '&#9;' };

/** Text for an element or an attribute. */
export function escaped(text: string): string {
  return text.replaceAll(UNWRITABLE, '\ufffd').replaceAll(/[&<>"'\n\t]/g, (character) => ENTITIES[character] ?? character);
}

export function element(name: string, attributes: Readonly<Record<string, string | number>>, children: readonly string[] | string = []): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  const body = typeof children === 'string' ? escaped(children) : children.join('');
  return body === '' ? `<${name}${written.join('')}/>\n` : `<${name}${written.join('')}>${typeof children === 'string' ? '' : '\n'}${body}</${name}>\n`;
}
