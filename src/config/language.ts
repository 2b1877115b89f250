import type { Language } from '../model/text.ts';

/** The language of the locale, as other tools find it: LC_ALL, then LC_MESSAGES, then LANG. English unless it is Chinese. */
export function localeLanguage(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find((value) => value !== undefined && value !== '') ?? '';
  return /^zh/i.test(locale) ? 'zh' : 'en';
}
