/** The world as a command sees it. `main` makes it from the process; tests make their own. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted by the first interrupt. */
  readonly signal: AbortSignal;
  readText(path: string): string;
  /** Writes a file whole or not at all. With `parents` the directories that lead to it are made. */
  writeWhole(path: string, text: string, options?: { readonly parents?: boolean }): void;
}

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Columns of the terminal, undefined when it is none or does not tell. */
  readonly columns: number | undefined;
}
