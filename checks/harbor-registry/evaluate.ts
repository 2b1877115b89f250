import type { EvaluateContext } from '../../src/model/check.ts';
import { addressOf } from '../shared/harbor.ts';
import { answerVerdicts, whyUnserved } from '../shared/harbor-answers.ts';
import { podSubject } from '../shared/harbor-parts.ts';
import { mergedVerdicts } from '../shared/verdicts.ts';
import type { LoginFacts, RegistryFacts, RegistryObservation } from './observation.ts';
import type { RegistryOptions } from './options.ts';
import type { RegistryRule } from './rules.ts';
import { storage } from './storage.ts';
import type { RegistryVerdict } from './verdict.ts';

export function evaluate(observation: RegistryObservation, context: EvaluateContext<RegistryOptions>): readonly RegistryVerdict[] {
  return mergedVerdicts<RegistryVerdict>([
    ...answerVerdicts(observation.registries),
    ...byAnswer(observation),
    ...controllers(observation),
    ...storage(observation, context),
  ]);
}

const BY_ANSWER = ['asks-for-login', 'logins-agree', 'images-from-elsewhere'] as const satisfies readonly RegistryRule[];

function byAnswer({ registries, images }: RegistryObservation): readonly RegistryVerdict[] {
  const why = whyUnserved(registries);
  if (why === 'dark') return [];
  if (why !== undefined) return BY_ANSWER.map((rule): RegistryVerdict => ({ rule, verdict: 'skip', messageId: why }));
  const asked = registries.flatMap(({ login, ...facts }) => (login === undefined ? [] : [{ facts, login }]));
  const logins = asked.map(({ login }) => login);
  return [...asked.map(({ facts, login }) => asksForLogin(facts, login)), agree(asked), ownImages(logins, images)];
}

function asksForLogin(facts: Omit<RegistryFacts, 'login'>, login: LoginFacts): RegistryVerdict {
  const rule = 'asks-for-login';
  if (login.scheme !== 'open') return { rule, verdict: 'pass', observed: { ...login } };
  return { rule, verdict: 'fail', messageId: 'open', data: { pod: facts.name }, subject: podSubject(facts), observed: { status: 200 }, own: true };
}

function loginText({ scheme, realm, service }: LoginFacts): string {
  return [scheme, realm, service].filter((word) => word !== '').join(' ');
}

function agree(asked: readonly { readonly facts: { readonly name: string }; readonly login: LoginFacts }[]): RegistryVerdict {
  const rule = 'logins-agree';
  if (asked.length < 2) return { rule, verdict: 'skip', messageId: 'single' };
  const texts = asked.map(({ facts, login }) => ({ pod: facts.name, text: loginText(login) }));
  const observed = Object.fromEntries(texts.map(({ pod, text }) => [pod, text]));
  if (new Set(texts.map(({ text }) => text)).size === 1) return { rule, verdict: 'pass', observed };
  const logins = texts.map(({ pod, text }) => `${pod}: ${text}`).join('; ');
  return { rule, verdict: 'fail', messageId: 'differ', data: { logins }, observed, own: true };
}

/** The address of a registry outside is that of the token service, which clients reach as well. */
function ownImages(logins: readonly LoginFacts[], images: readonly string[]): RegistryVerdict {
  const rule = 'images-from-elsewhere';
  const host = logins.map(({ realm }) => addressOf(realm)?.host).find((each) => each !== undefined);
  if (host === undefined) return { rule, verdict: 'skip', messageId: 'no-host' };
  const own = images.filter((image) => image.startsWith(`${host}/`));
  const [image] = own;
  if (image === undefined) return { rule, verdict: 'pass', observed: { host } };
  return { rule, verdict: 'fail', messageId: 'own-image', data: { count: own.length, image, host }, observed: own };
}

function controllers({ controllers: all }: RegistryObservation): readonly RegistryVerdict[] {
  const rule = 'controller-answers';
  if (all.length === 0) return [{ rule, verdict: 'skip', messageId: 'without' }];
  const verdicts = all.flatMap((controller): readonly RegistryVerdict[] => {
    const { name: pod, port, status, state, ready } = controller;
    const base = { rule, verdict: 'fail', subject: podSubject(controller), observed: { state, status }, own: true } as const;
    if (state === 'answers') return [{ rule, verdict: 'pass' }];
    if (state === 'dark' || state === 'not-running' || (state === 'refused' && !ready)) return [];
    if (state === 'refused' || state === 'silent')
      return [{ ...base, messageId: state, data: state === 'refused' ? { pod, port } : { pod } } as RegistryVerdict];
    return [{ ...base, messageId: 'wrong', data: { pod, status } }];
  });
  if (verdicts.length > 0 || all.some(({ state }) => state === 'dark')) return verdicts;
  return [{ rule, verdict: 'skip', messageId: 'no-pods' }];
}
