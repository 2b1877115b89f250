import type { Format } from '../format.ts';
import text from './text.ts';

/** The text report with every component: its state, technologies, notes and dependencies. */
const wide: Format = { ...text, id: 'wide', render: (report, screen) => text.render(report, { ...screen, wide: true }) };

export default wide;
