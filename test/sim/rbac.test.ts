import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RbacObject } from '../../src/sim/index.ts';
import { ask, simulated } from './client.ts';

/** The rights of the lab's user apm-viewer, so that the messages below can be compared with what kube-apiserver v1.20.2 answered him. */
const VIEWER: readonly RbacObject[] = [
  {
    kind: 'Role',
    metadata: { name: 'skiff:apm-viewer', namespace: 'skiff-apm' },
    rules: [{ verbs: ['get', 'list'], apiGroups: ['', 'apps'], resources: ['pods', 'services', 'endpoints', 'events', 'deployments', 'statefulsets'] }],
  },
  {
    kind: 'RoleBinding',
    metadata: { name: 'skiff:apm-viewer', namespace: 'skiff-apm' },
    roleRef: { kind: 'Role', name: 'skiff:apm-viewer' },
    subjects: [{ kind: 'User', name: 'apm-viewer' }],
  },
];
const USER = { name: 'apm-viewer' };

interface Status {
  readonly message: string;
  readonly reason: string;
  readonly details: Readonly<Record<string, string>>;
}

describe('authentication', () => {
  it('answers 401 to a token it does not know, on every path, and takes nobody for anonymous', async () => {
    await simulated('healthy', {}, async (sim) => {
      for (const path of ['/api/v1/pods', '/version', '/readyz']) {
        const got = await ask(sim, path, { token: 'wrong' });
        assert.equal(got.status, 401);
        assert.equal(
          got.text,
          '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}\n',
        );
      }
      const anonymous = await ask(sim, '/api/v1/pods', { token: undefined });
      assert.equal(anonymous.status, 403);
      assert.equal(
        anonymous.json<Status>().message,
        'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope',
      );
      assert.equal((await ask(sim, '/version', { token: undefined })).status, 200);
      assert.equal((await ask(sim, '/readyz', { token: undefined })).text, 'ok');
      assert.equal((await ask(sim, '/apis', { token: undefined })).status, 403);
    });
  });
});

