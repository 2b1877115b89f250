import { ProbeError } from '../../src/model/problem.ts';
import { type Asker, type Heard, isHeard } from './ask.ts';
import type { Address, Page, PassedOn } from './observation.ts';

/** How long a page, a script or what is passed on may take, in ms. */
const PAGE_MS = 4000;
/** A path to a script or a style sheet as it may be asked for. */
const ASSET = /^\/[\w./~@+-]+\.(?:js|mjs|css)(?:\?[\w=&.-]*)?$/;

/**
 * Loads the page and the first script or style sheet of its own that it names, as a browser would. `known` is what the pod has answered at its address, which
 * may be the page already. Throws ProbeError for what is no fact about the pod.
 */
export async function pageOf(asker: Asker, address: Address, known: Heard): Promise<Page> {
  const at: Address = { ...address, path: '/' };
  const heard = address.path === '/' ? known : await asker.get(at, PAGE_MS);
  if (!isHeard(heard)) return { status: 0, html: false, asset: '' };
  const html = (heard.headers['content-type'] ?? '').includes('html') || /^\s*<(?:!doctype html|html)/i.test(heard.body);
  const page: Page = { status: heard.outcome.status, html, asset: html ? assetIn(heard.body) : '' };
  if (page.asset === '' || asker.left === 0) return page;
  const loaded = await asker.get({ ...at, path: page.asset }, PAGE_MS);
  return isHeard(loaded) ? { ...page, assetStatus: loaded.outcome.status } : page;
}

/**
 * The first script of the page's own host, or its first style sheet; empty when it names none. The API server's proxy writes its own prefix before the links
 * of what passes through it.
 */
export function assetIn(html: string): string {
  const links = [...html.matchAll(/<script\b[^>]*?\bsrc\s*=\s*["']?([^"'\s>]+)/gi), ...html.matchAll(/<link\b[^>]*?\bhref\s*=\s*["']?([^"'\s>]+)/gi)];
  for (const [, link = ''] of links.slice(0, 50)) {
    const own = link.replaceAll('&amp;', '&').replace(/^\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/proxy(?=\/)/, '');
    if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(own)) continue;
    const path = `/${own.replace(/^(?:\.?\/)+/, '')}`;
    if (ASSET.test(path) && !path.includes('..')) return path;
  }
  return '';
}

/** Asks for a path that the pod passes on. Undefined when nothing was learnt. */
export async function passOn(asker: Asker, address: Address, path: string, to: string): Promise<PassedOn | undefined> {
  const { name, namespace } = asker.pod;
  try {
    const heard = await asker.get({ ...address, path }, PAGE_MS);
    return { pod: name, namespace, path, to, status: isHeard(heard) ? heard.outcome.status : 0 };
  } catch (error) {
    // Whoever waits for a backend that hangs, hangs with it: its own page has answered before.
    if (error instanceof ProbeError && error.problem.reason === 'Timeout') return { pod: name, namespace, path, to, status: 0 };
    throw error;
  }
}
