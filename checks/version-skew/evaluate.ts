import type { EvaluateContext, Subject, Verdict } from '../../src/model/check.ts';
import { minorVersion } from '../shared/heartbeat.ts';
import { compareVersions, etcdSeriesFor, leastEtcdFor } from './etcd-versions.ts';
import type { NodeVersions, VersionedInstance, VersionSkewObservation } from './observation.ts';
import type { rules, VersionSkewOptions } from './rules.ts';

type SkewVerdict = Verdict<typeof rules>;

/** By Kubernetes' version skew policy: a kubelet or kube-proxy may be this many minors older than the API server, from 1.25 on one more. */
const NODE_MINORS = 2;
const NODE_MINORS_SINCE_25 = 3;
/** The same for controller managers and schedulers. */
const CONTROLLER_MINORS = 1;

interface Scale {
  /** Minor of the API server as it is, and as it will be. */
  readonly current: number;
  readonly target: number;
  readonly server: string;
}

export function evaluate(observation: VersionSkewObservation, { options }: EvaluateContext<VersionSkewOptions>): readonly SkewVerdict[] {
  const current = minorVersion(observation.current);
  const wanted = options.targetVersion === '' ? current : minorVersion(options.targetVersion);
  if (current === undefined || wanted === undefined) {
    const data = { version: current === undefined ? observation.current : options.targetVersion };
    return [
      { rule: 'target-is-next', verdict: 'fail', messageId: 'unreadable', data },
      ...(['kubelets', 'kube-proxies'] as const).map((rule): SkewVerdict => ({ rule, verdict: 'skip', messageId: 'unreadable', data })),
      ...(observation.controllersRead ? [{ rule: 'controllers', verdict: 'skip', messageId: 'unreadable', data } as const] : []),
      ...apiServers(observation),
      ...(observation.etcdRead ? etcd(observation, undefined) : []),
    ];
  }
  const scale = { current, target: wanted, server: observation.current };
  return [
    target(scale),
    ...apiServers(observation),
    ...nodes('kubelets', observation.nodes, ({ kubelet }) => kubelet, scale),
    ...nodes('kube-proxies', observation.nodes, ({ kubeProxy }) => kubeProxy, scale),
    ...(observation.controllersRead ? controllers(observation.controllers, scale) : []),
    ...(observation.etcdRead ? etcd(observation, wanted) : []),
  ];
}

function target({ current, target: wanted, server }: Scale): SkewVerdict {
  const observed = { current: `1.${current}`, target: `1.${wanted}` };
  const base = { rule: 'target-is-next', verdict: 'fail', observed, own: true } as const;
  if (wanted < current) return { ...base, messageId: 'downgrade', data: { current: server, target: `1.${wanted}` } };
  if (wanted > current + 1) return { ...base, messageId: 'skips', data: { current: server, target: `1.${wanted}`, next: `1.${current + 1}` } };
  return { rule: 'target-is-next', verdict: 'pass', observed };
}

function apiServers({ apiServers: all, apiServersRead, managed }: VersionSkewObservation): readonly SkewVerdict[] {
  if (!apiServersRead) return [];
  if (managed || all.length === 0) return [{ rule: 'apiservers-agree', verdict: 'skip', messageId: 'unseen' }];
  const minors = new Set(all.map(({ version }) => minorVersion(version)));
  const observed = all.map(({ pod, version }) => ({ pod, version }));
  if (minors.size === 1) return [{ rule: 'apiservers-agree', verdict: 'pass', observed }];
  const versions = all.map(({ pod, version }) => `${pod} ${version}`).join(', ');
  return [{ rule: 'apiservers-agree', verdict: 'fail', messageId: 'mixed', data: { versions }, observed, own: true }];
}

function nodes(
  rule: 'kubelets' | 'kube-proxies',
  all: readonly NodeVersions[],
  versionOf: (node: NodeVersions) => string,
  { current, target: wanted, server }: Scale,
): readonly SkewVerdict[] {
  const told = all.filter((node) => versionOf(node) !== '');
  if (rule === 'kube-proxies' && told.length === 0) return [{ rule, verdict: 'skip', messageId: 'not-reported' }];
  const faults = told.flatMap((each): readonly SkewVerdict[] => {
    const { node } = each;
    const version = versionOf(each);
    const minor = minorVersion(version);
    const subject: Subject = { kind: 'Node', name: node };
    if (minor === undefined) return [{ rule, verdict: 'skip', messageId: 'unreadable', data: { version }, subject }];
    if (minor > current) return [{ rule, verdict: 'fail', messageId: 'newer', data: { node, version, server }, subject, observed: version, own: true }];
    const most = minor >= 25 ? NODE_MINORS_SINCE_25 : NODE_MINORS;
    if (wanted - minor <= most) return [];
    const data = { node, version, target: `1.${wanted}`, oldest: `1.${wanted - most}` };
    return [{ rule, verdict: 'fail', messageId: 'too-old', data, subject, observed: version, own: true }];
  });
  return faults.length > 0 ? faults : [{ rule, verdict: 'pass', observed: [...new Set(told.map(versionOf))].sort() }];
}

function controllers(all: readonly VersionedInstance[], { current, target: wanted, server }: Scale): readonly SkewVerdict[] {
  if (all.length === 0) return [{ rule: 'controllers', verdict: 'skip', messageId: 'not-shown' }];
  const faults = all.flatMap(({ pod, version }): readonly SkewVerdict[] => {
    const minor = minorVersion(version) ?? current;
    const subject: Subject = { kind: 'Pod', namespace: 'kube-system', name: pod };
    const base = { rule: 'controllers', verdict: 'fail', subject, observed: version, own: true } as const;
    if (minor > current) return [{ ...base, messageId: 'newer', data: { pod, version, server } }];
    if (wanted - minor <= CONTROLLER_MINORS) return [];
    return [{ ...base, messageId: 'too-old', data: { pod, version, target: `1.${wanted}`, oldest: `1.${wanted - CONTROLLER_MINORS}` } }];
  });
  return faults.length > 0 ? faults : [{ rule: 'controllers', verdict: 'pass', observed: [...new Set(all.map(({ version }) => version))].sort() }];
}

function etcd({ etcd: all }: VersionSkewObservation, wanted: number | undefined): readonly SkewVerdict[] {
  const [oldest] = all.toSorted((a, b) => compareVersions(a.version, b.version));
  if (oldest === undefined || wanted === undefined) {
    return [
      { rule: 'etcd-accepted', verdict: 'skip', messageId: 'unseen' },
      { rule: 'etcd-series', verdict: 'skip', messageId: 'unseen' },
      { rule: 'etcd-seen', verdict: 'fail', messageId: 'unseen' },
    ];
  }
  const { pod, version } = oldest;
  const [least, series] = [leastEtcdFor(wanted), etcdSeriesFor(wanted)];
  const common = { observed: version, own: true } as const;
  return [
    compareVersions(version, least) >= 0
      ? { rule: 'etcd-accepted', verdict: 'pass', observed: version }
      : { rule: 'etcd-accepted', verdict: 'fail', messageId: 'too-old', data: { pod, version, target: `1.${wanted}`, least }, ...common },
    compareVersions(version, series) >= 0
      ? { rule: 'etcd-series', verdict: 'pass', observed: version }
      : { rule: 'etcd-series', verdict: 'fail', messageId: 'older', data: { pod, version, target: `1.${wanted}`, series }, ...common },
    { rule: 'etcd-seen', verdict: 'pass' },
  ];
}
