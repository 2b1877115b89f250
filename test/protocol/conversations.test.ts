import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { ByteStream, ObjectRef } from '../../src/model/check.ts';
import { conversationsOver, type Speaker } from '../../src/protocol/conversations.ts';
import { bench } from '../support/cli.ts';
import { ScriptedStream } from './streams.ts';

function speaker(endings: (() => void)[], port: number): Speaker {
  return {
    pod: { namespace: 'skiff-apm', name: 'x-0' },
    port,
    component: 'skiff-apm/x',
    signal: new AbortController().signal,
    atEnd: (close) => void endings.push(close),
  };
}

describe('conversations over port-forwards', () => {
  it('open the port of the pod, with the credentials of the component, for what they are wanted for', async () => {
    const opened: (readonly [ObjectRef, number])[] = [];
    const asked: (readonly string[])[] = [];
    const far: Readonly<Record<number, ByteStream>> = {
      6379: new ScriptedStream({ hears: (written, stream) => stream.say(written.includes('AUTH') ? '+OK\r\n' : '-NOAUTH Authentication required.\r\n') }),
      2379: new ScriptedStream({ hears: (_written, stream) => stream.end() }),
      80: new ScriptedStream({ hears: (_written, stream) => stream.say('HTTP/1.1 204 No Content\r\n\r\n') }),
    };
    const conversations = conversationsOver(
      async (pod, port) => {
        opened.push([pod, port]);
        return far[port] ?? new ScriptedStream();
      },
      async (component, purpose) => {
        asked.push([component, purpose]);
        return { password: 'x' };
      },
    );
    const redis = await conversations.redis(speaker([], 6379));
    assert.equal(redis.kind, 'talking');
    await conversations.http(speaker([], 2379), '/health', { scheme: 'https' });
    await conversations.http(speaker([], 80), '/health', {});
    assert.deepEqual(
      opened,
      [6379, 2379, 80].map((port) => [{ namespace: 'skiff-apm', name: 'x-0' }, port]),
    );
    assert.deepEqual(asked, [
      ['skiff-apm/x', 'login'],
      ['skiff-apm/x', 'certificate'],
    ]);
  });

  it('are closed when the probe is over, and name the pod in what they say', async () => {
    const stream = new ScriptedStream({ hears: (_written, far) => far.say('+PONG\r\n') });
    const endings: (() => void)[] = [];
    const redis = await conversationsOver(
      async () => stream,
      async () => undefined,
    ).redis(speaker(endings, 6379));
    assert.ok(redis.kind === 'talking' && !stream.closed);
    for (const end of endings) end();
    assert.ok(stream.closed);
    const closed = await conversationsOver(
      async () => new ScriptedStream({ ends: (far) => far.end() }),
      async () => undefined,
    ).redis(speaker([], 6380));
    assert.ok(closed.kind === 'closed');
    assert.match(closed.message, /^skiff-apm\/x-0:6380: /);
  });

  it('a connection that opens only when the probe is over is closed at once', async () => {
    const stream = new ScriptedStream();
    let open = (): void => {};
    const endings: (() => void)[] = [];
    const late = conversationsOver(
      () =>
        new Promise((resolve) => {
          open = () => resolve(stream);
        }),
      async () => undefined,
    ).redis(speaker(endings, 6379));
    while (endings.length === 0) await new Promise((resolve) => setImmediate(resolve));
    for (const end of endings) end();
    open();
    assert.equal((await late).kind, 'closed');
    assert.ok(stream.closed);
  });
});

describe('a process that held conversations', { timeout: 60_000 }, () => {
  it('ends by itself when they are closed', async () => {
    await using site = await bench('healthy');
    const { state } = site.simulation;
    const pod = ['skiff-platform', 'platform-redis-0'] as const;
    state.setListener(...pod, 4001, { bytes: (stream) => stream.resume() });
    state.setListener(...pod, 4002, { bytes: (stream) => stream.end() });
    state.setListener(...pod, 4003, 'refused');
    state.setListener(...pod, 4004, { http: { body: 'ok' } });
    state.setListener(...pod, 4005, { http: { body: 'ok' }, tls: true });
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'talk-and-end.ts'), site.kubeconfig], { timeout: 40_000 });
    assert.equal(stdout, '20 conversations are over\n');
  });
});
