import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';

export interface ServiceOptions {
  graceSeconds: number;
}

export const options: { readonly [K in keyof ServiceOptions]: OptionMeta<ServiceOptions[K]> } = {
  graceSeconds: {
    default: 60,
    unit: 's',
    description: {
      zh: 'Pod 就绪状态变化后，端点控制器应在多久之内更新 Endpoints。',
      en: 'Time in which the endpoints controller should have followed a change of a pod.',
    },
    source: 'The endpoints controller follows within seconds; a leader change of kube-controller-manager takes at most 15 s lease + 2 s retry',
  },
};

const selecting = {
  dangling: {
    zh: 'Service {service} 的选择器 {selector} 匹配不到任何 Pod，也不符合任何工作负载的模板：标签写错或已改名。',
    en: 'The selector {selector} of Service {service} matches no pod and fits the template of no workload: a label is wrong or was renamed.',
  },
  unlabelled: {
    zh: 'Service {service} 的选择器 {selector} 匹配不到任何 Pod：目前没有 Pod 带有运行时才打上的标签 {labels}（例如主从角色）。',
    en: 'The selector {selector} of Service {service} matches no pod: none has the labels {labels} now, which are given at run time, such as a role.',
  },
} as const;

const nothing = {
  'no-services': { zh: '该组件没有 Service。', en: 'The component has no Service.' },
  'nothing-selected': {
    zh: '该组件的 Service 都没有选择器（手工维护的 Endpoints 或 ExternalName），无从比较。',
    en: 'None of its Services selects pods (manual endpoints or an external name), so there is nothing to compare.',
  },
} as const;

const noPods = {
  zh: 'Service {service} 目前没有匹配的 Pod，见 workload。',
  en: 'Service {service} selects no pod at present; see workload.',
} as const;

export const rules = {
  'selects-pods': {
    title: { zh: '组件至少有一个 Service 能选中 Pod', en: 'Some Service of the component selects pods' },
    severity: 'critical',
    messages: { ...selecting, ...nothing },
  },
  'each-selects-pods': {
    title: { zh: '组件的每个 Service 都能选中 Pod', en: 'Every Service of the component selects pods' },
    severity: 'warning',
    messages: {
      ...selecting,
      ...nothing,
      'see-selects-pods': { zh: '没有一个 Service 能选中 Pod，见 service/selects-pods。', en: 'None does; see service/selects-pods.' },
      headless: {
        zh: '无头 Service {service} 的选择器 {selector} 目前匹配不到 Pod；无头 Service 没有端点不一定是故障。',
        en: 'Headless Service {service} ({selector}) selects no pod at present, which need not be a fault.',
      },
    },
  },
  'has-endpoints': {
    title: { zh: '组件的 Service 有可用端点', en: 'A Service of the component has endpoints' },
    severity: 'critical',
    messages: {
      unpublished: {
        zh: 'Service {service} 没有可用端点，而其 Pod {pod} 就绪已 {age}：端点控制器（kube-controller-manager）没有更新 Endpoints。',
        en: 'Service {service} has no endpoint although its pod {pod} has been ready for {age}: the endpoints controller (kube-controller-manager) does not follow.',
      },
      'no-such-port': {
        zh: 'Service {service} 没有可用端点：targetPort {ports} 在其 Pod 中不存在（Pod 声明的端口名：{names}）。',
        en: 'Service {service} has no endpoint: its pods have no port called {ports} (they have {names}).',
      },
      'pods-not-ready': {
        zh: 'Service {service} 没有可用端点，因为它选中的 {pods} 个 Pod 都未就绪，见 workload。',
        en: 'Service {service} has no endpoint because none of its {pods} pods is ready; see workload.',
      },
      settling: { zh: 'Service {service} 的 Pod 刚刚就绪，端点即将更新。', en: 'The pods of Service {service} have only just become ready.' },
      'no-pods': noPods,
      'scaled-to-zero': { zh: 'Service {service} 对应的工作负载副本数为 0。', en: 'The workload behind Service {service} is scaled to zero.' },
      ...nothing,
      'see-selects-pods': { zh: '选择器匹配不到 Pod，见 service/selects-pods。', en: 'Its selector matches no pod; see service/selects-pods.' },
    },
  },
  'endpoints-match-pods': {
    title: { zh: 'Endpoints 与 Pod 的就绪状态一致', en: 'The Endpoints agree with the readiness of the pods' },
    severity: 'warning',
    messages: {
      missing: {
        zh: 'Pod {pod} 就绪已 {age}，却不在 Service {service} 的 Endpoints 中：端点控制器没有跟上。',
        en: 'Pod {pod} has been ready for {age} and is not among the endpoints of Service {service}: the endpoints controller does not follow.',
      },
      unwithdrawn: {
        zh: 'Pod {pod} 未就绪已 {age}，却仍在 Service {service} 的可用端点中，请求会被发给它。',
        en: 'Pod {pod} has not been ready for {age} and is still among the endpoints of Service {service}: requests are sent to it.',
      },
      orphaned: {
        zh: 'Service {service} 的 Endpoints 仍列有 {address}（Pod {pod}），而该 Pod 已不存在或不再被选中：部分请求会失败。',
        en: 'The endpoints of Service {service} still list {address} of pod {pod}, which is gone or no longer selected: some requests fail.',
      },
      'no-pods': { zh: '没有选中任何 Pod，无从比较。', en: 'No pod is selected, so there is nothing to compare.' },
      ...nothing,
    },
  },
  'named-ports-exist': {
    title: { zh: 'Service 引用的端口名在 Pod 中存在', en: 'The named ports of the Services exist in their pods' },
    severity: 'warning',
    messages: {
      missing: {
        zh: 'Service {service} 的端口 {port} 指向名为 {target} 的容器端口，但其 Pod 没有这个端口（现有：{names}）：该端口的连接会被拒绝。',
        en: 'Port {port} of Service {service} leads to a container port called {target}, which its pods do not have (they have {names}): connections to it are refused.',
      },
      'no-pods': { zh: '没有选中任何 Pod，无从比较。', en: 'No pod is selected, so there is nothing to compare.' },
      ...nothing,
    },
  },
  'ports-declared': {
    title: { zh: 'Service 的目标端口在 Pod 中有声明', en: 'The target ports of the Services are declared by their pods' },
    severity: 'info',
    messages: {
      undeclared: {
        zh: 'Service {service} 的端口 {port} 指向 {target}，其 Pod 没有声明该端口；声明只是说明，若程序确实监听则没有问题。',
        en: 'Port {port} of Service {service} leads to {target}, which its pods do not declare; a declaration is only a note, so this is fine if they do listen there.',
      },
      'no-pods': { zh: '没有选中任何 Pod，无从比较。', en: 'No pod is selected, so there is nothing to compare.' },
      ...nothing,
    },
  },
} as const satisfies Record<string, RuleMeta>;
