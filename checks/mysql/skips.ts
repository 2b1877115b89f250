/** Why a rule does not apply, where several rules share the reason. */

export const notJudged = {
  'no-pods': { zh: '组件没有 Pod，见 workload。', en: 'It has no pods; see workload.' },
  'no-mysql': {
    zh: '组件不提供 MySQL：没有 Pod 声明 {port} 端口，也没有 Pod 在该端口应答。',
    en: 'It serves no MySQL: no pod declares port {port}, and none answers there.',
  },
} as const;
export const noneServes = {
  'none-serves': {
    zh: '没有可供判断的实例，见 mysql/greets 与 mysql/accepts-connections。',
    en: 'There is no instance to judge; see mysql/greets and mysql/accepts-connections.',
  },
} as const;
export const single = { single: { zh: '只有一个实例。', en: 'There is a single instance.' } } as const;
export const noReplica = { 'no-replica': { zh: '没有可供判断的从库。', en: 'There is no replica to judge.' } } as const;
export const noLog = {
  'no-log': { zh: '没有读取日志：实例都能握手，或日志不可达。', en: 'No log was read: the instances greet, or their logs are out of reach.' },
} as const;
export const cluster = {
  cluster: {
    zh: '实例组成 Galera 或组复制集群，由集群自己决定谁可写。',
    en: 'The instances are a Galera or group replication cluster, which decides by itself who takes writes.',
  },
} as const;
export const noWriteService = {
  'no-service': {
    zh: '没有专门承担写入的 Service：名称不含 master、primary、write，也不是唯一的非 headless Service。',
    en: 'No Service has to lead to a writable instance: none is called master, primary or write or is the only one that is not headless.',
  },
} as const;
