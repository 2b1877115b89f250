// skiff-apigw: API gateway.
import { fromSecret, secret, springService, usesMysql, usesRedis } from './building-blocks.mjs';

const NAMESPACE = 'skiff-apigw';
const ROUTES = { '/healthcheck': { body: 'OK' } };

export default [
  secret(NAMESPACE, 'platform-redis', { password: 'skiff-redis' }),
  ...springService(NAMESPACE, 'apigw-portal', 2, 8898, {
    env: { ...usesMysql('apigw_gportal'), ...usesRedis('skiff-platform', 'platform-redis', fromSecret('platform-redis', 'password')), ROUTES },
    path: '/healthcheck',
    servicePorts: [[8080, 8898]],
  }),
];
