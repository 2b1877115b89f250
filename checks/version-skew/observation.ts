/** Something of the control plane and its version, as `v1.20.2`. */
export interface VersionedInstance {
  /** `kube-apiserver`, `kube-scheduler` … */
  readonly component: string;
  readonly pod: string;
  readonly version: string;
}

export interface NodeVersions {
  readonly node: string;
  readonly kubelet: string;
  /** Empty from 1.31 on, where nodes no longer tell. */
  readonly kubeProxy: string;
}

export interface VersionSkewObservation {
  /** Of the API server that was asked. */
  readonly current: string;
  /** Instances that answered. */
  readonly apiServers: readonly VersionedInstance[];
  /** False where they could not be asked, which is a blind spot of its own. */
  readonly apiServersRead: boolean;
  /** True where the API servers are no pods of this cluster. */
  readonly managed: boolean;
  /** Controller managers and schedulers whose version their images tell. */
  readonly controllers: readonly VersionedInstance[];
  /** False where pods of the control plane could not be listed, which is a blind spot of its own. */
  readonly controllersRead: boolean;
  readonly nodes: readonly NodeVersions[];
  /** Members of the etcd behind the API server, as far as they run as pods and tell. */
  readonly etcd: readonly VersionedInstance[];
  /** False where they could not be asked, which is a blind spot of its own. */
  readonly etcdRead: boolean;
}
