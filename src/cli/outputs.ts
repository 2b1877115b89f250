import { UsageError } from '../config/problem.ts';
import { FORMAT_IDS, type FormatId } from '../report/format-ids.ts';

/** One `-o FORMAT[=FILE]`; without a file it goes to stdout. */
export interface Output {
  readonly format: FormatId;
  readonly file?: string;
}

/** Reads the values of `-o`. Throws UsageError for an unknown format, an empty file name, a second output on stdout, or in one file. */
export function parseOutputs(values: readonly string[] | undefined, fallback: string): readonly Output[] {
  const outputs = (values ?? [fallback]).map((value): Output => {
    const [name = '', ...rest] = value.split('=');
    const format = FORMAT_IDS.find((id) => id === name);
    if (format === undefined) throw new UsageError(`-o ${value}: there is no format "${name}"; there are: ${FORMAT_IDS.join(', ')}.`);
    const file = rest.join('=');
    if (rest.length > 0 && file === '') throw new UsageError(`-o ${value}: the file name is empty.`);
    return { format, ...(file === '' || file === '-' ? {} : { file }) };
  });
  const onStdout = outputs.filter((output) => output.file === undefined);
  if (onStdout.length > 1)
    throw new UsageError(
      `-o ${onStdout.map((output) => output.format).join(' -o ')}: only one output can go to stdout; give the others a file: -o json=report.json.`,
    );
  const twice = outputs.find(({ file }, at) => file !== undefined && outputs.findIndex((other) => other.file === file) !== at);
  if (twice !== undefined) throw new UsageError(`-o ${twice.format}=${twice.file}: another output goes to this file as well; give each a file of its own.`);
  return outputs;
}
