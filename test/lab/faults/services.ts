/** Faults of the platform's own services. */
import { kubectl, type Missing } from '../cluster.ts';
import { type Fault, fault } from './fault.ts';
import { get, notAnswered } from './http.ts';
import { crashing, declared, notCrashing, restoreDeployment } from './objects.ts';
import { goOn, hang, servers } from './servers.ts';

const ELASTICSEARCH = { namespace: 'kube-system', name: 'elasticsearch-logging' } as const;
const logseerAnswers = (wanted: number): Promise<Missing> => notAnswered('skiff-logseer', 'logseer', 8080, '/', ({ status }) => status === wanted);

export const logseerWithoutElasticsearch = (): Fault =>
  fault({
    id: 'logseer-without-elasticsearch',
    title: `${ELASTICSEARCH.name} ends over and over: logseer, which keeps its logs there, answers 500`,
    areas: [`${ELASTICSEARCH.namespace}/${ELASTICSEARCH.name}`],
    namespaces: [ELASTICSEARCH.namespace, 'skiff-logseer'],
    inject: async () => {
      const line = 'ERROR: [1] bootstrap checks failed: max virtual memory areas vm.max_map_count [65530] is too low, increase to at least [262144]';
      await crashing(ELASTICSEARCH.namespace, ELASTICSEARCH.name, line);
    },
    repair: () => restoreDeployment(ELASTICSEARCH.namespace, ELASTICSEARCH.name),
    missing: async () => (await logseerAnswers(500)) ?? notCrashing(ELASTICSEARCH.namespace, ELASTICSEARCH.name),
    left: () => logseerAnswers(200),
    showsWithinSeconds: 180,
  });

const HANGING = { namespace: 'skiff-ncs', name: 'ncs', port: 8080, replicas: 2 } as const;
const hanging = () => servers(HANGING.namespace, HANGING.name, HANGING.replicas);
const ncsAnswers = (wanted: number): Promise<Missing> =>
  notAnswered(HANGING.namespace, HANGING.name, HANGING.port, '/actuator/health', ({ status }) => status === wanted);

export const serviceHangs = (): Fault =>
  fault({
    id: 'service-hangs',
    title: 'Both pods of ncs accept connections and say nothing; their probes only connect and call them ready',
    areas: [`${HANGING.namespace}/${HANGING.name}`],
    namespaces: [HANGING.namespace],
    inject: async () => hang(await hanging()),
    repair: async () => goOn(await hanging()),
    missing: () => ncsAnswers(0),
    left: () => ncsAnswers(200),
  });

const MISLED = { namespace: 'skiff-apigw', name: 'apigw-portal', port: 8080 } as const;
/** Where the pods of the portal listen is declared; nobody listens on the next port. */
const declaredPort = () => {
  const { ports } = declared('Service', MISLED.namespace, MISLED.name).spec as { readonly ports?: readonly { readonly targetPort: number }[] };
  const port = ports?.[0]?.targetPort;
  if (port === undefined) throw new Error(`the Service ${MISLED.name} declares no port`);
  return port;
};
const leadTo = async (port: number): Promise<void> => {
  const change = [{ op: 'replace', path: '/spec/ports/0/targetPort', value: port }];
  await kubectl(['-n', MISLED.namespace, 'patch', 'service', MISLED.name, '--type=json', '-p', JSON.stringify(change)]);
};
const throughService = async (wanted: number): Promise<Missing> => {
  const { status, body } = await get(MISLED.namespace, `services/${MISLED.name}:${MISLED.port}`, '/healthcheck');
  return status === wanted && (wanted !== 0 || body.includes('connection refused')) ? undefined : `the Service ${MISLED.name} answers ${status} ${body}`;
};

export const serviceWrongPort = (): Fault =>
  fault({
    id: 'service-wrong-port',
    title: `The Service ${MISLED.name} leads to a port that its pods do not listen on; the pods are well`,
    areas: [`${MISLED.namespace}/${MISLED.name}`],
    namespaces: [MISLED.namespace],
    inject: () => leadTo(declaredPort() + 1),
    repair: () => leadTo(declaredPort()),
    missing: () => throughService(0),
    left: () => throughService(200),
  });
