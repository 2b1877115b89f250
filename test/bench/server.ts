import { inventory } from '../../checks/inventory/index.ts';
import { startSimulation } from '../../src/sim/index.ts';

/**
 * The simulated cluster in a process of its own, so that its work is not counted as the client's. Forked with its scale as JSON; sends the
 * kubeconfig first, then `{first}` at the first request, and the log of requests when it is asked for it.
 */
interface Ask {
  readonly ask: 'requests' | 'reset' | 'close';
}

const scale = JSON.parse(process.argv[2] ?? '{}') as NonNullable<Parameters<typeof startSimulation>[1]['scale']>;
const simulation = await startSimulation('healthy', { inventory, ...(Object.keys(scale).length === 0 ? {} : { scale }) });
let seen = 0;
process.on('message', (message: Ask) => {
  switch (message.ask) {
    case 'reset':
      seen = simulation.requests.length;
      process.send?.({ reset: true });
      break;
    case 'requests':
      process.send?.({ requests: simulation.requests.slice(seen) });
      break;
    case 'close':
      void simulation.close().then(() => process.disconnect());
      break;
  }
});
process.send?.({ kubeconfig: simulation.kubeconfig, url: simulation.url, token: simulation.token, authority: simulation.certificateAuthority });
