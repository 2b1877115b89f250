import type { OptionMeta } from '../../src/model/check.ts';

export interface ClairOptions {
  healthPort: number;
  apiPort: number;
  trivyPort: number;
}

export const options: { readonly [K in keyof ClairOptions]: OptionMeta<ClairOptions[K]> } = {
  healthPort: {
    default: 6061,
    description: { zh: 'Clair 的健康端口。', en: 'The health port of Clair.' },
    source: 'Clair 2, configuration: clair.api.healthaddr 0.0.0.0:6061; components.md §7',
  },
  apiPort: {
    default: 6060,
    description: { zh: 'Clair 的 API 端口。', en: 'The API port of Clair.' },
    source: 'Clair 2, configuration: clair.api.addr 0.0.0.0:6060; components.md §7',
  },
  trivyPort: {
    default: 8080,
    description: {
      zh: 'Trivy 适配器的端口；容器只声明了别的端口时以声明为准。',
      en: "The port of Trivy's adapter; one that its container declares instead comes first.",
    },
    source: 'harbor-scanner-trivy, SCANNER_API_SERVER_ADDR :8080',
  },
};
