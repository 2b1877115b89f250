import type { EvaluateContext, Verdict } from '../../src/model/check.ts';
import { bytesText } from '../shared/quantity.ts';
import type { DrainCapacityObservation } from './observation.ts';
import type { DrainCapacityOptions, rules } from './rules.ts';

type CapacityVerdict = Verdict<typeof rules>;

export function evaluate(observation: DrainCapacityObservation, { options }: EvaluateContext<DrainCapacityOptions>): readonly CapacityVerdict[] {
  const { node } = observation;
  return [
    ...(observation.podsRead ? [room(observation), bound(observation)] : []),
    observation.cordoned
      ? { rule: 'not-cordoned', verdict: 'fail', messageId: 'cordoned', data: { node }, own: true }
      : { rule: 'not-cordoned', verdict: 'pass' },
    ...(observation.fileSystems === undefined ? [] : [images(observation, observation.fileSystems, options)]),
  ];
}

function room({ node, moving, others, homeless, homelessCount, missing }: DrainCapacityObservation): CapacityVerdict {
  if (moving === 0) return { rule: 'room-elsewhere', verdict: 'skip', messageId: 'nothing' };
  const observed = { moving, others, homeless: homelessCount };
  if (others === 0) return { rule: 'room-elsewhere', verdict: 'fail', messageId: 'no-other', data: { node, pods: moving }, observed };
  if (homelessCount === 0) return { rule: 'room-elsewhere', verdict: 'pass', observed };
  const data = { node, pods: moving, homeless: homelessCount, others, missing: missing.join(', '), examples: homeless[0] ?? '' };
  return { rule: 'room-elsewhere', verdict: 'fail', messageId: 'short', data, observed: { ...observed, pods: homeless } };
}

function bound({ node, moving, bound: pods, boundCount }: DrainCapacityObservation): CapacityVerdict {
  if (moving === 0) return { rule: 'may-go-elsewhere', verdict: 'skip', messageId: 'nothing' };
  if (boundCount === 0) return { rule: 'may-go-elsewhere', verdict: 'pass' };
  const data = { node, pods: boundCount, examples: pods[0] ?? '' };
  return { rule: 'may-go-elsewhere', verdict: 'fail', messageId: 'bound', data, observed: { pods } };
}

function images(
  { node }: DrainCapacityObservation,
  fileSystems: NonNullable<DrainCapacityObservation['fileSystems']>,
  { imageBytes }: DrainCapacityOptions,
): CapacityVerdict {
  // Images go where the runtime keeps them; without a word of that, where the kubelet keeps everything.
  const target = fileSystems.find(({ name }) => name === 'imagefs') ?? fileSystems.find(({ name }) => name === 'nodefs');
  if (target === undefined) return { rule: 'image-room', verdict: 'skip', messageId: 'no-figures' };
  const { name: filesystem, availableBytes, capacityBytes, evictionBytes } = target;
  const observed = { filesystem, availableBytes, capacityBytes, evictionBytes };
  if (availableBytes - imageBytes >= evictionBytes) return { rule: 'image-room', verdict: 'pass', observed };
  const data = {
    node,
    filesystem,
    available: bytesText(availableBytes),
    capacity: bytesText(capacityBytes),
    threshold: bytesText(evictionBytes),
    images: bytesText(imageBytes),
  };
  return { rule: 'image-room', verdict: 'fail', messageId: 'short', data, observed, own: true };
}
