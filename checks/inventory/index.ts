import type { NamespaceInventory } from '../../src/model/component.ts';
import kubeSystem from './kube-system.ts';
import skiffApigw from './skiff-apigw.ts';
import skiffApigwProto from './skiff-apigw-proto.ts';
import skiffApm from './skiff-apm.ts';
import skiffCicd from './skiff-cicd.ts';
import skiffGtxs from './skiff-gtxs.ts';
import skiffLogseer from './skiff-logseer.ts';
import skiffNcs from './skiff-ncs.ts';
import skiffNsf from './skiff-nsf.ts';
import skiffPlatform from './skiff-platform.ts';

/** The control cluster as the documents list it: first the namespaces that have a section of their own, then the modules that are only named. */
export const inventory: readonly NamespaceInventory[] = [
  kubeSystem,
  skiffApigw,
  skiffGtxs,
  skiffLogseer,
  skiffNcs,
  skiffPlatform,
  skiffApm,
  skiffApigwProto,
  skiffCicd,
  skiffNsf,
];
