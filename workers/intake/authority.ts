/** Step I3: may this emitter say this? Without it whoever may report a completion could report its own supervision (contracts §3). */
import type { RegisteredEmitter } from '#config/register/load.ts'
import type { Achievement } from '#domain/register.ts'
import { type IncomingEvent, kindOfType } from '#events/catalogue.ts'
import { type Refusal, type RefusalCode, refuse } from './refusal.ts'

/** Everything that speaks against it at once, or undefined. */
export function checkAuthority(
  event: IncomingEvent,
  emitter: RegisteredEmitter,
  achievement: Achievement | undefined,
): Refusal | undefined {
  const found: RefusalCode[] = []
  if (!emitter.kinds.includes(kindOfType(event.type))) found.push('kind-not-granted')
  if (achievement === undefined) found.push('unknown-achievement')
  else if (emitter.achievements !== undefined && !emitter.achievements.includes(achievement.id))
    found.push('achievement-not-granted')
  const [first, ...more] = found
  return first === undefined ? undefined : refuse(first, ...more)
}
