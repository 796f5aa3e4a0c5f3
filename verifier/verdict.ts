/** What the checks come to: one outcome, one sentence that claims nothing that was not checked, and how far it reaches. */
import { openings, type PackageProfile } from '#audit/package/profiles.ts'
import type { Text } from '#domain/words.ts'
import { type Demanded, isDemanded, ofJudgement } from '#verifier/demand.ts'
import { type Check, type CheckId, few, type PackageReport, type TrailReport, text } from '#verifier/report.ts'
import type { Trust } from '#verifier/trust.ts'

interface Made {
  readonly checks: readonly Check[]
  readonly trails: readonly TrailReport[]
  readonly trust: Trust
  /** What the package says of itself and what is demanded of it; absent where its manifest cannot be read. */
  readonly stated?: PackageProfile
  readonly demanded?: Demanded
}

export function reportOf({ checks, trails, trust, stated, demanded }: Made): PackageReport {
  const told = { checks, trails, ...(demanded === undefined ? {} : { demanded }) }
  const all = [...checks, ...trails.flatMap((trail) => trail.checks)]
  const broken = all.find(({ outcome }) => outcome === 'failed')
  if (broken !== undefined) {
    const { sv, en } = broken.because
    return {
      outcome: 'failed',
      verdict: text(`Underlaget håller inte. ${sv}`, `The package does not hold. ${en}`),
      ...told,
    }
  }
  const open = all.filter(({ outcome }) => outcome === 'could-not-check')
  const lacking = open.find((check) => isDemanded(check, trust, demanded))
  if (lacking !== undefined) return { outcome: 'could-not-check', verdict: unsure(lacking, stated, demanded), ...told }
  const isJudged = all.some(({ id }) => id === 'replay')
  return { outcome: 'passed', ...holding(open, { stated, isJudged }), ...told }
}

function unsure({ because: { sv, en } }: Check, stated?: PackageProfile, demanded?: Demanded): Text {
  const more =
    demanded?.by === 'verifier' && stated !== undefined && stated !== demanded.profile
      ? text(
          ` Underlaget säger sig vara gjort för profilen ${stated}, och du kräver ${demanded.profile}.`,
          ` The package says it is of profile ${stated}, and you demand ${demanded.profile}.`,
        )
      : text('', '')
  return text(`Allt kunde inte kontrolleras. ${sv}${more.sv}`, `Not everything could be checked. ${en}${more.en}`)
}

/** Checks without which the rest can still be called genuine. */
const besides: ReadonlySet<CheckId> = new Set(['documents', 'anchors', 'brackets'])

interface Held {
  readonly stated: PackageProfile | undefined
  /** False of a whole log, which has no cases. */
  readonly isJudged: boolean
}

function holding(open: readonly Check[], { stated, isJudged }: Held): Pick<PackageReport, 'shows' | 'verdict'> {
  const rest = open.filter(({ id }) => !ofJudgement.has(id))
  const more = unmade(rest.length)
  const basic = [...new Set(rest.flatMap(({ id }) => (besides.has(id) ? [] : [id])))]
  if (basic.length > 0) {
    const names = few(basic)
    const sv = `Det som är kontrollerat håller. Du klarar dig utan: ${names}.`
    return { shows: 'part', verdict: text(sv, `What was checked holds. You can do without: ${names}.`) }
  }
  if (rest.length === open.length) {
    const sv = `Underlaget är äkta och oförändrat.${more.sv}`
    const en = `The package is genuine and unchanged.${more.en}`
    return { shows: isJudged ? 'judgements' : 'entries', verdict: text(sv, en) }
  }
  const words = unshown(open, stated)
  const sv = `Varje post är äkta och oförändrad, men ${words.sv}.${more.sv}`
  const en = `Every entry is genuine and unchanged, but ${words.en}.${more.en}`
  return { shows: 'entries', verdict: text(sv, en) }
}

function unmade(count: number): Text {
  if (count === 0) return text('', '')
  return count === 1
    ? text(' En kontroll kunde inte göras.', ' One check could not be made.')
    : text(` ${count} kontroller kunde inte göras.`, ` ${count} checks could not be made.`)
}

function unshown(open: readonly Check[], stated: PackageProfile | undefined): Text {
  const lacking = [
    ['replay', text('grindarna är inte prövade på nytt', 'the gates were not judged again')],
    ['separation', text('åtskillnaden är inte granskad', 'separation of duties was not examined')],
  ] as const
  const told = lacking.flatMap(([id, words]) => (open.some((check) => check.id === id) ? [words] : []))
  const why =
    stated !== undefined && !openings[stated].opens.includes('inputs')
      ? text(`profilen ${stated} håller inne det som krävs`, `profile ${stated} withholds what that takes`)
      : text('det som krävs är inte i underlaget', 'what that takes is not in the package')
  return text(
    `${told.map(({ sv }) => sv).join(' och ')}: ${why.sv}`,
    `${told.map(({ en }) => en).join(' and ')}: ${why.en}`,
  )
}
