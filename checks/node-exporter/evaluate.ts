import type { EvaluateContext, Subject, Verdict } from '../../src/model/check.ts';
import { mergedVerdicts } from '../shared/verdicts.ts';
import type { ExporterFacts, FileSystem, HostFacts, NodeExporterObservation } from './observation.ts';
import type { NodeExporterOptions } from './options.ts';
import { type NodeExporterRule, rules } from './rules.ts';

type NodeVerdict = Verdict<typeof rules>;
type Context = EvaluateContext<NodeExporterOptions>;

/** Rules about what the metrics of one node say. */
const OF_HOST = [
  'collectors-work',
  'space-left',
  'space-spare',
  'inodes-left',
  'filesystems-writable',
  'memory-left',
  'connections-left',
  'files-left',
  'clock-agrees',
  'clock-synchronised',
] as const satisfies readonly NodeExporterRule[];

/** Each exporter by itself, and each node by what its exporter tells. */
export function evaluate(observation: NodeExporterObservation, context: Context): readonly NodeVerdict[] {
  const running = observation.exporters.filter(({ state }) => state !== 'not-running');
  const coverage = onEveryNode(observation);
  if (running.length === 0) {
    const others = (Object.keys(rules) as readonly NodeExporterRule[]).filter((rule) => rule !== 'on-every-node') as readonly Exclude<
      NodeExporterRule,
      'on-every-node'
    >[];
    return [...coverage, ...others.map((rule): NodeVerdict => ({ rule, verdict: 'skip', messageId: 'no-pods' }))];
  }
  return mergedVerdicts<NodeVerdict>([
    ...coverage,
    ...running.flatMap((exporter) => answers(exporter)),
    ...running.flatMap((exporter) => hostVerdicts(exporter, observation.pressure, context)),
    ...synchronised(running),
  ]);
}

function onEveryNode({ wanted, uncovered, exporters }: NodeExporterObservation): readonly NodeVerdict[] {
  const rule = 'on-every-node';
  if (wanted === undefined) return uncovered.length === 0 ? [] : [{ rule, verdict: 'skip', messageId: 'no-daemonset' }];
  const covered = new Set(exporters.map(({ node }) => node)).size;
  // What the DaemonSet leaves out by its tolerations and selectors is meant; where it wants to be everywhere, tainted nodes are meant as well.
  const gap = wanted - covered;
  const missing = uncovered.toSorted((a, b) => Number(a.tainted) - Number(b.tainted)).slice(0, Math.max(0, gap));
  if (missing.length === 0) return [{ rule, verdict: 'pass', observed: { wanted, covered } }];
  return missing.map(({ node }) => ({
    rule,
    verdict: 'fail',
    messageId: 'missing',
    data: { node, wanted, covered },
    subject: nodeSubject(node),
    observed: { wanted, covered },
  }));
}

function nodeSubject(name: string): Subject {
  return { kind: 'Node', name };
}

function answers({ namespace, name: pod, node, port, state, status, detail }: ExporterFacts): readonly NodeVerdict[] {
  const serves = 'serves-node-metrics';
  const subject = { kind: 'Pod', namespace, name: pod };
  const because = node === '' ? [] : [`node/${node}`];
  const fault = { rule: 'answers', verdict: 'fail', subject, observed: { state }, because } as const;
  const unserved: NodeVerdict = { rule: serves, verdict: 'skip', messageId: 'no-answer' };
  switch (state) {
    case 'refused':
    case 'broken':
      return [{ ...fault, messageId: state, data: { pod, node, port, detail } }, unserved];
    case 'silent':
      return [{ ...fault, messageId: 'silent', data: { pod, node, port } }, unserved];
    case 'loopback':
      return [
        { ...fault, messageId: 'loopback', data: { pod, node, detail } },
        { rule: serves, verdict: 'pass' },
      ];
    case 'status':
      return [
        { rule: 'answers', verdict: 'pass' },
        { rule: serves, verdict: 'fail', messageId: 'status', data: { pod, node, status, detail }, subject, observed: status },
      ];
    case 'other':
      return [
        { rule: 'answers', verdict: 'pass' },
        { rule: serves, verdict: 'fail', messageId: 'other', data: { pod, node, detail }, subject, own: true },
      ];
    case 'metrics':
      return [
        { rule: 'answers', verdict: 'pass' },
        { rule: serves, verdict: 'pass' },
      ];
    case 'locked':
      return [{ rule: 'answers', verdict: 'pass' }];
    case 'dark':
    case 'not-running':
      return [];
  }
}

