// STAND-IN for the OpenTelemetry collector: its health check (13133), its own metrics (8888), its receivers (4317, 4318, 11800). It takes in a few spans every
// ten seconds and really hands them on to apm-collector (EXPORT_TO): what that does not take counts as not sent, and waits.
import net from 'node:net';
import { ask } from './ask.mjs';
import { EXPOSITION, exposition, send, serve } from './serve.mjs';

const { env } = process;
const VERSION = '0.81.0';
const started = Date.now();
const CAPACITY = 1000;
const SPANS = 8;
const RETRIES = 30;
let accepted = 0;
let sent = 0;
let failed = 0;
/** Batches that wait, by how often they were tried. */
let queue = [];

const common = { service_instance_id: '6b1f8a52-5c1e-4d30-9f86-0c5c6f0a1b11', service_name: 'otelcol', service_version: VERSION };
const receiver = { receiver: 'skywalking', ...common, transport: 'grpc' };
const exporter = { exporter: 'otlp', ...common };
const metrics = () => [
  ['otelcol_receiver_accepted_spans', 'counter', accepted, receiver],
  ['otelcol_receiver_refused_spans', 'counter', 0, receiver],
  ['otelcol_processor_batch_batch_send_size_count', 'counter', accepted / SPANS, { processor: 'batch', ...common }],
  ['otelcol_exporter_sent_spans', 'counter', sent, exporter],
  ['otelcol_exporter_send_failed_spans', 'counter', failed, exporter],
  ['otelcol_exporter_enqueue_failed_spans', 'counter', 0, exporter],
  ['otelcol_exporter_queue_size', 'gauge', queue.length, exporter],
  ['otelcol_exporter_queue_capacity', 'gauge', CAPACITY, exporter],
  ['otelcol_process_uptime', 'counter', (Date.now() - started) / 1000, common],
  ['otelcol_process_memory_rss', 'gauge', process.memoryUsage().rss, common],
  ['otelcol_process_runtime_heap_alloc_bytes', 'gauge', process.memoryUsage().heapUsed, common],
];

async function work() {
  accepted += SPANS;
  queue.push(0);
  const waiting = queue;
  queue = [];
  for (const tries of waiting) {
    // The first that does not get through tells enough: the rest waits with it.
    if (queue.length > 0) queue.push(tries + 1);
    else
      await ask({ url: env.EXPORT_TO }).then(
        () => {
          sent += SPANS;
        },
        () => queue.push(tries + 1),
      );
  }
  // What was tried too often is given up.
  failed += SPANS * queue.filter((tries) => tries > RETRIES).length;
  queue = queue.filter((tries) => tries <= RETRIES);
}
setInterval(() => void work(), 10_000);

const uptime = () => {
  const seconds = (Date.now() - started) / 1000;
  return `${Math.floor(seconds / 60)}m${(seconds % 60).toFixed(9)}s`;
};
serve('otel-collector', [13133], ({ response }) =>
  send(response, 200, { status: 'Server available', upSince: new Date(started).toISOString(), uptime: uptime() }),
);
serve('otel-collector', [8888], ({ path, response }) => {
  if (path === '/metrics') return send(response, 200, exposition(metrics()), EXPOSITION);
  send(response, 404, '404 page not found\n');
});
serve('otel-collector', [4318], ({ method, path, response }) => {
  if (!path.startsWith('/v1/')) return send(response, 404, '404 page not found\n');
  if (method !== 'POST') return send(response, 405, '405 method not allowed, supported: [POST]');
  send(response, 200, {});
});
// Of gRPC only that somebody listens.
for (const port of [4317, 11800]) net.createServer((socket) => socket.on('error', () => {}).resume()).listen(port);
