import type { Screen } from '../format.ts';
import type { Overview } from '../overview.ts';
import type { Page } from '../page.ts';
import type { Sentences } from '../sentences.ts';

/** What every part of the text report is drawn with. */
export interface View {
  readonly overview: Overview;
  readonly page: Page;
  readonly say: Sentences;
  readonly screen: Screen;
}
