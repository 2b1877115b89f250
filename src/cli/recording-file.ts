import { UsageError } from '../config/problem.ts';
import { RECORDING_VERSION, type Recording } from '../model/recording.ts';
import type { Io } from './io.ts';

/** Reads a recording that `--record` wrote. Throws UsageError for a file that is none, or one of another version. */
export function readRecording(path: string, io: Io): Recording {
  let text: string;
  try {
    text = io.readText(path);
  } catch (error) {
    throw new UsageError(`--replay ${path}: it cannot be read: ${(error as Error).message}`, { cause: error });
  }
  let parsed: Partial<Recording>;
  try {
    parsed = JSON.parse(text) as Partial<Recording>;
  } catch (error) {
    throw new UsageError(`--replay ${path}: it is no recording: ${(error as Error).message}`, { cause: error });
  }
  if (
    typeof parsed !== 'object' ||
    parsed === null ||
    parsed.recordingVersion === undefined ||
    parsed.discovery === undefined ||
    !Array.isArray(parsed.probes)
  ) {
    throw new UsageError(`--replay ${path}: it is no recording of skiffctl doctor --record.`);
  }
  if (parsed.recordingVersion !== RECORDING_VERSION) {
    throw new UsageError(
      `--replay ${path}: it is a recording of version ${String(parsed.recordingVersion)}, this skiffctl reads version ${RECORDING_VERSION}.`,
    );
  }
  return parsed as Recording;
}

export function writeRecording(path: string, recording: Recording, io: Io): void {
  try {
    io.writeWhole(path, `${JSON.stringify(recording, null, 1)}\n`);
  } catch (error) {
    throw new UsageError(`--record ${path}: it cannot be written: ${(error as Error).message}`, { cause: error });
  }
}
