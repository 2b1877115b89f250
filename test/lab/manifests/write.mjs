// write.mjs DIRECTORY: writes the manifests, one List per file, and volume-directories.txt (NODE DIRECTORY OWNER per line).
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';

const directory = process.argv[2];
if (!directory) throw new Error('usage: write.mjs DIRECTORY');
const NAMES = [
  ...['base', 'kube-system', 'skiff-gtxs', 'skiff-apm', 'skiff-platform', 'skiff-ncs', 'skiff-apigw', 'skiff-cicd', 'skiff-logseer', 'skiff-nsf'],
  'webhook',
];
const isVolume = ({ kind }) => kind === 'PersistentVolume' || kind === 'PersistentVolumeClaim';

const files = new Map();
for (const name of NAMES) files.set(name, (await import(`./${name}.mjs`)).default);
const volumes = [...files.values()].flat().filter(isVolume);
for (const [name, objects] of files) {
  files.set(
    name,
    objects.filter((object) => !isVolume(object)),
  );
}
files.set('volumes', volumes);

mkdirSync(directory, { recursive: true });
// What an older make of the lab has left here would count as declared.
for (const name of readdirSync(directory)) rmSync(`${directory}/${name}`, { recursive: true });
// Empty lists are left out, as the API server does: kubectl would see a difference at every apply.
const withoutEmptyLists = (_, value) => (Array.isArray(value) && value.length === 0 ? undefined : value);
for (const [name, items] of files) {
  writeFileSync(`${directory}/${name}.json`, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, withoutEmptyLists, 1));
}
const lines = volumes.flatMap(({ kind, metadata, spec }) => {
  if (kind !== 'PersistentVolume') return [];
  const [node] = spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values;
  return [`${node} ${spec.local.path.split('/').pop()} ${metadata.annotations['skiff.lab/owner']}\n`];
});
writeFileSync(`${directory}/volume-directories.txt`, lines.join(''));
