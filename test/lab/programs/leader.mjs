// Keeps a leader's lock (LOCK, a ConfigMap) renewed in the name of POD_NAME, as the ingress-nginx controller does.
import { every, lead } from './kube.mjs';

process.on('SIGTERM', () => process.exit(0));
await every(7500, () => lead(process.env.LOCK, process.env.POD_NAME, 30));
