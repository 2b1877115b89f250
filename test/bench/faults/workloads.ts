import type { Fault } from './fault.ts';

/** Faults that any workload can have, on components of every kind. Full ids, so that what is looked for is never what the inventory happens to say. */

const DOWN: readonly (readonly [string, string])[] = [
  ['skiff-platform/audit', 'http-service'],
  ['skiff-platform/front', 'http-service'],
  ['skiff-logseer/logseer', 'http-service'],
  ['skiff-ncs/nsf-meta', 'http-service'],
  ['skiff-gtxs/gtxs-server', 'http-service'],
  ['skiff-ncs/harbor-clair', 'harbor'],
  ['skiff-ncs/harbor-chartmuseum', 'harbor'],
  ['skiff-ncs/harbor-portal', 'harbor'],
  ['skiff-platform/prometheus-platform', 'prometheus'],
  ['skiff-platform/mysqld-exporter', 'mysqld-exporter'],
];

const crashing = DOWN.map(
  ([component, technology]): Fault => ({
    id: `${short(component)}-crash-loop`,
    technology,
    difficulty: 'plain',
    inject: [{ do: 'crash-loop', component }],
    expect: [
      { component, rule: 'workload/available', status: 'fail' },
      { component, rule: 'workload/crash-loop', status: 'warn' },
    ],
    roots: [component],
  }),
);

const pulling = DOWN.map(
  ([component, technology]): Fault => ({
    id: `${short(component)}-image-pull`,
    technology,
    difficulty: 'plain',
    inject: [{ do: 'image-pull', component }],
    expect: [
      { component, rule: 'workload/available', status: 'fail' },
      { component, rule: 'workload/images-pulled', status: 'warn' },
    ],
    roots: [component],
  }),
);

const scaled = DOWN.map(
  ([component, technology]): Fault => ({
    id: `${short(component)}-scaled-to-zero`,
    technology,
    difficulty: 'plain',
    inject: [{ do: 'scale-to-zero', component }],
    expect: [{ component, rule: 'workload/wanted', status: 'fail' }],
    roots: [component],
  }),
);

const unscheduled = DOWN.slice(0, 5).map(
  ([component, technology]): Fault => ({
    id: `${short(component)}-unschedulable`,
    technology,
    difficulty: 'plain',
    inject: [{ do: 'unschedulable', component }],
    expect: [
      { component, rule: 'workload/available', status: 'fail' },
      { component, rule: 'workload/scheduled', status: 'warn' },
    ],
    roots: [component],
  }),
);

function short(component: string): string {
  return component.slice(component.indexOf('/') + 1);
}

export const workloads: readonly Fault[] = [...crashing, ...pulling, ...scaled, ...unscheduled];
