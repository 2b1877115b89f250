export { discover, match } from './discover.ts';
export { type ComponentSettings, DEFAULT_DISCOVERY_SETTINGS, type DiscoverySettings } from './settings.ts';
export { DISCOVERY_READS, type NamespaceObjects, type Snapshot } from './snapshot.ts';
