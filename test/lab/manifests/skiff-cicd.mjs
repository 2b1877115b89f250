// skiff-cicd: pipelines.
import { standIn } from './building-blocks.mjs';

export default [...standIn('skiff-cicd', 'cicd-server', 1, [8080])];
