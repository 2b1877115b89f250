/** What a selector sees of an object; bulk objects have no more than this without being rendered. */
export interface Selectable {
  readonly labels: Readonly<Record<string, string>>;
  /** Value of a field that can be selected by, for example `spec.nodeName`; empty when the object has none. */
  field(path: string): string;
}

export type Match = (object: Selectable) => boolean;

/** A selector that the API server would refuse, with its words. */
export class SelectorError extends Error {}

const EVERYWHERE = ['metadata.name', 'metadata.namespace'];

/** Fields that the API server indexes beside name and namespace. v1.20.2 refuses every other one with 400. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  pods: ['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'status.phase', 'status.podIP', 'status.nominatedNodeName'],
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  secrets: ['type'],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
};

/** Kinds with a conversion function of their own say it in other words than the generic one does. */
const OWN_WORDS = new Set(['pods', 'nodes', 'namespaces', 'events', 'secrets']);

/** `a=b,c!=d`. Throws SelectorError with the API server's message for a field that cannot be selected by. */
export function fieldSelector(selector: string, resource: string): Match {
  const allowed = [...EVERYWHERE, ...(FIELDS[resource] ?? [])];
  const terms = selector
    .split(',')
    .filter((term) => term !== '')
    .map((term) => {
      const parsed = /^([^=!]+)(==|=|!=)(.*)$/.exec(term);
      if (!parsed) throw new SelectorError(`invalid selector: '${selector}'; can't understand '${term}'`);
      const [, path = '', operator, value = ''] = parsed;
      if (!allowed.includes(path)) {
        throw new SelectorError(
          OWN_WORDS.has(resource)
            ? `field label not supported: ${path}`
            : `"${path}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
        );
      }
      return { path, equal: operator !== '!=', value };
    });
  return (object) => terms.every((term) => (object.field(term.path) === term.value) === term.equal);
}

/** `a=b`, `a!=b`, `a in (x,y)`, `a notin (x)`, `a`, `!a`, joined by commas. */
export function labelSelector(selector: string): Match {
  const terms = splitOutsideBrackets(selector).map(labelTerm);
  return (object) => terms.every((term) => term(object.labels));
}

function splitOutsideBrackets(selector: string): readonly string[] {
  return (selector.match(/(?:[^,(]|\([^)]*\))+/g) ?? []).map((term) => term.trim()).filter((term) => term !== '');
}

function labelTerm(term: string): (labels: Readonly<Record<string, string>>) => boolean {
  const set = /^([^\s!=]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return (labels) => (labels[key] !== undefined && values.includes(labels[key])) === (operator === 'in');
  }
  const equality = /^([^\s!=]+)\s*(==|=|!=)\s*([^\s=!]*)$/.exec(term);
  if (equality) {
    const [, key = '', operator, value = ''] = equality;
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const existence = /^(!?)\s*([^\s!=()]+)$/.exec(term);
  if (existence) {
    const [, not, key = ''] = existence;
    return (labels) => key in labels === (not === '');
  }
  throw new SelectorError("unable to parse requirement: found '=', expected: identifier");
}

/** Whether labels satisfy an exact map, as a Service's selector does. An empty selector selects nothing. */
export function matchesLabels(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  const pairs = Object.entries(wanted);
  return pairs.length > 0 && pairs.every(([key, value]) => labels[key] === value);
}