function hostVerdicts(exporter: ExporterFacts, pressure: NodeExporterObservation['pressure'], context: Context): readonly NodeVerdict[] {
  const { host, node, state } = exporter;
  if (host === undefined)
    // What could not be asked, or asks for a login, the probe has reported.
    return state === 'dark' || state === 'locked' ? [] : OF_HOST.map((rule): NodeVerdict => ({ rule, verdict: 'skip', messageId: 'no-metrics' }));
  const of: OneNode = { host, node, subject: nodeSubject(node), pressed: pressure[node] ?? [], options: context.options };
  return [collectors(of), ...space(of), inodes(of), writable(of), memory(of), connections(of), openFiles(of), clock(of)];
}

interface OneNode {
  readonly host: HostFacts;
  readonly node: string;
  readonly subject: Subject;
  /** What its kubelet reports. */
  readonly pressed: readonly string[];
  readonly options: Readonly<NodeExporterOptions>;
}

function collectors({ host, node, subject }: OneNode): NodeVerdict {
  const rule = 'collectors-work';
  if (host.failed.length === 0) return { rule, verdict: 'pass' };
  return { rule, verdict: 'fail', messageId: 'failing', data: { node, collectors: host.failed.join(', ') }, subject, observed: host.failed };
}

const spareOf = ({ free, size }: FileSystem): number => (free / size) * 100;

/** Two thresholds: room to spare, and room at all. The kubelet's word comes first where it has spoken. */
function space({ host, node, subject, pressed, options }: OneNode): readonly NodeVerdict[] {
  const { fileSystems } = host;
  if (fileSystems.length === 0) return (['space-left', 'space-spare'] as const).map((rule) => ({ rule, verdict: 'skip', messageId: 'not-told' }));
  const full = fileSystems.filter((each) => spareOf(each) < options.spaceLeftPercent);
  const low = fileSystems.filter((each) => spareOf(each) < options.spaceSparePercent);
  const observed = (systems: readonly FileSystem[]) => Object.fromEntries(systems.map((each) => [each.mountpoint, { free: each.free, size: each.size }]));
  const texts = (systems: readonly FileSystem[]): string =>
    listed(systems.map((each) => `${each.mountpoint} ${used(100 - spareOf(each))} % (${bytes(each.free)} / ${bytes(each.size)})`));
  if (full.length > 0)
    return [
      {
        rule: 'space-left',
        verdict: 'fail',
        messageId: 'full',
        data: { node, systems: texts(full) },
        subject,
        observed: observed(full),
        expected: options.spaceLeftPercent,
      },
      { rule: 'space-spare', verdict: 'skip', messageId: 'see-left' },
    ];
  const left: NodeVerdict = { rule: 'space-left', verdict: 'pass' };
  if (low.length === 0) return [left, { rule: 'space-spare', verdict: 'pass' }];
  if (pressed.includes('DiskPressure')) return [left, { rule: 'space-spare', verdict: 'skip', messageId: 'see-node', data: { node } }];
  const expected = options.spaceSparePercent;
  return [left, { rule: 'space-spare', verdict: 'fail', messageId: 'low', data: { node, systems: texts(low) }, subject, observed: observed(low), expected }];
}

function inodes({ host, node, subject, pressed, options }: OneNode): NodeVerdict {
  const rule = 'inodes-left';
  // Some file systems have no fixed number of them.
  const counted = host.fileSystems.filter(({ files }) => files > 0);
  if (counted.length === 0) return { rule, verdict: 'skip', messageId: 'not-told' };
  const low = counted.filter(({ files, filesFree }) => (filesFree / files) * 100 < options.inodesLeftPercent);
  if (low.length === 0) return { rule, verdict: 'pass' };
  if (pressed.includes('DiskPressure')) return { rule, verdict: 'skip', messageId: 'see-node', data: { node } };
  const systems = listed(low.map(({ mountpoint, files, filesFree }) => `${mountpoint} ${used(100 - (filesFree / files) * 100)} % (${filesFree} / ${files})`));
  return {
    rule,
    verdict: 'fail',
    messageId: 'low',
    data: { node, systems },
    subject,
    observed: low.map((each) => ({ ...each })),
    expected: options.inodesLeftPercent,
  };
}

