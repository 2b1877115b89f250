// Asks the servers that a stand-in depends on, live and by their own protocols: so that it is as well as they are.
import { execFile } from 'node:child_process';
import http from 'node:http';
import net from 'node:net';

const LIMIT_MS = 2500;
const { FAULT_REDIS_PASSWORD } = process.env;

/** A program's output. Its own complaint becomes the error. */
const run = (program, args, env) =>
  new Promise((resolve, reject) => {
    execFile(program, args, { timeout: LIMIT_MS, killSignal: 'SIGKILL', env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout.trim());
      reject(new Error(error.killed ? `${program} got no answer in ${LIMIT_MS} ms` : stderr.trim().split('\n')[0] || error.message));
    });
  });

function asked({ url, headers }) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers, timeout: LIMIT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => (response.statusCode < 400 ? resolve(text) : reject(new Error(`got unexpected status code ${response.statusCode}`))));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('context deadline exceeded (Client.Timeout exceeded while awaiting headers)')));
    request.on('error', reject);
  });
}

/** One command after the other on one connection of Redis; returns the last reply as text. */
function redisCommands(address, commands) {
  const [host, port] = address.split(':');
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), host);
    const timer = setTimeout(() => end(new Error(`${address}: Read timed out`)), LIMIT_MS);
    let received = '';
    let sent = 0;
    const end = (error, value) => {
      clearTimeout(timer);
      socket.destroy();
      if (error) reject(error);
      else resolve(value);
    };
    const next = () => {
      received = '';
      const words = commands[sent++];
      socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
    };
    const whole = () => {
      const [head] = received.split('\r\n', 1);
      if (!received.includes('\r\n')) return undefined;
      if (received[0] === '+' || received[0] === ':') return head.slice(1);
      if (received[0] === '-') throw new Error(head.slice(1));
      if (received[0] === '$')
        return received.length >= head.length + 2 + Number(head.slice(1)) + 2 || head === '$-1' ? received.slice(head.length + 2).trimEnd() : undefined;
      // An array of strings, which is all that is asked for.
      if (head === '*-1') throw new Error('no such name');
      return received.split('\r\n').length > 2 * Number(head.slice(1)) + 1 ? received : undefined;
    };
    socket.on('connect', next);
    socket.setEncoding('utf8').on('data', (chunk) => {
      received += chunk;
      try {
        const reply = whole();
        if (reply === undefined) return;
        if (sent < commands.length) next();
        else end(undefined, reply);
      } catch (error) {
        end(error);
      }
    });
    socket.on('error', end);
    socket.on('close', () => end(new Error(`${address}: Unexpected end of stream`)));
  });
}

/** The product's services know every password that its Redis may want, also the one that the fault `passwords-everywhere` sets. */
export async function redisSession(address, password, commands) {
  try {
    return await redisCommands(address, [...(password ? [['AUTH', password]] : []), ...commands]);
  } catch (error) {
    if (!FAULT_REDIS_PASSWORD || !error.message.startsWith('NOAUTH')) throw error;
    return redisCommands(address, [['AUTH', FAULT_REDIS_PASSWORD], ...commands]);
  }
}
export const redisCommand = (address, password, ...words) => redisSession(address, password, [words]);

/** The address of the master as the first sentinel has it that answers. */
async function masterOf(sentinels) {
  const failures = [];
  for (const sentinel of sentinels) {
    try {
      const reply = await redisCommand(sentinel, '', 'SENTINEL', 'get-master-addr-by-name', 'mymaster');
      const [, , host, , port] = reply.split('\r\n');
      return `${host}:${port}`;
    } catch (error) {
      failures.push(error.message);
    }
  }
  throw new Error(`All sentinels down, cannot determine where is mymaster master is running... (${failures[0]})`);
}

const redisVersion = async (address, password) => /redis_version:(\S+)/.exec(await redisCommand(address, password, 'INFO', 'server'))?.[1];

/**
 * Asks one server and returns what it says of itself, or throws what is wrong. Of what kind it is says the field that it has:
 * { url, headers } · { redis: 'host:port', password } · { sentinels: ['host:port'], password } · { mysql: host, user, password } ·
 * { postgres: host, user, password }
 */
export async function ask(server) {
  if (server.url) return asked(server);
  if (server.redis) return redisVersion(server.redis, server.password);
  if (server.sentinels) return redisVersion(await masterOf(server.sentinels), server.password);
  if (server.mysql) {
    const args = ['--no-defaults', '-h', server.mysql, `-u${server.user}`, '--connect-timeout=2', '-BNe', 'SELECT 1'];
    return run('mariadb', args, { MYSQL_PWD: server.password });
  }
  const args = [`host=${server.postgres} user=${server.user} dbname=postgres connect_timeout=2`, '-XAtc', 'SELECT 1'];
  return run('/usr/lib/postgresql/15/bin/psql', args, { PGPASSWORD: server.password });
}
