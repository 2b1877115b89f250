/** Reads the skiffctl command lines out of the scripts of an example. Understands what stands in there, and no more of a shell than that. */

/** Each command line that begins with `skiffctl`, as its arguments; up to the end of the line or what a shell would take for the end of a command. */
export function commandLines(script: string): readonly (readonly string[])[] {
  const joined = script.replaceAll(/\\\n\s*/g, ' ');
  return joined.split('\n').flatMap((line) => {
    const [, command] = /^\s*(?:- )?(skiffctl .*)$/.exec(line) ?? [];
    return command === undefined ? [] : [words(command).slice(1)];
  });
}

function words(command: string): readonly string[] {
  const found: string[] = [];
  for (const [, double, single, plain] of command.matchAll(/"([^"]*)"|'([^']*)'|((?:[^\s"'&|;]|"[^"]*")+)|[&|;]+/g)) {
    const word = double ?? single ?? plain?.replaceAll('"', '');
    // `&&`, `||`, `|` and `;` end the command.
    if (word === undefined) break;
    found.push(word);
  }
  return found;
}
