/** Row "LoA" and row "identity at the occasion": who it was, at the occasion, at which level. */
import { passed, short, text } from '#domain/gates/finding.ts'
import type { Finding } from '#domain/gates/verdict.ts'
import { type Identified, identifiedAt, type Route } from '#domain/identified.ts'
import { accepted, identityOf, type Plan, reaches } from '#domain/plan.ts'
import type { Loa, Text } from '#domain/words.ts'

export function loaRow(plan: Plan): Finding[] {
  const { rule, demand } = plan.profile.loa
  if (demand.atLeast === 0)
    return [passed(rule, text('Bandet kräver ingen tillitsnivå', 'The band demands no level of assurance'))]
  const found = identifications(plan)
  const weakest = weakestOf(found)
  const missing = text(
    `Tillitsnivå ${demand.atLeast} eller högre vid tillfället, belagd av en källa som får intyga identitet`,
    `LoA ${demand.atLeast} or higher at the occasion, reported by a source that may vouch for identity`,
  )
  if (found.length === 0 || weakest === undefined) {
    const because = text(
      'Ingen räknad identitetskontroll vid tillfället',
      'No identity check that counts at the occasion',
    )
    return [short(rule, { outcome: 'missing', because, missing })]
  }
  const evidence = found.flatMap((one) => (one === undefined ? [] : [one.evidence]))
  const because = describe(weakest)
  if (reaches(plan.profile, weakest)) return [passed(rule, because, evidence)]
  return [short(rule, { outcome: 'missing', because, missing, evidence })]
}

export function identityRow(plan: Plan): Finding[] {
  const { rule, demand, text: says } = plan.profile.identity
  if (demand.ways.length === 0)
    return [passed(rule, text('Bandet kräver ingen identitetskontroll', 'The band demands no identity check'))]
  const found = identifications(plan)
  if (found.length > 0 && found.every((one) => one !== undefined)) {
    return [
      passed(
        rule,
        text('Identiteten kontrollerad på ett godtaget sätt', 'Identity checked in an accepted way'),
        found.map((one) => one.evidence),
      ),
    ]
  }
  const because = text(
    'Identiteten är inte kontrollerad på ett sätt som bandet godtar',
    'Identity was not checked in a way the band accepts',
  )
  return [short(rule, { outcome: 'missing', because, missing: says })]
}

/** What the credential states: the weakest link among the needed sessions, with its route and moment. */
export function credited(plan: Plan): Identified | undefined {
  return weakestOf(identifications(plan))
}

/** One per needed session; undefined where nothing that counts identified the learner. */
function identifications(plan: Plan): (Identified | undefined)[] {
  return plan.route === 'results' ? plan.chosen.map((judged) => identityOf(plan, judged)) : [atTheSession(plan)]
}

/** Without a result the session is the taking part itself; where the band asks for none, the best is still told. */
function atTheSession({ input, facts, profile, participation }: Plan): Identified | undefined {
  if (participation === undefined) return undefined
  const { from, until } = participation
  const all = identifiedAt(input, facts, { profile, session: { from, until } })
  return profile.identity.demand.ways.length === 0 ? all[0] : accepted({ profile }, all)
}

function weakestOf(found: readonly (Identified | undefined)[]): Identified | undefined {
  const known = found.filter((one) => one !== undefined)
  return known.length < found.length ? undefined : known.toSorted((a, b) => a.loa - b.loa)[0]
}

const routes: Readonly<Record<Route, Text>> = {
  'document-on-site': text('identitetshandling kontrollerad på plats', 'document checked on site'),
  'document-video': text('identitetshandling visad på video', 'document shown on video'),
  'document-automatic': text('identitetshandling kontrollerad automatiskt', 'document checked automatically'),
  login: text('inloggning', 'login'),
  roster: text('närvarolista mot inloggning', 'roster against a login'),
}

function describe({ loa, route, at }: { loa: Loa; route: Route; at: string }): Text {
  const day = at.slice(0, 10)
  return text(`Tillitsnivå ${loa}, ${routes[route].sv}, ${day}`, `LoA ${loa}, ${routes[route].en}, ${day}`)
}
