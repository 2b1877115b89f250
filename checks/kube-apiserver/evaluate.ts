import type { Subject, Verdict } from '../../src/model/check.ts';
import type { ConnectionProblem } from '../../src/model/problem.ts';
import type { ApiServerObservation, InstanceFacts } from './observation.ts';
import type { rules } from './rules.ts';

type ApiServerVerdict = Verdict<typeof rules>;

export function evaluate(observation: ApiServerObservation): readonly ApiServerVerdict[] {
  if (observation.connection !== undefined) return [unreachable(observation.connection)];
  return [{ rule: 'reachable', verdict: 'pass' }, ...health(observation), ...instances(observation)];
}

function unreachable(problem: ConnectionProblem): ApiServerVerdict {
  const { server, message: detail } = problem;
  const answering = problem.others.filter((other) => other.reachable).map((other) => other.server);
  const base = { rule: 'reachable', verdict: 'fail' } as const;
  if (answering.length > 0 && problem.kind === 'tls') {
    // Somebody answers at the address, so it is no matter of who holds it: the certificate lacks the address, or the host is a foreign one.
    return { ...base, messageId: 'certificate-at-vip', data: { server, detail, others: answering.join(', ') }, own: true };
  }
  if (answering.length > 0) {
    return { ...base, messageId: 'vip-down', data: { server, detail, others: answering.join(', ') }, because: ['kube-system/keepalived-master'] };
  }
  const others = problem.others.map((other) => ` ${other.server}: ${other.message}`).join('');
  switch (problem.kind) {
    case 'refused':
      return { ...base, messageId: 'refused', data: { server, others }, own: true };
    case 'tls':
      return { ...base, messageId: 'certificate-expired', data: { server, detail }, own: true };
    case 'not-kubernetes':
      return { ...base, messageId: 'not-kubernetes', data: { server, detail }, own: true };
    default:
      return { ...base, messageId: 'server-error', data: { server, detail } };
  }
}

function health({ health: facts }: ApiServerObservation): readonly ApiServerVerdict[] {
  if (facts === undefined) return [];
  const observed = { status: facts.status, failed: [...facts.failed] };
  if (facts.status === 200) return [{ rule: 'healthy', verdict: 'pass', observed }];
  const data = { path: facts.path, status: facts.status, failed: facts.failed.join(', ') || '?' };
  // `etcd` and `etcd-readiness` are the API server's own words about its store.
  const because = facts.failed.some((check) => check.startsWith('etcd')) ? ['kube-system/etcd'] : [];
  return [{ rule: 'healthy', verdict: 'fail', messageId: 'failing', data, observed, expected: { status: 200 }, because }];
}

function instances({ instances: all, masters, endpoints }: ApiServerObservation): readonly ApiServerVerdict[] {
  if (all.length === 0) return [{ rule: 'instances-serve', verdict: 'skip', messageId: 'no-instances-visible' }];
  const faults = all.flatMap((instance) => instanceFault(instance, all, masters, endpoints));
  if (faults.length > 0 || all.some((instance) => instance.answer === 'unseen')) return faults;
  return [{ rule: 'instances-serve', verdict: 'pass', observed: all.map((instance) => `${instance.node} ${instance.address}`) }];
}

function instanceFault(
  instance: InstanceFacts,
  all: readonly InstanceFacts[],
  masters: readonly string[],
  endpoints: readonly string[] | undefined,
): readonly ApiServerVerdict[] {
  const { node, name, detail, status } = instance;
  const subject: Subject = { kind: 'Node', name: node };
  const base = { rule: 'instances-serve', verdict: 'fail', subject, because: [`node/${node}`] } as const;
  switch (instance.answer) {
    case 'missing':
      return [{ ...base, messageId: 'missing', data: { node, masters: masters.length, instances: all.filter((other) => other.answer !== 'missing').length } }];
    case 'unreachable': {
      // A host that refuses is alive: then the process is down, and the node, whose kubelet talks to this very API server, is lost because of it.
      const hostIsAlive = instance.cause === 'refused' || instance.cause === 'reset' || instance.cause === 'tls' || instance.cause === 'not-http';
      return [{ ...base, messageId: 'no-answer', data: { instance: name, node, detail }, ...(hostIsAlive ? { because: [], own: true } : {}) }];
    }
    case 'failing':
      return [
        {
          ...base,
          messageId: 'failing',
          data: { instance: name, node, status, failed: detail || '?' },
          because: detail.includes('etcd') ? ['kube-system/etcd'] : [],
        },
      ];
    case 'ok':
      // Behind a load balancer with --apiserver-count or an external endpoint reconciler the list may hold other addresses altogether.
      if (endpoints === undefined || instance.inEndpoints || !all.some((other) => other.inEndpoints)) return [];
      return [{ ...base, messageId: 'not-in-endpoints', data: { instance: name, node } }];
    case 'unseen':
      return [];
  }
}
