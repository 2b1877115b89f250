import { cluster } from './cluster.ts';
import { compound } from './compound.ts';
import { etcd } from './etcd.ts';
import type { Fault } from './fault.ts';
import { harbor } from './harbor.ts';
import { mysql } from './mysql.ts';
import { observability } from './observability.ts';
import { redis } from './redis.ts';
import { services } from './services.ts';
import { shown } from './shown.ts';
import { stolon } from './stolon.ts';
import { workloads } from './workloads.ts';

/** Every fault of the benchmark, each id once. */
export const CATALOGUE: readonly Fault[] = [
  ...workloads,
  ...shown,
  ...cluster,
  ...services,
  ...redis,
  ...etcd,
  ...mysql,
  ...stolon,
  ...harbor,
  ...observability,
  ...compound,
];
