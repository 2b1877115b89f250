/**
 * The commands beside doctor and demo, as one piece: each dynamic import more splits the bundle into smaller files, and every file costs the doctor's
 * start.
 */
export { completionCommand } from './completion.ts';
export { diffCommand } from './diff.ts';
export { explainCommand } from './explain.ts';
export { initCommand } from './init.ts';
export { listCommand } from './list.ts';
export { notifyCommand } from './notify.ts';
export { rbacCommand } from './rbac.ts';
