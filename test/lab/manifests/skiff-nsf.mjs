// skiff-nsf: microservices. Its data is in the platform's database.
import { serviceName, standIn } from './building-blocks.mjs';

const database = { name: 'db', tcp: `${serviceName('etcd-mysql-master', 'skiff-platform')}:3306` };

export default [...standIn('skiff-nsf', 'nsf-meta', 2, [8080], { env: { DEPENDS: [database] } })];
