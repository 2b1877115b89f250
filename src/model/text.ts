/** The languages every text of skiffctl exists in. */
export const LANGUAGES = ['zh', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** One text for a person, in every language. `{name}` marks a placeholder; both languages must use the same ones. */
export interface Text {
  readonly zh: string;
  readonly en: string;
}

export type TextData = Readonly<Record<string, string | number>>;

/** Fills the placeholders of a text. An unknown placeholder stays visible as `{name}`, so that a mistake is seen rather than hidden. */
export function fill(template: string, data: TextData = {}): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => (name in data ? String(data[name]) : whole));
}

/** The names of the placeholders in a text, each once, sorted. */
export function placeholders(template: string): readonly string[] {
  return [...new Set([...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''))].sort();
}
