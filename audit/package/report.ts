/** A package told to people: who did what, when, meaning what. The same data as the entries, and never the proof (audit-log §7.2, A3). */
import type { Entry } from '#audit/entry.ts'
import { howShown, type PackageProfile } from '#audit/package/profiles.ts'
import { roleWords, sentenceOf } from '#audit/package/words.ts'
import type { Text } from '#domain/words.ts'

/** A person behind a pseudonym, as the register knows them. */
export interface KnownPerson {
  readonly name?: string
  readonly isProtected: boolean
}

export interface ReportedFinding {
  readonly rule: string
  readonly outcome: string
  readonly because: Text
  readonly missing?: Text
}

export interface ReportedActor {
  readonly ref: string
  readonly kind: Entry['actor']['kind']
  readonly role: Text
  readonly name?: string
  readonly masked?: 'protected'
}

export interface ReportedEntry {
  readonly n: number
  readonly at: string
  readonly type: string
  readonly what: Text
  readonly who: ReportedActor
  /** What the act means, as the entry says it: a code. */
  readonly meaning: string
  readonly outcome: string
  readonly reason?: string
  /** How a person was known when they acted. */
  readonly login?: { readonly acr: string; readonly at: string }
  /** Free text of a decision, where the profile opens it. */
  readonly text?: string
  readonly findings?: readonly ReportedFinding[]
}

export interface ReportedTrail {
  readonly trail: string
  readonly case: string
  readonly achievement: { readonly id: string; readonly version: number; readonly name?: Text }
  readonly level?: string
  readonly holder: { readonly name?: string; readonly masked?: 'protected' | 'profile' }
  readonly entries: readonly ReportedEntry[]
  /** How many things of it are not opened, by reason. */
  readonly withheld: Readonly<Record<string, number>>
  readonly looks: readonly ReportedEntry[]
}

export interface Report {
  readonly v: 'bevis-report/1'
  readonly institution: Text
  readonly log: string
  readonly checkpoint: { readonly size: number; readonly root: string }
  readonly profile: PackageProfile
  readonly trails: readonly ReportedTrail[]
}

export interface TrailMaterial {
  readonly entries: readonly Entry[]
  /** By the pseudonym entries use. */
  readonly people: ReadonlyMap<string, KnownPerson>
  /** Opened free text and findings, by entry. */
  readonly texts: ReadonlyMap<number, string>
  readonly findings: ReadonlyMap<number, readonly ReportedFinding[]>
}

/** Decisions in the institution's name: who made them is told to the one they are about. */
const decisive = ['decision.recorded/1', 'revocation.proposed/1', 'revocation.approved/1', 'revocation.refused/1']

/** Entries as a profile may read them. */
export function reportedEntries(profile: PackageProfile, material: TrailMaterial): ReportedEntry[] {
  const deciders = decidersOf(material.entries)
  return material.entries.map((entry) => {
    const { n, at, type, actor, act } = entry
    const said = { text: material.texts.get(n), findings: material.findings.get(n) }
    return {
      n,
      at,
      type,
      what: sentenceOf(entry),
      who: actorShown(profile, { actor, known: material.people.get(actor.ref), decided: deciders.has(actor.ref) }),
      meaning: act.meaning,
      outcome: act.outcome,
      ...(act.reason === undefined ? {} : { reason: act.reason }),
      ...(actor.authn === undefined
        ? {}
        : { login: { acr: actor.authn.acr, at: secondsAsTime(actor.authn.auth_time) } }),
      ...(said.text === undefined ? {} : { text: plain(said.text) }),
      ...(said.findings === undefined ? {} : { findings: said.findings }),
    }
  })
}

/** Pseudonyms of those who decided in these entries. */
export function decidersOf(entries: readonly Entry[]): ReadonlySet<string> {
  return new Set(entries.filter(({ type }) => decisive.includes(type)).map(({ actor }) => actor.ref))
}

interface Actor {
  readonly actor: Entry['actor']
  readonly known: KnownPerson | undefined
  readonly decided: boolean
}

function actorShown(profile: PackageProfile, { actor, known, decided }: Actor): ReportedActor {
  const { ref, kind, role } = actor
  const base = { ref, kind, role: roleWords(role) }
  if (kind !== 'human' || known === undefined) return base
  const shown = howShown(profile, { isProtected: known.isProtected, isHolder: false, decided })
  if (shown === 'masked') return { ...base, masked: 'protected' }
  return shown === 'named' && known.name !== undefined ? { ...base, name: plain(known.name) } : base
}

export function holderShown(profile: PackageProfile, holder: KnownPerson): ReportedTrail['holder'] {
  const shown = howShown(profile, { isProtected: holder.isProtected, isHolder: true, decided: false })
  if (shown === 'unnamed') return { masked: 'profile' }
  if (shown === 'masked') return { masked: 'protected' }
  return holder.name === undefined ? {} : { name: plain(holder.name) }
}

function secondsAsTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}

/** One line without control or direction marks: nobody writes lines of their own into a report (A9). */
export function plain(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Z}]+/gu, ' ')
    .trim()
}
