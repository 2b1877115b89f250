// skiff-apigw: API gateway.
import { standIn } from './building-blocks.mjs';

export default [...standIn('skiff-apigw', 'apigw-portal', 2, [8080])];
