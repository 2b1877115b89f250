/**
 * Loaded before the test files on a machine that cannot host the lab (node --import): every test there is reported as skipped under its own name, with
 * the reason from SKIFF_LAB_MISSING, and none of their code runs. It puts itself in the place of node:test.
 */
import { registerHooks } from 'node:module';
import test, { suite } from 'node:test';

const { SKIFF_LAB_MISSING: reason = 'there is no lab' } = process.env;

type Callback = (...args: never[]) => unknown;
/** A test may be given as (name, options, body), with any of the three left out. */
const nameOf = (args: readonly unknown[]): string => {
  const [first] = args;
  if (typeof first === 'string') return first;
  return (args.find((arg) => typeof arg === 'function') as Callback | undefined)?.name ?? '';
};

const skipped = (...args: unknown[]) => test(nameOf(args), { skip: reason });
// The body of a suite does run: it names the tests inside.
const group = (...args: unknown[]) => suite(nameOf(args), args.find((arg) => typeof arg === 'function') as () => void);
const nothing = () => {};
const withVariants = <T extends Callback>(main: T, variant: T) => Object.assign(main, { skip: variant, todo: variant, only: variant });

const standIn = {
  test: withVariants(skipped, skipped),
  it: withVariants(skipped, skipped),
  suite: withVariants(group, group),
  describe: withVariants(group, group),
  before: nothing,
  after: nothing,
  beforeEach: nothing,
  afterEach: nothing,
};
Object.assign(globalThis, { skiffLabSkips: standIn });
const source = `const skips = globalThis.skiffLabSkips;
export default Object.assign((...args) => skips.test(...args), skips);
export const { ${Object.keys(standIn).join(', ')} } = skips;
export const mock = {}, snapshot = {}, assert = {};`;

registerHooks({
  resolve(specifier, context, next) {
    const fromTest = context.parentURL?.endsWith('.test.ts') === true;
    return fromTest && specifier === 'node:test' ? { url: 'skiff-lab:skips', shortCircuit: true } : next(specifier, context);
  },
  load(url, context, next) {
    return url === 'skiff-lab:skips' ? { format: 'module', source, shortCircuit: true } : next(url, context);
  },
});