function writable({ host, node, subject }: OneNode): NodeVerdict {
  const rule = 'filesystems-writable';
  if (host.fileSystems.length === 0) return { rule, verdict: 'skip', messageId: 'not-told' };
  const readOnly = host.fileSystems.filter((each) => each.readOnly);
  if (readOnly.length === 0) return { rule, verdict: 'pass' };
  const systems = listed(readOnly.map(({ mountpoint, device }) => `${mountpoint} (${device})`));
  return { rule, verdict: 'fail', messageId: 'read-only', data: { node, systems }, subject, observed: readOnly.map(({ mountpoint }) => mountpoint) };
}

function memory({ host, node, subject, pressed, options }: OneNode): NodeVerdict {
  const rule = 'memory-left';
  if (host.memory === undefined) return { rule, verdict: 'skip', messageId: 'not-told' };
  const { used: taken, limit } = host.memory;
  const percent = (taken / limit) * 100;
  if (percent <= options.memoryUsedPercent) return { rule, verdict: 'pass', observed: used(percent) };
  if (pressed.includes('MemoryPressure')) return { rule, verdict: 'skip', messageId: 'see-node', data: { node } };
  const data = { node, used: used(percent), left: bytes(limit - taken) };
  return { rule, verdict: 'fail', messageId: 'high', data, subject, observed: { ...host.memory }, expected: options.memoryUsedPercent };
}

function connections({ host, node, subject, options }: OneNode): NodeVerdict {
  const rule = 'connections-left';
  if (host.connections === undefined) return { rule, verdict: 'skip', messageId: 'not-told' };
  const { used: entries, limit } = host.connections;
  const percent = (entries / limit) * 100;
  if (percent <= options.connectionsUsedPercent) return { rule, verdict: 'pass' };
  const data = { node, used: used(percent), entries, limit };
  return { rule, verdict: 'fail', messageId: 'high', data, subject, observed: { ...host.connections }, expected: options.connectionsUsedPercent };
}

function openFiles({ host, node, subject, options }: OneNode): NodeVerdict {
  const rule = 'files-left';
  if (host.openFiles === undefined) return { rule, verdict: 'skip', messageId: 'not-told' };
  const { used: entries, limit } = host.openFiles;
  const percent = (entries / limit) * 100;
  if (percent <= options.openFilesPercent) return { rule, verdict: 'pass' };
  const data = { node, used: used(percent), entries, limit };
  return { rule, verdict: 'fail', messageId: 'high', data, subject, observed: { ...host.openFiles }, expected: options.openFilesPercent };
}

function clock({ host, node, subject, options }: OneNode): NodeVerdict {
  const rule = 'clock-agrees';
  if (host.clock === undefined) return { rule, verdict: 'skip', messageId: 'too-few' };
  const { ahead, uncertain } = host.clock;
  // What our own way to the node may have taken is no difference.
  if (Math.abs(ahead) - uncertain <= options.clockSeconds) return { rule, verdict: 'pass', observed: ahead };
  const data = { node, seconds: Math.abs(ahead), uncertain };
  return { rule, verdict: 'fail', messageId: ahead > 0 ? 'ahead' : 'behind', data, subject, observed: { ...host.clock }, expected: options.clockSeconds };
}

/** One line for all nodes: usually it is all of them or none. */
function synchronised(exporters: readonly ExporterFacts[]): readonly NodeVerdict[] {
  const rule = 'clock-synchronised';
  const told = exporters.filter(({ host }) => host?.synchronised !== undefined);
  if (told.length === 0) return exporters.some(({ host }) => host !== undefined) ? [{ rule, verdict: 'skip', messageId: 'not-told' }] : [];
  // The kernel calls a clock unsynchronised for a moment after each correction; its largest error tells how long that has been so.
  const lost = told.filter(({ host }) => host?.synchronised === false && (host.clockMaxError ?? MAX_ERROR) >= MAX_ERROR);
  if (lost.length === 0) return [{ rule, verdict: 'pass' }];
  const nodes = listed(lost.map(({ node }) => node));
  return [{ rule, verdict: 'fail', messageId: 'unsynchronised', data: { nodes }, observed: lost.map(({ node }) => node) }];
}

/** Seconds; the kernel's own limit. Source: node-exporter mixin, NodeClockNotSynchronising. */
const MAX_ERROR = 16;

function listed(texts: readonly string[]): string {
  return `${texts.slice(0, 5).join(', ')}${texts.length > 5 ? ', …' : ''}`;
}

/** Never rounded up to what was not reached. */
function used(percent: number): number {
  return Math.floor(percent * 10) / 10;
}

function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, value)) / 10)));
  return `${Math.round((value / 1024 ** power) * 10) / 10} ${units[power]}`;
}
