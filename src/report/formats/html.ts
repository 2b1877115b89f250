import type { Format } from '../format.ts';
import { page } from '../html/page.ts';

/** One self-contained page for a browser, a phone or paper: the dependency graph, every finding with its evidence and repair, in both languages. */
const html: Format = {
  id: 'html',
  extension: 'html',
  mediaType: 'text/html; charset=utf-8',
  render: (report, screen, translated = []) => page([report, ...translated], screen),
};

export default html;
