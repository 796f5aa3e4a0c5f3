/** Moments as people where the terminal stands read them; JSON keeps UTC. */

/** `2026-11-24 04:10`, local time; the text itself when it is no moment. */
export function localTime(instant: string | undefined): string {
  if (instant === undefined) return ''
  const moment = new Date(instant)
  if (Number.isNaN(moment.getTime())) return instant
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`
  return `${day} ${two(moment.getHours())}:${two(moment.getMinutes())}`
}

/** `2026-11-24`, local time: for lists whose lines are full. */
export function localDay(instant: string): string {
  return localTime(instant).split(' ')[0] ?? ''
}
