/**
 * A fresh service account with the rights of some RBAC YAML, for tests that ask whether a role is enough. All of them live in one namespace, whose
 * accounts the audit log writes down (manifests/static-pods.mjs).
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dump, loadAll } from 'js-yaml';
import { kubeconfigs, kubectl } from './cluster.ts';

export const TEST_NAMESPACE = 'skiffctl-test';
const LABEL = 'skiffctl.test/account';
/** The kinds that are removed by label; all that this file ever makes besides the account. */
const KINDS = 'clusterrolebindings,clusterroles,rolebindings,roles';

export interface TestAccount extends AsyncDisposable {
  /** A kubeconfig with the account's token, for the API server of node1. */
  readonly kubeconfig: string;
  /** The user name as the audit log has it. */
  readonly user: string;
  readonly name: string;
  /** Removes the account, its roles and bindings, and the kubeconfig. */
  remove(): Promise<void>;
}

interface RbacObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: unknown;
  readonly roleRef?: { readonly apiGroup: string; readonly kind: string; readonly name: string };
}

/**
 * The objects to make for one account: every role of the YAML under a name of its own, and every binding with this account as its only subject. A role
 * that the YAML does not bind is bound where it belongs. Accounts and namespaces of the YAML are left out: this one takes their place.
 */
export function forAccount(rbacYaml: string, account: string): object[] {
  const given = (loadAll(rbacYaml) as (RbacObject | { items: RbacObject[] } | null)[]).flatMap((document) =>
    document === null ? [] : 'items' in document ? document.items : [document],
  );
  const roles = given.filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role');
  const bindings = given.filter(({ kind }) => kind === 'ClusterRoleBinding' || kind === 'RoleBinding');
  const other = given.find((each) => !roles.includes(each) && !bindings.includes(each) && !['ServiceAccount', 'Namespace'].includes(each.kind));
  if (other !== undefined) throw new Error(`${other.kind} ${other.metadata.name} is not RBAC`);

  const own = ({ metadata }: RbacObject) => ({ ...metadata, name: `${account}:${metadata.name}`, labels: { [LABEL]: account } });
  const subjects = [{ kind: 'ServiceAccount', namespace: TEST_NAMESPACE, name: account }];
  const bound = (role: RbacObject) => bindings.some(({ roleRef }) => roleRef?.kind === role.kind && roleRef.name === role.metadata.name);
  return [
    ...roles.map((role) => ({ ...role, metadata: own(role) })),
    ...bindings.map((binding) => {
      const { roleRef } = binding;
      const isOurs = roles.some((role) => role.kind === roleRef?.kind && role.metadata.name === roleRef.name);
      const name = isOurs ? `${account}:${roleRef?.name}` : roleRef?.name;
      return { ...binding, metadata: own(binding), subjects, roleRef: { ...roleRef, name } };
    }),
    ...roles
      .filter((role) => !bound(role))
      .map((role) => ({
        apiVersion: role.apiVersion,
        kind: `${role.kind}Binding`,
        metadata: own(role),
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: role.kind, name: `${account}:${role.metadata.name}` },
        subjects,
      })),
  ];
}

const apply = (objects: readonly object[]) => kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) });

/** Makes a service account, gives it the rights of the YAML (none when it is empty), and returns a kubeconfig for it. */
export async function serviceAccountKubeconfig(rbacYaml = ''): Promise<TestAccount> {
  const name = `account-${randomBytes(4).toString('hex')}`;
  const directory = mkdtempSync(`${tmpdir()}/skiffctl-account-`);
  const remove = async () => {
    rmSync(directory, { recursive: true, force: true });
    await kubectl(['delete', KINDS, '--all-namespaces', `--selector=${LABEL}=${name}`, '--ignore-not-found']);
    await kubectl(['delete', 'serviceaccount', name, `--namespace=${TEST_NAMESPACE}`, '--ignore-not-found']);
  };
  try {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: TEST_NAMESPACE } };
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: TEST_NAMESPACE } };
    await apply([namespace, account, ...forAccount(rbacYaml, name)]);
    const path = `/api/v1/namespaces/${TEST_NAMESPACE}/serviceaccounts/${name}/token`;
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } };
    const answer = await kubectl(['create', '--raw', path, '-f', '-'], { input: JSON.stringify(request) });
    const { token } = (JSON.parse(answer) as { status: { token: string } }).status;
    const config = JSON.parse(readFileSync(kubeconfigs.doctor, 'utf8')) as {
      users: { name: string; user: object }[];
      contexts: { context: object }[];
    };
    for (const each of config.users) each.user = { token };
    const kubeconfig = `${directory}/kubeconfig`;
    writeFileSync(kubeconfig, dump(config), { mode: 0o600 });
    return { kubeconfig, name, remove, user: `system:serviceaccount:${TEST_NAMESPACE}:${name}`, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove().catch(() => {}); // the first error says more
    throw error;
  }
}
