/** All events there are: what a sender may send us and how each type is checked. */
import { z } from 'zod'
import type { EvidenceKind } from '#domain/evidence.ts'
import { assessment } from './assessment.ts'
import { completion } from './completion.ts'
import { incomingAttributes } from './envelope.ts'
import type { Family } from './family.ts'
import { identity } from './identity.ts'
import { participation } from './participation.ts'
import { proctoring } from './proctoring.ts'
import { withdrawal } from './withdrawal.ts'

export const families = [completion, identity, participation, assessment, proctoring, withdrawal] as const

type AnyFamily = (typeof families)[number]
export type IncomingType = AnyFamily['type']

type EventOf<F> = F extends Family<infer Type, infer Schema> ? z.output<IncomingSchema<Type, Schema>> : never
type IncomingSchema<Type extends string, Schema extends z.ZodType> = z.ZodObject<
  typeof incomingAttributes & { type: z.ZodLiteral<Type>; data: Schema },
  z.core.$strict
>

/** One of our incoming events, parsed: instants in UTC, `attempt` filled in. Tagged by `type`. */
export type IncomingEvent = EventOf<AnyFamily>
export type IncomingEventOf<Type extends IncomingType> = Extract<IncomingEvent, { readonly type: Type }>

/** The whole event of a family, as documented in docs/events. */
export function incomingSchema(family: Pick<AnyFamily, 'type' | 'title' | 'data'>): z.ZodType {
  return z
    .strictObject({ ...incomingAttributes, type: z.literal(family.type), data: family.data })
    .meta({ title: family.title })
}

export const incomingTypes: readonly IncomingType[] = families.map((family) => family.type)

const kinds = Object.fromEntries(families.map((family) => [family.type, family.kind]))

/** The kind of fact an event reports; what an emitter must have been granted (contracts §3). */
export function kindOfType(type: IncomingType): EvidenceKind {
  const kind = kinds[type]
  if (kind === undefined) throw new TypeError('not an incoming event type')
  return kind
}
