import { Command } from 'commander';
import { secretsNamed } from '../config/credentials.ts';
import { UsageError } from '../config/problem.ts';
import { discover } from '../discovery/discover.ts';
import { unseenInventory } from '../discovery/unseen.ts';
import type { Discovery, FoundComponent } from '../model/component.ts';
import { chooseComponents } from './choose.ts';
import { connect } from './connect.ts';
import type { Io } from './io.ts';
import { addConnectionOptions, addSiteOptions, type ConnectionOptionValues } from './options.ts';
import { type RoleSubject, renderRoles, rolesFor } from './roles.ts';
import { loadSite, type SiteOptions } from './site.ts';

interface RbacOptions extends ConnectionOptionValues, SiteOptions {
  readonly offline?: boolean;
  readonly gate?: boolean;
  readonly name: string;
  readonly serviceAccount?: string;
  readonly toUser?: string;
  readonly toGroup?: string;
}

/** `skiffctl rbac`: the least rights that the selected checks need, ready for `kubectl apply -f -`. */
export function rbacCommand(io: Io, end: (code: number) => void): Command {
  const command = new Command('rbac')
    .description('print the least role that the checks need, for kubectl apply -f -')
    .argument('[component...]', 'components or namespaces whose checks are to work (default: all)')
    .option('--name <name>', 'name of the roles and bindings', 'skiffctl-doctor')
    .option('--service-account <namespace:name>', 'bind to this service account, and create it')
    .option('--to-user <name>', 'bind to this user')
    .option('--to-group <name>', 'bind to this group')
    .option('--gate', 'with the rights that skiffctl gate needs beside those of the doctor')
    .option('--offline', 'do not ask the cluster which namespaces it has; use the documented ones');
  addConnectionOptions(addSiteOptions(command));
  return command.action(async (components: readonly string[], options: RbacOptions) => {
    const site = await loadSite(options, io);
    const documented = (): Discovery => present(unseenInventory(site.inventory, site.file.discovery, { reason: 'NothingToAsk', message: 'offline' }));
    const discovery = options.offline === true ? documented() : await found(options, site, io);
    const chosen = new Set(chooseComponents(discovery, components));
    const selected = discovery.components.filter((component) => component.presence === 'present' && (chosen.size === 0 || chosen.has(component.component)));
    const namespaces = new Set([...discovery.namespaces.filter((namespace) => namespace.present).map((namespace) => namespace.name), ...homesOf(selected)]);
    const secrets = selected.flatMap(({ component, peers }) =>
      [component, ...Object.values(peers).flat()].flatMap((asked) => secretsNamed(asked, site.file.credentials)),
    );
    const roles = rolesFor(selected, [...namespaces], site.checks, options.name, subjectOf(options), secrets, options.gate);
    io.stdout.write(renderRoles(roles, options.name, options.serviceAccount !== undefined, options.gate));
    end(0);
  });
}

function homesOf(components: readonly FoundComponent[]): readonly string[] {
  return components.filter((component) => !component.component.startsWith('node/')).map((component) => component.namespace);
}

/** Offline every documented component is taken as being where the documents say. */
function present(discovery: Discovery): Discovery {
  return { ...discovery, components: discovery.components.map((component) => ({ ...component, presence: 'present' })) };
}

async function found(options: RbacOptions, site: Awaited<ReturnType<typeof loadSite>>, io: Io): Promise<Discovery> {
  const opened = await connect(options, io, io.signal);
  if (!opened.ok)
    throw new UsageError(
      `Which namespaces the role is for is read from the cluster, and that failed: ${opened.problem.message} With --offline the documented ones are used.`,
    );
  try {
    return await discover(opened.cluster.kube, site.inventory, site.file.discovery);
  } finally {
    await opened.cluster.close();
  }
}

function subjectOf(options: RbacOptions): RoleSubject | undefined {
  const { serviceAccount, toUser, toGroup } = options;
  if ([serviceAccount, toUser, toGroup].filter((each) => each !== undefined).length > 1)
    throw new UsageError('--service-account, --to-user and --to-group exclude each other.');
  if (toUser !== undefined) return { kind: 'User', name: toUser };
  if (toGroup !== undefined) return { kind: 'Group', name: toGroup };
  if (serviceAccount === undefined) return undefined;
  const [namespace, name, ...rest] = serviceAccount.split(':');
  if (namespace === undefined || name === undefined || name === '' || rest.length > 0)
    throw new UsageError(`--service-account ${serviceAccount}: write it as namespace:name.`);
  return { kind: 'ServiceAccount', namespace, name };
}
