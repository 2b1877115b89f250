import { grouped, type Sentences } from './texts.ts';

const by = {
  evidence: 'their own findings point at it',
  observed: 'observed in their configuration',
  documented: 'by the documents',
  upstream: 'as upstream says',
  inferred: 'inferred from public relatives',
} as const;

const state = {
  healthy: 'healthy',
  degraded: 'degraded',
  down: 'down',
  unreachable: 'down because of another',
  unknown: 'unknown',
  absent: 'not here',
} as const;

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** How sure, and what it lacks. */
const SURE = {
  high: 'high confidence',
  medium: 'medium confidence, some links are documented but were not observed',
  low: 'low confidence, some links are only inferred',
} as const;

/** "is down", but "has a critical finding" of what still serves. */
function is(component: string, in_: keyof typeof state): string {
  if (in_ === 'healthy') return `${component} has a finding`;
  return in_ === 'unknown' ? `${component} could not be looked at` : `${component} is ${state[in_]}`;
}

export const en: Sentences = {
  why: (affects, troubled) => {
    const alone =
      troubled.length === 0 ? 'Nothing it depends on is faulty' : `What it depends on and is not healthy either (${troubled.join(', ')}) does not explain it`;
    if (affects.length === 0) return `${alone}.`;
    return `${alone}, and these depend on it: ${grouped(affects, (names, how) => `${names.join(', ')} (${by[how]})`).join('; ')}.`;
  },
  notLoaded: (from, message) => `${from} was not loaded: ${message}`,
  ended: (problem) => `The run ended early: ${problem.message}`,
  nothingLookedAt: (components) => `None of ${components} components could be looked at: the API server could not be reached or read.`,
  noCheck: 'No check looks at it.',
  connection: {
    config: 'Mend the kubeconfig that the message names.',
    refused:
      'On that host, see why kube-apiserver does not run: crictl ps -a --name kube-apiserver, then its log. The other masters may still serve: --server https://MASTER:6443.',
    timeout:
      'From here first: VPN, bastion, firewall, HTTPS_PROXY and NO_PROXY. Then try a master by its own address: --server https://MASTER:6443. If that answers, the virtual IP is the fault.',
    dns: 'Check the name in the kubeconfig and the DNS of this machine; an address works without either.',
    tls: 'Do not switch the check off. See who answers: openssl s_client -connect HOST:6443 -showcerts </dev/null; then compare its issuer with the CA of the kubeconfig.',
    reset:
      'Something between here and the API server ends the connection: a proxy, a load balancer, a firewall. Try a master by its own address: --server https://MASTER:6443.',
    unauthorized: 'Fetch a new kubeconfig or log in again: the certificate or token has expired, was revoked, or belongs to another cluster.',
    forbidden: 'Ask an administrator to apply the least role: skiffctl rbac --to-user YOU | kubectl apply -f -',
    'not-kubernetes': 'Check the address in the kubeconfig: what answers there is something else, perhaps a proxy or a login page.',
    'server-error':
      'It runs but cannot serve, most often because of its etcd. On a master: kubectl get --raw /readyz?verbose, then the logs of kube-apiserver and etcd.',
    vip: 'The control plane answers at its own address: work with --server until the virtual IP is back, then see keepalived-master on the masters.',
  },
  shallow: 'Looked at by its Kubernetes objects alone; what it answers itself was not asked.',

  owner: { cluster: 'cluster', middleware: 'middleware', product: 'product', infrastructure: 'infrastructure' },
  state,
  status: { pass: 'pass', info: 'note', skip: 'skipped', unknown: 'unknown', warn: 'warning', fail: 'critical' },
  severity: { critical: 'critical', warning: 'warning', info: 'information' },
  effect: {
    down: 'the component no longer serves (down)',
    degraded: 'the component serves with less redundancy or quality (degraded)',
    none: "no effect on the component's state",
  },
  confidence: { high: 'high', medium: 'medium', low: 'low' },
  by,
  reason: {
    Forbidden: 'no permission',
    Unauthorized: 'credentials refused',
    NotFound: 'not found',
    NotServed: 'not served by this API server',
    Timeout: 'timed out',
    Refused: 'connection refused',
    Reset: 'connection reset',
    NameNotResolved: 'name not resolved',
    TlsError: 'TLS failed',
    ServerError: 'the server answered with an error',
    InvalidResponse: 'the answer could not be understood',
    PrerequisiteFailed: 'what it needs could not be looked at',
    NoCredentials: 'no password was given',
    CredentialsRejected: 'the password was not accepted',
    NothingToAsk: 'nothing left to ask',
    DeadlineExceeded: 'the run was out of time',
    Interrupted: 'the run was interrupted',
    NotEvaluated: 'the check said nothing',
    InternalError: 'a mistake in skiffctl or in a check',
    NoDeeperCheck: 'no deeper check',
    NotInstalled: 'not installed',
    NotSelected: 'not selected',
  },
  grade: {
    A: 'nothing is wrong',
    B: 'warnings or blind spots outside the core',
    C: 'a core component is degraded or has warnings',
    D: 'a component is down, or a core one could not be looked at',
    F: 'a core component is down',
  },

  list: (items) => items.join(', '),
  examples: (items, total) => (total > items.length ? `${items.join(', ')} and ${total - items.length} more` : items.join(', ')),
  clauses: (items) => items.join('; '),
  labelled: (label, text) => `${label}: ${text}`,
  aside: (text) => ` (${text})`,

  page: {
    picture: 'WHO DEPENDS ON WHOM',
    pictureOf: (components, causes) => `Dependency graph of ${count(components, 'component')}, ${count(causes, 'root cause')}`,
    rest: (findings) => `${findings} passed or do not apply`,
    everything: (components) => `all ${components} components`,
    colors: 'light or dark',
  },
  text: {
    onlyProblem: (component, in_) => `1 problem: ${is(component, in_)}`,
    causes: (causes, explained, problems, byFirst) => {
      const share = explained === problems ? `all ${problems} problems` : `${explained} of ${problems} problems`;
      return causes === 1 ? `1 root cause explains ${share}` : `${causes} root causes explain ${share}, the first one ${byFirst} of them`;
    },
    unrelated: (problems) => `${problems} problems, none a symptom of another`,
    noneCritical: (problems) => `${count(problems, 'problem')}, ${problems === 1 ? 'not' : 'none'} critical`,
    blind: (things) => `${count(things, 'thing')} could not be looked at`,
    fine: (components) => `${count(components, 'component')}, nothing wrong`,
    fineAsFarAsSeen: 'nothing wrong in what could be looked at',
    stopped: (reason) => (reason === 'Interrupted' ? 'PARTIAL, interrupted' : 'PARTIAL, out of time'),
    apiServerDown: (cluster) => `the API server of ${cluster} cannot be reached or read: nothing else could be looked at`,
    apiServerUnseen: (cluster, reason) => `the API server of ${cluster} could not be asked (${reason}): nothing could be looked at`,
    becauseOf: (grade, component, message) => `${grade} because of ${component}${message === '' ? '' : `: ${message}`}`,

    rootCause: 'ROOT CAUSE',
    rootCauseOf: (at, total) => `ROOT CAUSE ${at} of ${total}`,
    isIn: is,
    core: 'core',
    since: (time) => `since ${time}`,
    explains: 'Explains',
    also: 'Also',
    why: 'Why',
    look: 'Look',
    mend: 'Mend',
    steps: (steps) => `${count(steps, 'step')}${steps > 1 ? ', safest first' : ''}`,
    sure: (confidence, reason) => `${SURE[confidence]}: ${reason}`,
    nothingBehind: 'nothing it depends on is faulty',
    behindUnseen: (components) => `nothing it depends on is known to be faulty, but ${components} could not be looked at`,
    behindFaulty: (components) => `it depends on ${components}, which is not healthy either but does not explain this`,

    otherProblems: 'PROBLEMS WITHOUT A CAUSE ELSEWHERE',
    becauseOfComponent: (component) => `symptoms of ${component}`,
    nodes: 'nodes',
    notLookedAt: 'NOT LOOKED AT',
    componentCount: (components) => count(components, 'component'),
    needs: (what) => `needs ${what}`,
    shallowCount: (components, listed) =>
      `${count(components, 'component')} looked at by ${components === 1 ? 'its' : 'their'} Kubernetes objects alone${listed ? '' : ' (skiffctl doctor --wide lists them)'}`,
    closely: (components) => `${components} looked at by their Kubernetes objects alone`,
    moreIn: (command) => `more: ${command}`,
    absentCount: (components) => `${components} not installed here`,
    discovery: 'discovery',
    run: 'the run',
    noCheck: 'not looked at by any check',
    rights: 'The missing rights, as a role: skiffctl rbac',
    passing: 'RED AT THE FIRST LOOK ONLY',
    passingCount: (findings) =>
      `${count(findings, 'finding')} red at the first look and not at the second (skiffctl doctor --wide shows ${findings === 1 ? 'it' : 'them'})`,
    notes: 'NOTES',
    noteCount: (notes, hint) => `${count(notes, 'note')}, no fault${hint ? ` (skiffctl doctor --wide shows ${notes === 1 ? 'it' : 'them'})` : ''}`,
    accepted: 'ACCEPTED',
    acceptedCount: (findings, hint) =>
      `${count(findings, 'finding')} accepted by this site${hint ? ` (skiffctl doctor --wide shows ${findings === 1 ? 'it' : 'them'})` : ''}`,
    acceptedBy: (owner, reason, expires) => `accepted by ${owner} until ${expires}: ${reason}`,
    findings: 'FINDINGS',
    observed: 'observed',
    expected: 'expected',
    dependsOn: (names) => `needs ${names}`,
    explainedBy: (component) => `symptom of ${component}`,
    shallowMark: 'objects only',
    topology: 'WHO IS WHAT',
    follows: (name) => `follows ${name}`,
    sureness: 'needs: * observed in its configuration, ? inferred, else documented; objects only: what it answers itself was not asked',
    undocumented: 'not in the documents',

    apiServer: 'API SERVER',
    tried: 'Tried',
    cameBack: 'Answer',
    so: 'So',
    context: (name) => `context ${name}`,

    requests: (requests) => count(requests, 'request'),
    peak: (qps) => `peak ${qps}/s`,

    mendFirst: (component) => `mend ${component} first:`,
    beginWith: (component, nothingDown) => `${nothingDown ? 'nothing is down; ' : ''}begin with ${component}:`,
    restoreFirst: 'get the API server back first:',
    reachFirst: 'get through to the API server first:',
    grantFirst: 'nothing wrong so far, but rights are missing to look further:',
    seeBlindSpots: 'nothing wrong so far; see NOT LOOKED AT for what this report does not know',
    again: (reason) => (reason === 'Interrupted' ? 'this run was interrupted: let it finish' : 'this run is partial: run it again with a longer --timeout'),
  },

  diff: {
    verdict: (appeared, fixed, unchanged, unseen) =>
      [
        appeared === 0 ? 'nothing new is wrong' : `${appeared} new`,
        `${fixed} fixed`,
        `${unchanged} unchanged`,
        ...(unseen === 0 ? [] : [`${unseen} no longer seen`]),
      ].join(', '),
    otherCluster: (before, after) => `These are reports of two clusters, ${before} and ${after}.`,
    partial: 'One of the two runs ended before everything was looked at.',
    appeared: 'NEW',
    unseen: 'NO LONGER SEEN, NOT KNOWN TO BE FIXED',
    fixed: 'FIXED',
    unchanged: 'UNCHANGED',
    seenAgain: 'SEEN AGAIN, AND RIGHT',
  },
  explain: {
    rule: 'RULE',
    check: 'CHECK',
    component: 'COMPONENT',
    severity: 'Severity',
    effect: 'Effect',
    meaning: 'WHAT IT MEANS',
    verify: 'VERIFY BY HAND (READ-ONLY)',
    fix: 'WHAT TO DO',
    safestFirst: 'in this order, safest first',
    risk: 'RISK',
    thresholds: 'THRESHOLDS',
    default: 'default',
    source: 'from',
    sources: 'WHERE THIS IS WRITTEN',
    rules: 'RULES',
    reads: 'WHAT IT READS',
    cluster: 'cluster-wide',
    inNamespace: (name) => `in ${name}`,
    ofComponent: "in the component's namespaces",
    noRunbook: 'This rule has no runbook section yet.',
    noThresholds: 'None: the rule has no number to tune.',
    noCheck: 'no check of this name is installed',
    owner: 'Owner',
    documentedIn: 'Documented',
    technologies: 'WHAT LOOKS AT IT',
    dependsOn: 'WHAT IT DEPENDS ON',
    neededBy: 'WHAT DEPENDS ON IT',
    nothing: 'nothing that is known',
    importance: 'Importance',
    isCore: 'core: the platform does not work without it',
    isOptional: 'optional: a healthy site may lack it',
    isRequired: 'part of its module',
    usedBy: 'LOOKS AT',
    more: 'skiffctl explain <check>/<rule> shows the page of one rule',
    options: (text) => `here: ${text}`,
  },

  inventory: {
    component: 'COMPONENT',
    technologies: 'TECHNOLOGIES',
    title: 'WHAT IT IS',
    owner: 'OWNER',
    rule: 'RULE',
    severity: 'SEVERITY',
    states: 'STATES THAT',
    core: 'core',
    optional: 'optional',
    counts: (components, namespaces) => `${count(components, 'component')} in ${count(namespaces, 'namespace')}`,
    checkCounts: (checks, rules) => `${count(checks, 'check')} with ${count(rules, 'rule')}`,
  },
};
