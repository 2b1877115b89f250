// skiff-logseer: logs. The logs themselves are in kube-system's Elasticsearch.
import { configMap, configMapVolume, mount, serviceName, standIn, staticFiles } from './building-blocks.mjs';

const NAMESPACE = 'skiff-logseer';
const PROPERTIES = `# logseer
esHosts=${serviceName('elasticsearch-logging', 'kube-system')}:9200
esIndexPattern=logseer-*
esVersion=7.x
`;

export default [
  configMap(NAMESPACE, 'logseer-config', { 'system.properties': PROPERTIES }),
  // It has no probes of its own: it is ready whatever it answers.
  ...standIn(NAMESPACE, 'logseer', 2, [8080], {
    program: 'logseer.mjs',
    container: 'tomcat',
    readiness: null,
    mounts: [mount('conf', '/conf')],
    volumes: [configMapVolume('conf', 'logseer-config')],
    servicePorts: [[80, 8080]],
  }),
  ...staticFiles(NAMESPACE, 'logagent-download', 1, 8080, ['logagent.tar.gz']),
];