describe('authorization', () => {
  it('says 403 in the words of v1.20.2, with details', async () => {
    const expected: readonly (readonly [path: string, message: string, details: Record<string, string>])[] = [
      ['/api/v1/pods', 'pods is forbidden: User "apm-viewer" cannot list resource "pods" in API group "" at the cluster scope', { kind: 'pods' }],
      [
        '/api/v1/namespaces/skiff-ncs/pods/x',
        'pods "x" is forbidden: User "apm-viewer" cannot get resource "pods" in API group "" in the namespace "skiff-ncs"',
        { name: 'x', kind: 'pods' },
      ],
      [
        '/apis/apps/v1/namespaces/skiff-ncs/deployments',
        'deployments.apps is forbidden: User "apm-viewer" cannot list resource "deployments" in API group "apps" in the namespace "skiff-ncs"',
        { group: 'apps', kind: 'deployments' },
      ],
      [
        '/api/v1/namespaces/skiff-apm/pods/x/proxy/',
        'pods "x" is forbidden: User "apm-viewer" cannot get resource "pods/proxy" in API group "" in the namespace "skiff-apm"',
        { name: 'x', kind: 'pods' },
      ],
      [
        '/api/v1/nodes/node1/proxy/healthz',
        'nodes "node1" is forbidden: User "apm-viewer" cannot get resource "nodes/proxy" in API group "" at the cluster scope',
        { name: 'node1', kind: 'nodes' },
      ],
      ['/metrics', 'forbidden: User "apm-viewer" cannot get path "/metrics"', {}],
      ['/readyz/etcd', 'forbidden: User "apm-viewer" cannot get path "/readyz/etcd"', {}],
      [
        '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases',
        'leases.coordination.k8s.io is forbidden: User "apm-viewer" cannot list resource "leases" in API group "coordination.k8s.io" in the namespace "kube-node-lease"',
        { group: 'coordination.k8s.io', kind: 'leases' },
      ],
      [
        '/api/v1/namespaces/skiff-ncs',
        'namespaces "skiff-ncs" is forbidden: User "apm-viewer" cannot get resource "namespaces" in API group "" in the namespace "skiff-ncs"',
        { name: 'skiff-ncs', kind: 'namespaces' },
      ],
      [
        '/api/v1/namespaces/skiff-ncs/pods?fieldSelector=metadata.name%3Dabc',
        'pods "abc" is forbidden: User "apm-viewer" cannot list resource "pods" in API group "" in the namespace "skiff-ncs"',
        { name: 'abc', kind: 'pods' },
      ],
      [
        '/api/v1/namespaces/skiff-apm/pods?watch=1',
        'pods is forbidden: User "apm-viewer" cannot watch resource "pods" in API group "" in the namespace "skiff-apm"',
        { kind: 'pods' },
      ],
    ];
    await simulated('healthy', { rbac: VIEWER, user: USER }, async (sim) => {
      for (const [path, message, details] of expected) {
        const got = await ask(sim, path);
        assert.equal(got.status, 403, path);
        const status = got.json<Status>();
        assert.equal(status.message, message);
        assert.equal(status.reason, 'Forbidden');
        assert.deepEqual(status.details, details);
      }
      assert.equal((await ask(sim, '/api/v1/namespaces/skiff-apm/pods')).status, 200);
      for (const path of ['/api', '/apis', '/apis/apps/v1', '/version/', '/readyz?verbose']) assert.equal((await ask(sim, path)).status, 200, path);
    });
  });

  it('grants by name, by subresource, by group and cluster-wide', async () => {
    const rbac: readonly RbacObject[] = [
      {
        kind: 'ClusterRole',
        metadata: { name: 'doctor' },
        rules: [
          { verbs: ['get'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['front-config'] },
          { verbs: ['get'], apiGroups: [''], resources: ['*/proxy'] },
          { verbs: ['get'], nonResourceURLs: ['/readyz/*'] },
        ],
      },
      {
        kind: 'ClusterRoleBinding',
        metadata: { name: 'doctor' },
        roleRef: { kind: 'ClusterRole', name: 'doctor' },
        subjects: [{ kind: 'Group', name: 'ops' }],
      },
    ];
    await simulated('healthy', { rbac, user: { name: 'anna', groups: ['ops'] } }, async (sim) => {
      const status = async (path: string): Promise<number> => (await ask(sim, path)).status;
      assert.equal(await status('/api/v1/namespaces/skiff-platform/configmaps/front-config'), 200);
      assert.equal(await status('/api/v1/namespaces/skiff-platform/configmaps/audit-config'), 403);
      assert.equal(await status('/api/v1/namespaces/skiff-platform/configmaps'), 403);
      assert.equal(await status('/api/v1/namespaces/skiff-platform/services/front:80/proxy/'), 200);
      assert.equal(await status('/api/v1/nodes/node1/proxy/healthz'), 200);
      assert.equal(await status('/api/v1/nodes/node1'), 403);
      assert.equal(await status('/readyz/etcd'), 200);
    });
  });

  it('impersonates for who may, and refuses others as v1.20.2 does', async () => {
    await simulated('healthy', { rbac: VIEWER, user: USER }, async (sim) => {
      const refused = await ask(sim, '/version', { headers: { 'impersonate-user': 'bob' } });
      assert.equal(refused.status, 403);
      assert.equal(
        refused.json<Status>().message,
        'users "bob" is forbidden: User "apm-viewer" cannot impersonate resource "users" in API group "" at the cluster scope',
      );
      sim.kubeconfigFor('root', ['system:masters']);
      const [token] = [...sim.state.identities].find(([, identity]) => identity.name === 'root') ?? [];
      const asViewer = await ask(sim, '/api/v1/pods', { token, headers: { 'impersonate-user': 'apm-viewer' } });
      assert.equal(asViewer.json<Status>().message, 'pods is forbidden: User "apm-viewer" cannot list resource "pods" in API group "" at the cluster scope');
    });
  });
});

describe('self reviews', () => {
  const review = (attributes: unknown): string => JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: attributes });
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

  it('answers what is allowed and by which binding, as v1.20.2', async () => {
    await simulated('healthy', { rbac: VIEWER, user: USER }, async (sim) => {
      const post = async (attributes: unknown): Promise<unknown> => {
        const got = await ask(sim, path, { method: 'POST', body: review(attributes), headers: { 'content-type': 'application/json' } });
        assert.equal(got.status, 201);
        return got.json()['status'];
      };
      assert.deepEqual(await post({ resourceAttributes: { namespace: 'skiff-apm', verb: 'list', resource: 'pods' } }), {
        allowed: true,
        reason: 'RBAC: allowed by RoleBinding "skiff:apm-viewer/skiff-apm" of Role "skiff:apm-viewer" to User "apm-viewer"',
      });
      assert.deepEqual(await post({ resourceAttributes: { namespace: 'skiff-ncs', verb: 'list', resource: 'pods' } }), { allowed: false });
      assert.deepEqual(await post({ nonResourceAttributes: { path: '/readyz', verb: 'get' } }), {
        allowed: true,
        reason: 'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to Group "system:authenticated"',
      });
      const garbage = await ask(sim, path, { method: 'POST', body: 'garbage' });
      assert.equal(garbage.status, 400);
      assert.equal(
        garbage.json<Status>().message,
        "the object provided is unrecognized (must be of type SelfSubjectAccessReview): couldn't get version/kind; json parse error: invalid character 'g' looking for beginning of value (67617262616765)",
      );
    });
  });

  it('lists the rules of a namespace', async () => {
    await simulated('healthy', { rbac: VIEWER, user: USER }, async (sim) => {
      const body = JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: 'skiff-apm' } });
      const got = await ask(sim, '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { method: 'POST', body });
      assert.equal(got.status, 201);
      const { status } = got.json<{ status: { resourceRules: unknown[]; incomplete: boolean } }>();
      assert.equal(status.incomplete, false);
      assert.deepEqual(status.resourceRules, [
        { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] },
        { verbs: ['get', 'list'], apiGroups: ['', 'apps'], resources: ['pods', 'services', 'endpoints', 'events', 'deployments', 'statefulsets'] },
      ]);
    });
  });
});
