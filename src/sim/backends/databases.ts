export { mysql } from './mysql.ts';
export { postgres } from './postgres.ts';
export { stolonMetrics, stolonProxy } from './stolon.ts';
