import { UsageError } from '../config/problem.ts';
import type { Report } from '../model/report.ts';
import type { Screen } from '../report/format.ts';
import { FORMAT_IDS, type FormatId } from '../report/format-ids.ts';
import type { Io } from './io.ts';

/** One `-o FORMAT[=FILE]`; without a file it goes to stdout. */
export interface Output {
  readonly format: FormatId;
  readonly file?: string;
}

/** Reads the values of `-o`. Throws UsageError for an unknown format, an empty file name, or a second output on stdout. */
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
  return outputs;
}

/**
 * Draws and writes every output; one that cannot be written does not keep the others from it. Returns what went wrong, a line each.
 */
export async function writeOutputs(report: Report, outputs: readonly Output[], screen: Screen, io: Io): Promise<readonly string[]> {
  const { FORMATS } = await import('../report/format.ts');
  const problems: string[] = [];
  for (const output of outputs) {
    try {
      // A file is read by machines and editors: no colours, and the full width of its own.
      const text = FORMATS[output.format].render(report, output.file === undefined ? screen : { ...screen, color: 0, width: 120 });
      if (output.file === undefined) io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
      else io.writeWhole(output.file, text.endsWith('\n') ? text : `${text}\n`);
    } catch (error) {
      problems.push(`-o ${output.format}${output.file === undefined ? '' : `=${output.file}`}: ${(error as Error).message}`);
    }
  }
  return problems;
}
