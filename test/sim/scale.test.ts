import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ask, type List, names, simulated } from './client.ts';

it('adds foreign namespaces, pods and nodes that look like others', async () => {
  await simulated('healthy', { scale: { foreignNamespaces: 40, foreignPods: 5_000, podsPerInventoryNamespace: 10, nodes: 50 } }, async (sim) => {
    const started = performance.now();
    const before = process.memoryUsage().rss;
    const whole = await ask(sim, '/api/v1/pods?resourceVersion=0');
    const list = whole.json<List>();
    assert.equal(list.items.length, 119 + 5_000 + 10 * 6);
    const filler = list.items.find((item) => item.metadata.name.startsWith('filler-'));
    const bytes = JSON.stringify(filler).length;
    assert.ok(bytes > 7_000 && bytes < 9_500, `a pod has ${bytes} bytes`);
    assert.equal(Object.keys(filler?.metadata ?? {}).at(-1), 'managedFields');
    // Serving 40 MB of JSON and parsing it here: seconds, not minutes, also on a busy machine.
    assert.ok(performance.now() - started < 15_000);
    assert.ok(process.memoryUsage().rss - before < 1_500_000_000);
    assert.equal(names(await ask(sim, '/api/v1/nodes')).length, 53);
    assert.equal(names(await ask(sim, '/api/v1/namespaces?labelSelector=')).filter((name) => name.startsWith('tenant-')).length, 40);
    const page = (await ask(sim, '/api/v1/pods?limit=500')).json<List>();
    assert.equal(page.items.length, 500);
    assert.equal(page.metadata.remainingItemCount, list.items.length - 500);
    const one = await ask(sim, '/api/v1/namespaces/tenant-0007/pods?limit=1');
    const [name = ''] = names(one);
    const got = await ask(sim, `/api/v1/namespaces/tenant-0007/pods/${name}`);
    assert.match(got.text, new RegExp(`^\\{"kind":"Pod","apiVersion":"v1","metadata":\\{"name":"${name}",`));
    assert.equal(names(await ask(sim, '/api/v1/pods?fieldSelector=spec.nodeName%3Dworker-0003')).length > 90, true);
    assert.equal(names(await ask(sim, '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases')).length, 53);
    // What the control plane has is unchanged: fillers belong to no Service.
    assert.equal(sim.state.objects.must('endpoints', 'front', 'skiff-platform').subsets?.[0]?.addresses?.length, 2);
  });
});
