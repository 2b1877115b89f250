/**
 * The longest pause that a cron schedule can make between two runs, in seconds, judged by its coarsest restricted field; undefined for what is no
 * schedule. Rough on purpose: it is compared with twice its value.
 */
export function cronPeriodSeconds(schedule: string): number | undefined {
  const named: Readonly<Record<string, number>> = {
    '@hourly': 3600,
    '@daily': 86_400,
    '@midnight': 86_400,
    '@weekly': 604_800,
    '@monthly': 2_678_400,
    '@yearly': 31_622_400,
    '@annually': 31_622_400,
  };
  const text = schedule.replace(/^(CRON_)?TZ=\S+\s+/, '').trim();
  if (text in named) return named[text];
  const fields = text.split(/\s+/);
  if (fields.length !== 5) return undefined;
  const [minute = '*', hour = '*', dayOfMonth = '*', month = '*', dayOfWeek = '*'] = fields;
  if (month !== '*') return 31_622_400;
  if (dayOfMonth !== '*' && dayOfMonth !== '?') return 2_678_400;
  if (dayOfWeek !== '*' && dayOfWeek !== '?') return 604_800;
  const hours = /^\*\/(\d+)$/.exec(hour);
  if (hours) return Number(hours[1]) * 3600;
  if (hour !== '*') return 86_400;
  const minutes = /^\*\/(\d+)$/.exec(minute);
  if (minutes) return Number(minutes[1]) * 60;
  return minute === '*' ? 60 : 3600;
}
