import type { RuleMeta } from '../../src/model/check.ts';
import { answersMessages, eachAnswersMessages, unjudged } from '../shared/harbor-answers.ts';

const noPods = unjudged['no-pods'];

export const rules = {
  answers: {
    title: { zh: 'registry 正常应答', en: 'A registry answers' },
    severity: 'critical',
    messages: answersMessages,
  },
  'each-answers': {
    title: { zh: '每个 registry 副本都正常应答', en: 'Every registry answers' },
    severity: 'warning',
    messages: eachAnswersMessages,
  },
  'storage-healthy': {
    title: { zh: 'registry 自己的健康检查通过', en: "The registry's own health check passes" },
    severity: 'critical',
    messages: {
      failing: {
        zh: '{pod} 的健康检查失败（{detail}）：它对所有请求返回 503，推送和拉取全部失败。',
        en: 'The health check of {pod} fails ({detail}): it answers every request with 503, and nothing can be pushed or pulled.',
      },
      withheld: {
        zh: '{pod} 因自己的健康检查失败而对所有请求返回 503；是哪一项只写在它的调试端口上，而那里没有说明（多为存储）。',
        en: '{pod} answers every request with 503 because its own health check fails. Which part of it, usually the storage, only its debug port would tell, which does not.',
      },
      untold: {
        zh: 'registry 没有可以询问的调试端口，它的健康检查结果不得而知；它也没有因此拒绝请求。',
        en: 'No registry has a debug port that tells of its health check; none refuses requests for it either.',
      },
      'no-pods': noPods,
    },
  },
  'storage-works': {
    title: { zh: '日志里没有读写存储的错误', en: 'The log tells of no failing storage' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      full: {
        zh: '{pod} 在 {age} 前写存储失败，空间或配额已满：推送失败，已有镜像仍能拉取。日志：{line}',
        en: '{pod} could not write to its storage {age} ago, which is full: pushes fail, what is there can still be pulled. Log: {line}',
      },
      'read-only': {
        zh: '{pod} 在 {age} 前写存储失败，文件系统变成了只读：推送失败。日志：{line}',
        en: '{pod} could not write to its storage {age} ago, which has become read-only: pushes fail. Log: {line}',
      },
      denied: {
        zh: '{pod} 在 {age} 前访问存储被拒绝，目录的属主或权限不对。日志：{line}',
        en: '{pod} was refused by its storage {age} ago: owner or mode of the directory are wrong. Log: {line}',
      },
      broken: {
        zh: '{pod} 在 {age} 前读写存储出错，挂载失效或磁盘故障。日志：{line}',
        en: '{pod} had an error of its storage {age} ago: a mount that is gone stale, or a broken disk. Log: {line}',
      },
      'object-store': {
        zh: '{pod} 在 {age} 前访问对象存储失败，地址、密钥、证书或时钟有问题。日志：{line}',
        en: '{pod} was not served by its object store {age} ago: address, key, certificate or clock are wrong. Log: {line}',
      },
      'no-pods': noPods,
    },
  },
  'volume-not-full': {
    title: { zh: 'registry 的卷没有写满', en: 'The volume of the registry is not full' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      space: {
        zh: '{pod} 的卷 {claim} 只剩 {free}（共 {size}，{percent}%）：推送即将或已经失败。',
        en: 'Of the volume {claim} of {pod} {free} of {size} are left ({percent} %): pushes fail, or soon will.',
      },
      inodes: {
        zh: '{pod} 的卷 {claim} 只剩 {percent}% 的 inode：空间还有，但已建不了新文件，推送即将或已经失败。',
        en: 'Of the volume {claim} of {pod} {percent} % of the inodes are left: there may be space, but no new files, and pushes fail or soon will.',
      },
      unclaimed: {
        zh: 'registry 没有挂载 PVC（对象存储、hostPath 等），用量无从得知。',
        en: 'The registries have no claimed volume (an object store, a hostPath …), whose use could be asked.',
      },
      unmeasured: {
        zh: 'kubelet 没有给出这个卷的用量（如 hostPath 型 PV，或 Pod 刚启动）。',
        en: 'The kubelet tells nothing of the volume, as with a hostPath or just after the start of a pod.',
      },
      'no-pods': noPods,
    },
  },
  'volume-has-room': {
    title: { zh: 'registry 的卷有余量', en: 'The volume of the registry has room' },
    severity: 'warning',
    effect: 'none',
    messages: {
      space: {
        zh: '{pod} 的卷 {claim} 剩 {free}（共 {size}，{percent}%）。',
        en: 'Of the volume {claim} of {pod} {free} of {size} are left ({percent} %).',
      },
      inodes: { zh: '{pod} 的卷 {claim} 剩 {percent}% 的 inode。', en: 'Of the volume {claim} of {pod} {percent} % of the inodes are left.' },
      'see-full': { zh: '卷已写满，见 volume-not-full。', en: 'The volume is full; see volume-not-full.' },
      unclaimed: {
        zh: 'registry 没有挂载 PVC（对象存储、hostPath 等），用量无从得知。',
        en: 'The registries have no claimed volume (an object store, a hostPath …), whose use could be asked.',
      },
      unmeasured: {
        zh: 'kubelet 没有给出这个卷的用量（如 hostPath 型 PV，或 Pod 刚启动）。',
        en: 'The kubelet tells nothing of the volume, as with a hostPath or just after the start of a pod.',
      },
      'no-pods': noPods,
    },
  },
  'storage-shared': {
    title: { zh: '多个 registry 副本共用存储', en: 'Replicas of the registry share their storage' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      apart: {
        zh: '{pods} 个 registry 副本各用各的卷（{claims}）：推到一个副本的镜像在其他副本上不存在，拉取时而报 manifest unknown。',
        en: '{pods} registries have volumes of their own ({claims}): what is pushed to one does not exist in the others, and pulls fail now and then with "manifest unknown".',
      },
      synchronised: {
        zh: '{pods} 个 registry 副本各用各的卷，由 harbor-rsync 同步：新推送的镜像在同步之前只存在于一个副本，见 harbor-rsync。',
        en: '{pods} registries have volumes of their own, which harbor-rsync keeps in step: a new image exists in one of them alone until it has run; see harbor-rsync.',
      },
      single: { zh: '只有一个 registry 副本。', en: 'There is only one registry.' },
      unclaimed: {
        zh: '{pods} 个 registry 副本没有挂载 PVC，也不知道用的是不是对象存储：是否共用存储无法判断。',
        en: '{pods} registries have no claimed volume, and whether they use an object store is not told: nobody can say whether they share their storage.',
      },
      'no-pods': noPods,
    },
  },
  'accepts-pushes': {
    title: { zh: 'registry 没有停留在只读维护模式', en: 'The registry is not in read-only maintenance' },
    severity: 'warning',
    messages: {
      'read-only': {
        zh: 'registry 的配置打开了只读维护模式（storage.maintenance.readonly）：推送一律返回 405。多为手工垃圾回收后没有改回。',
        en: 'The configuration of the registry has read-only maintenance on (storage.maintenance.readonly): every push gets 405. Often left behind by a garbage collection by hand.',
      },
      unfound: { zh: '没有在 Pod 挂载的 ConfigMap 里找到 registry 的配置。', en: 'No ConfigMap that the pods mount holds the configuration of a registry.' },
      'no-pods': noPods,
    },
  },
  'asks-for-login': {
    title: { zh: 'registry 要求登录', en: 'The registry asks for a login' },
    severity: 'warning',
    effect: 'none',
    messages: {
      open: {
        zh: '{pod} 不要求登录就开放 /v2/：能连到它端口的人可以绕过 Harbor 的权限推送、删除任何镜像。',
        en: '{pod} opens /v2/ to anybody: whoever reaches its port can push and delete images past all permissions of Harbor.',
      },
      ...unjudged,
    },
  },
  'logins-agree': {
    title: { zh: '各 registry 副本的认证要求一致', en: 'All registries ask for the same login' },
    severity: 'warning',
    messages: {
      differ: {
        zh: '各 registry 副本的认证要求不同：{logins}。同一个客户端登录能否成功取决于碰到哪个副本。',
        en: 'The registries ask for different logins: {logins}. Whether a client gets in depends on the one that it meets.',
      },
      single: { zh: '只有一个 registry 副本可以比较。', en: 'There is only one registry to compare.' },
      ...unjudged,
    },
  },
  'controller-answers': {
    title: { zh: 'registryctl 正常应答', en: 'Registryctl answers' },
    severity: 'warning',
    messages: {
      refused: {
        zh: '{pod} 里的 registryctl 没有监听端口 {port}：垃圾回收无法执行，删除的镜像不释放空间。',
        en: 'The registryctl of {pod} does not listen on port {port}: no garbage is collected, and deleted images keep their space.',
      },
      silent: {
        zh: '{pod} 里的 registryctl 接受连接但不应答：垃圾回收无法执行。',
        en: 'The registryctl of {pod} accepts connections and says nothing: no garbage is collected.',
      },
      wrong: {
        zh: '{pod} 里的 registryctl 对 /api/health 没有正常应答（HTTP {status}）：垃圾回收无法执行。',
        en: 'The registryctl of {pod} does not answer /api/health as it should (HTTP {status}): no garbage is collected.',
      },
      without: { zh: 'registry 的 Pod 里没有 registryctl 容器。', en: 'There is no registryctl container in the pods of the registry.' },
      'no-pods': noPods,
    },
  },
  'cache-reachable': {
    title: { zh: '日志里没有连接 Redis 缓存的错误', en: 'The log tells of no failing Redis cache' },
    severity: 'warning',
    messages: {
      failing: {
        zh: '{pod} 在 {age} 前连不上作为缓存的 Redis：每次请求都要先等连接失败再查存储，推送和拉取变慢。日志：{line}',
        en: '{pod} could not reach the Redis that is its cache {age} ago: each request waits for that to fail and asks the storage then, and pushes and pulls become slow. Log: {line}',
      },
      'no-pods': noPods,
    },
  },
  'images-from-elsewhere': {
    title: { zh: 'Harbor 自己的镜像不放在自己的仓库里', en: 'The images of Harbor itself come from elsewhere' },
    severity: 'info',
    messages: {
      'own-image': {
        zh: 'Harbor 的 {count} 个镜像（如 {image}）就放在这个仓库（{host}）里：它宕机后，节点重建或镜像被清理时拉不到镜像，Harbor 起不来。',
        en: '{count} images of Harbor, such as {image}, are kept in this very registry ({host}): once it is down, a node that has lost them cannot start it again.',
      },
      'no-host': {
        zh: 'registry 没有说出对外地址，无从比较。',
        en: 'The registry does not tell the address that it has outside, so there is nothing to compare with.',
      },
      ...unjudged,
    },
  },
} as const satisfies Record<string, RuleMeta>;

export type RegistryRule = keyof typeof rules;
