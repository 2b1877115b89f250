// skiff-nsf: microservices. Its data is in the platform's database.
import { springService, usesMysql } from './building-blocks.mjs';

// Its readiness asks for all of its health, as with many services of that age: it is not ready while its database is down.
const path = '/actuator/health';
const liveness = { tcpSocket: { port: 8080 } };

export default springService('skiff-nsf', 'nsf-meta', 2, 8080, { env: usesMysql('nsf'), path, liveness });
