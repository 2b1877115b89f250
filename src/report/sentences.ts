import type { EdgeConfidence } from '../model/component.ts';
import type { Problem } from '../model/problem.ts';
import type { Language } from '../model/text.ts';

type By = EdgeConfidence | 'evidence';

/** The sentences that the report itself makes, in one language. Those of the checks come with the findings. */
export interface Sentences {
  why(affects: readonly { readonly component: string; readonly confidence: By }[]): string;
  notLoaded(from: string, message: string): string;
  ended(problem: Problem): string;
  nothingLookedAt(components: number): string;
  readonly shallow: string;
}

const BY: Readonly<Record<Language, Readonly<Record<By, string>>>> = {
  en: {
    evidence: 'their own findings point at it',
    observed: 'observed in their configuration',
    documented: 'by the documents',
    upstream: 'as upstream says',
    inferred: 'inferred from public relatives',
  },
  zh: { evidence: '由其自身现象指向', observed: '由其配置得知', documented: '由文档得知', upstream: '由上游项目得知', inferred: '由公开的同源项目推断' },
};

const EN: Sentences = {
  why: (affects) =>
    affects.length === 0
      ? 'Nothing it depends on is faulty.'
      : `Nothing it depends on is faulty, and these depend on it: ${grouped(affects, (names, by) => `${names.join(', ')} (${BY.en[by]})`).join('; ')}.`,
  notLoaded: (from, message) => `${from} was not loaded: ${message}`,
  ended: (problem) => `The run ended early: ${problem.message}`,
  nothingLookedAt: (components) => `None of ${components} components could be looked at: the API server could not be reached or read.`,
  shallow: 'Looked at by its Kubernetes objects alone; what it answers itself was not asked.',
};

const ZH: Sentences = {
  why: (affects) =>
    affects.length === 0
      ? '它所依赖的组件均无故障。'
      : `它所依赖的组件均无故障，而以下组件依赖它：${grouped(affects, (names, by) => `${names.join('、')}（${BY.zh[by]}）`).join('；')}。`,
  notLoaded: (from, message) => `${from} 未能加载：${message}`,
  ended: (problem) => `检查提前结束：${problem.message}`,
  nothingLookedAt: (components) => `${components} 个组件全部未能检查：无法连接或读取 API Server。`,
  shallow: '仅检查了它的 Kubernetes 对象，没有询问组件自身。',
};

function grouped<T>(affects: readonly { readonly component: string; readonly confidence: By }[], say: (names: readonly string[], by: By) => T): readonly T[] {
  return [...Map.groupBy(affects, (affect) => affect.confidence)].map(([by, same]) =>
    say(
      same.map((affect) => affect.component),
      by,
    ),
  );
}

export function sentences(language: Language): Sentences {
  return language === 'zh' ? ZH : EN;
}
