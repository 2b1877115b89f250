import type { AnyCheck, CheckMeta, OptionLimits, OptionMeta } from '../model/check.ts';
import { UsageError } from './problem.ts';
import type { SiteFile } from './site-file.ts';

type Given = Readonly<Record<string, unknown>>;
type Options = Readonly<Record<string, OptionMeta<unknown>>>;

/**
 * Refuses options in a site file that no check has, and values that their option does not take: an option with a wrong name changes nothing, and nobody
 * would notice. Throws UsageError with the key. `complete` is false when some check could not be loaded: one that is missing may be that one.
 */
export function admitCheckOptions(file: SiteFile, checks: ReadonlyMap<string, AnyCheck>, complete = true): void {
  const path = file.path ?? 'skiffctl.yaml';
  for (const [id, given] of Object.entries(file.checkOptions)) admit(id, given, `${path}: checks.${id}`, checks, true);
  for (const [component, byCheck] of Object.entries(file.componentOptions)) {
    for (const [id, given] of Object.entries(byCheck)) admit(id, given, `${path}: components.${component}.options.${id}`, checks, complete);
  }
}

function admit(id: string, given: Given, where: string, checks: ReadonlyMap<string, AnyCheck>, complete: boolean): void {
  const check = checks.get(id);
  if (check === undefined) {
    if (!complete) return;
    throw new UsageError(`${where}: there is no such check; there are: ${[...checks.keys()].sort().join(', ')}.`);
  }
  const options = (check.meta as CheckMeta).options as Options;
  for (const [name, value] of Object.entries(given)) {
    const option = options[name];
    if (option === undefined) {
      const known = Object.keys(options).sort().join(', ');
      throw new UsageError(`${where}: the check has no option "${name}"; ${known === '' ? 'it has none' : `there are: ${known}`}.`);
    }
    const expected = refusal(value, option.default, option.accepts ?? {});
    if (expected !== undefined) throw new UsageError(`${where}.${name}: expected ${expected}, found ${shown(value)}.`);
  }
}

/** What was expected instead of a value, or undefined when it is right. */
function refusal(value: unknown, like: unknown, limits: OptionLimits): string | undefined {
  if (Array.isArray(like)) {
    const wrong = !Array.isArray(value) || value.some((item) => itemRefusal(item, limits) !== undefined);
    return wrong ? `a list of ${limitsText('values', limits)}` : undefined;
  }
  if (typeof like === 'object' && like !== null) return mappingRefusal(value, limits);
  if (typeof value !== typeof like) return expectation(like, limits);
  return itemRefusal(value, limits) === undefined ? undefined : expectation(like, limits);
}

function mappingRefusal(value: unknown, limits: OptionLimits): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'a mapping';
  const wrongKey = limits.keys === undefined ? undefined : Object.keys(value).find((key) => !new RegExp(limits.keys ?? '').test(key));
  if (wrongKey !== undefined) return `a mapping whose keys look like ${limits.keys ?? ''}`;
  const wrong = Object.values(value).some((item) => itemRefusal(item, limits) !== undefined);
  return wrong ? `a mapping to ${limitsText('plain values', limits)}` : undefined;
}

/** What is wrong with one value by itself: it is no text, number or flag, or outside of the limits. */
function itemRefusal(value: unknown, { oneOf, least, most, pattern }: OptionLimits): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'no number';
  if (value !== null && !['string', 'number', 'boolean'].includes(typeof value)) return 'no plain value';
  if (oneOf !== undefined && !oneOf.some((each) => each === value)) return 'not one of them';
  if (typeof value === 'number' && ((least !== undefined && value < least) || (most !== undefined && value > most))) return 'outside of the limits';
  return typeof value === 'string' && pattern !== undefined && !new RegExp(pattern).test(value) ? 'of another form' : undefined;
}

function expectation(like: unknown, limits: OptionLimits): string {
  if (typeof like === 'boolean') return 'true or false';
  return limitsText(typeof like === 'number' ? 'a number' : 'a text', limits);
}

function limitsText(what: string, { oneOf, least, most, pattern }: OptionLimits): string {
  if (oneOf !== undefined) return `one of ${oneOf.map((each) => (each === '' ? '""' : String(each))).join(', ')}`;
  if (least !== undefined && most !== undefined) return `${what} from ${least} to ${most}`;
  if (least !== undefined) return `${what} of at least ${least}`;
  if (most !== undefined) return `${what} of at most ${most}`;
  return pattern === undefined ? what : `${what} that looks like ${pattern}`;
}

function shown(value: unknown): string {
  return value === undefined || value === null ? 'nothing' : JSON.stringify(value).slice(0, 80);
}
