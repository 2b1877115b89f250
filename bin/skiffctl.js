#!/usr/bin/env node
'use strict';
// Plain old JavaScript: this file must run, and explain itself, on a Node that is too old for the rest.
var NEEDED = [22, 19];
var found = process.versions.node.split('.').map(Number);
if (found[0] < NEEDED[0] || (found[0] === NEEDED[0] && found[1] < NEEDED[1])) {
  process.stderr.write(
    'skiffctl needs Node.js ' +
      NEEDED.join('.') +
      ' or newer; this is ' +
      process.version +
      ' (' +
      process.execPath +
      ').\n' +
      'In a checkout of skiffctl, `npm ci` brings a fitting one: run it as `npx skiffctl …`.\n',
  );
  process.exit(64);
}
var first = process.argv[2];
if (process.argv.length === 3 && (first === '--version' || first === '-V')) {
  // Asked for by scripts and prompts: not worth loading anything for.
  process.stdout.write(require('../package.json').version + '\n');
} else {
  require('node:module').enableCompileCache();
  import('../dist/main.js').then(
    function (main) {
      return main.main();
    },
    function (error) {
      process.stderr.write('skiffctl cannot be loaded: ' + ((error && error.stack) || error) + '\nIn a checkout, run `npm run build` first.\n');
      process.exitCode = 70;
    },
  );
}
