import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';

export interface VersionSkewOptions {
  targetVersion: string;
}

export const options: { readonly [K in keyof VersionSkewOptions]: OptionMeta<VersionSkewOptions[K]> } = {
  targetVersion: {
    default: '',
    description: {
      zh: '变更的目标 Kubernetes 版本，由 skiffctl gate --target-version 给出；留空为保持当前版本。',
      en: 'The Kubernetes version that the change leads to, as skiffctl gate --target-version gives it; empty for the present one.',
    },
    accepts: { pattern: '^(1\\.\\d+)?$' },
    source: 'the call',
  },
};

const unreadable = { zh: '版本号 {version} 无法识别。', en: 'The version {version} is none of Kubernetes 1.' } as const;
const unseen = {
  zh: '看不到 API Server 背后的 etcd：它不以 Pod 运行，或没有报告版本，需要人工核对。',
  en: 'The etcd behind the API server cannot be seen: it runs as no pod, or does not tell its version. Look at it by hand.',
} as const;

export const rules = {
  'target-is-next': {
    title: { zh: '目标版本是当前版本或下一个次版本', en: 'The target is the present minor version or the next one' },
    severity: 'critical',
    effect: 'none',
    messages: {
      skips: {
        zh: '从 {current} 到 {target} 跳过了次版本：控制平面只能逐个次版本升级，先升级到 {next}。',
        en: 'From {current} to {target} skips a minor version: a control plane is upgraded through each of them, {next} first.',
      },
      downgrade: {
        zh: '目标 {target} 低于当前版本 {current}：不支持降级。',
        en: 'The target {target} is older than {current}, and Kubernetes is not downgraded.',
      },
      unreadable,
    },
  },
  'apiservers-agree': {
    title: { zh: '各 API Server 是同一个次版本', en: 'All API servers have the same minor version' },
    severity: 'critical',
    effect: 'none',
    messages: {
      mixed: {
        zh: 'API Server 的次版本不一致（{versions}）：上一次升级没有完成。',
        en: 'The API servers have different minor versions ({versions}): an earlier upgrade was not finished.',
      },
      unseen: { zh: '没有看到 API Server 的 Pod 应答版本。', en: 'No pod of an API server has told its version.' },
    },
  },
  kubelets: {
    title: { zh: '各 kubelet 与目标版本兼容', en: 'Every kubelet goes with the target' },
    severity: 'critical',
    effect: 'none',
    messages: {
      'too-old': {
        zh: '节点 {node} 的 kubelet 为 {version}，目标 {target} 的 API Server 只支持到 {oldest}：先升级 kubelet。',
        en: 'The kubelet of {node} is {version}; an API server {target} takes none older than {oldest}: upgrade the kubelet first.',
      },
      newer: {
        zh: '节点 {node} 的 kubelet 为 {version}，高于 API Server 的 {server}：不受支持。',
        en: 'The kubelet of {node} is {version}, newer than the API server ({server}), which is not supported.',
      },
      unreadable,
    },
  },
  'kube-proxies': {
    title: { zh: '各 kube-proxy 与目标版本兼容', en: 'Every kube-proxy goes with the target' },
    severity: 'critical',
    effect: 'none',
    messages: {
      'too-old': {
        zh: '节点 {node} 的 kube-proxy 为 {version}，目标 {target} 的 API Server 只支持到 {oldest}。',
        en: 'kube-proxy on {node} is {version}; an API server {target} takes none older than {oldest}.',
      },
      newer: {
        zh: '节点 {node} 的 kube-proxy 为 {version}，高于 API Server 的 {server}：不受支持。',
        en: 'kube-proxy on {node} is {version}, newer than the API server ({server}), which is not supported.',
      },
      'not-reported': { zh: '节点没有报告 kube-proxy 的版本（1.31 起）。', en: 'The nodes do not tell the version of kube-proxy (from 1.31 on).' },
      unreadable,
    },
  },
  controllers: {
    title: { zh: '控制器管理器与调度器和目标版本兼容', en: 'Controller managers and schedulers go with the target' },
    severity: 'critical',
    effect: 'none',
    messages: {
      'too-old': {
        zh: '{pod} 为 {version}，目标 {target} 的 API Server 只支持到 {oldest}：先完成上一次升级。',
        en: '{pod} is {version}; an API server {target} takes none older than {oldest}: finish the earlier upgrade first.',
      },
      newer: {
        zh: '{pod} 为 {version}，高于 API Server 的 {server}：不受支持。',
        en: '{pod} is {version}, newer than the API server ({server}), which is not supported.',
      },
      'not-shown': { zh: '镜像标签不是版本号，无从比较。', en: 'Their images are not tagged with a version, so there is nothing to compare.' },
      unreadable,
    },
  },
  'etcd-accepted': {
    title: { zh: 'etcd 不低于目标版本的最低要求', en: 'The version of etcd suffices for the target' },
    severity: 'critical',
    effect: 'none',
    messages: {
      'too-old': {
        zh: '{pod} 的 etcd 为 {version}，目标 {target} 至少需要 {least}。',
        en: 'etcd of {pod} is {version}; {target} takes none older than {least}.',
      },
      unseen,
    },
  },
  'etcd-series': {
    title: { zh: 'etcd 与目标版本配套', en: 'The etcd is of the series that comes with the target' },
    severity: 'warning',
    effect: 'none',
    messages: {
      older: {
        zh: '{pod} 的 etcd 为 {version}，目标 {target} 配套的是 {series}：计划一并升级。',
        en: 'etcd of {pod} is {version}; {target} comes with {series}: plan its upgrade, too.',
      },
      unseen,
    },
  },
  'etcd-seen': {
    title: { zh: '能看到 etcd 的版本', en: 'The version of etcd can be seen' },
    severity: 'info',
    messages: { unseen },
  },
} as const satisfies Record<string, RuleMeta>;
