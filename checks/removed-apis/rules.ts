import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';

export interface RemovedApisOptions {
  targetVersion: string;
}

export const options: { readonly [K in keyof RemovedApisOptions]: OptionMeta<RemovedApisOptions[K]> } = {
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

export const rules = {
  'not-requested': {
    title: { zh: '没有请求使用目标版本移除的 API', en: 'Nobody asks for an API that the target removes' },
    severity: 'critical',
    effect: 'none',
    messages: {
      requested: {
        zh: '自 API Server 启动以来仍有客户端请求 {api}（{resource}），{release} 起不再提供，应改用 {instead}。',
        en: '{resource} of {api} were asked for since the API server was started; {release} no longer serves them: use {instead}.',
      },
      'no-metric': {
        zh: '这个版本的 API Server 没有记录弃用 API 的请求（1.19 起才有）。',
        en: 'This API server does not count requests for deprecated APIs (from 1.19 on).',
      },
      unreadable,
    },
  },
  'not-written': {
    title: { zh: '没有对象是通过目标版本移除的 API 写入的', en: 'No object is written through an API that the target removes' },
    severity: 'critical',
    effect: 'none',
    messages: {
      written: {
        zh: '{count} 个 {kind}（如 {example}）通过 {api} 写入，写入者：{writers}；{release} 起不再提供，应改用 {instead}。',
        en: '{count} {kind} ({example} for one) are written through {api}, by {writers}; {release} no longer serves it: use {instead}.',
      },
      unreadable,
    },
  },
  'kinds-stay': {
    title: { zh: '没有目标版本整体移除的资源种类', en: 'No object is of a kind that the target drops' },
    severity: 'critical',
    effect: 'none',
    messages: {
      dropped: {
        zh: '集群中有 {count} 个 {kind}（如 {example}），{release} 起该种类被移除且没有替代版本，升级后不再生效。',
        en: 'There are {count} {kind} ({example} for one); {release} drops the kind without a successor, and what it enforced is gone.',
      },
      unreadable,
    },
  },
  'manifests-served': {
    title: { zh: '清单使用的 API 版本仍在提供', en: 'Manifests use versions that are still served' },
    severity: 'warning',
    effect: 'none',
    messages: {
      gone: {
        zh: '{count} 个 {kind}（如 {example}）最后一次由清单以 {api} 写入，当前版本已不提供：再次 apply 会失败。',
        en: '{count} {kind} ({example} for one) were last applied through {api}, which is no longer served: their manifests fail when they are applied again.',
      },
      unreadable,
    },
  },
  'target-known': {
    title: { zh: '移除清单包含目标版本', en: 'What the target removes is known' },
    severity: 'warning',
    effect: 'none',
    messages: {
      newer: {
        zh: '目标 {target} 比这个 skiffctl 的移除清单（到 {known}）新，请对照其发行说明。',
        en: 'The target {target} is newer than what this skiffctl knows of removals (up to {known}): read its release notes.',
      },
      unreadable,
    },
  },
} as const satisfies Record<string, RuleMeta>;
