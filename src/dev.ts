import { main } from './main.ts';

/** The same as the bundle, from the sources: `npm run dev -- doctor …`. */
await main();
