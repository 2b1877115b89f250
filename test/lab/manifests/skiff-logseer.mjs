// skiff-logseer: logs.
import { standIn } from './building-blocks.mjs';

export default [...standIn('skiff-logseer', 'logseer', 2, [8080]), ...standIn('skiff-logseer', 'logagent-download', 1, [8080])];
