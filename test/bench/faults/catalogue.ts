import { compound } from './compound.ts';
import type { Fault } from './fault.ts';
import { shown } from './shown.ts';
import { workloads } from './workloads.ts';

/** Every fault of the benchmark, each id once. */
export const CATALOGUE: readonly Fault[] = [...workloads, ...shown, ...compound];
