import type { Language } from '../model/text.ts';
import { en } from './texts/en.ts';
import type { Sentences } from './texts/texts.ts';
import { zh } from './texts/zh.ts';

export { type By, grouped, type Sentences } from './texts/texts.ts';

/** The report's own sentences in one language. */
export function sentences(language: Language): Sentences {
  return language === 'zh' ? zh : en;
}
