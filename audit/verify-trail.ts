/** Checks a whole trail from its bytes alone, with no database; without it "tamper-evident" would be a claim of ours, not a test of yours. */
import { b64url } from '#audit/digest.ts'
import { type Entry, genesis } from '#audit/entry.ts'
import { typeProblem } from '#audit/entry-types.ts'
import { readLeaf } from '#audit/read-leaf.ts'
import { leafHash } from '#audit/tree.ts'

export type CheckOutcome = 'passed' | 'failed' | 'could-not-check'

export interface TrailCheck {
  readonly id: 'canonical' | 'identity' | 'sequence' | 'chain' | 'seals' | 'unique' | 'types' | 'time' | 'completeness'
  readonly outcome: CheckOutcome
  readonly because: { readonly sv: string; readonly en: string }
}

/** What a caller knows from elsewhere; each member left out is something the trail alone cannot prove. */
export interface TrailExpectation {
  readonly log?: string
  readonly trail?: string
  /** Number of entries and base64url leaf hash of the last one, from a seal, a checkpoint or the database's head row. */
  readonly head?: { readonly n: number; readonly hash: string }
}

export interface TrailReport {
  readonly outcome: CheckOutcome
  readonly checks: readonly TrailCheck[]
  /** Entries that could be read, in the order given. */
  readonly entries: readonly Entry[]
}

interface Link {
  readonly entry: Entry
  readonly hash: string
}

type Answer = Pick<TrailCheck, 'outcome' | 'because'>

/**
 * Judges leaves in trail order (audit-log §7, §8). The whole passes only when every check passes; without an expected head
 * completeness could not be checked, because a trail cut off at its end looks like a shorter trail.
 */
export function verifyTrail(leaves: readonly Uint8Array[], expected: TrailExpectation = {}): TrailReport {
  const { links, broken } = read(leaves)
  const whole = leaves.length > 0 && broken.length === 0
  const over = (judge: (links: readonly Link[]) => Answer): Answer => (whole ? judge(links) : unread)
  const checks: TrailCheck[] = [
    { id: 'canonical', ...canonical(leaves.length, broken) },
    { id: 'identity', ...over((all) => sameIdentity(all, expected)) },
    { id: 'sequence', ...over(sequence) },
    { id: 'chain', ...over(chain) },
    { id: 'seals', ...over(seals) },
    { id: 'unique', ...over(unique) },
    { id: 'types', ...over(types) },
    { id: 'time', ...over(time) },
    { id: 'completeness', ...over((all) => completeness(all, expected)) },
  ]
  return { outcome: worst(checks), checks, entries: links.map((link) => link.entry) }
}

const unread: Answer = answer('could-not-check', 'Alla poster kunde inte läsas.', 'Not every entry could be read.')

function answer(outcome: CheckOutcome, sv: string, en: string): Answer {
  return { outcome, because: { sv, en } }
}

function worst(checks: readonly TrailCheck[]): CheckOutcome {
  if (checks.some((check) => check.outcome === 'failed')) return 'failed'
  return checks.every((check) => check.outcome === 'passed') ? 'passed' : 'could-not-check'
}

function read(leaves: readonly Uint8Array[]): { links: Link[]; broken: number[] } {
  const links: Link[] = []
  const broken: number[] = []
  for (const [index, leaf] of leaves.entries()) {
    const entry = readLeaf(leaf)
    if (entry === undefined) broken.push(index + 1)
    else links.push({ entry, hash: b64url(leafHash(leaf)) })
  }
  return { links, broken }
}

/** leaf == JCS(parse(leaf)) and a well-formed envelope. */
function canonical(count: number, broken: readonly number[]): Answer {
  if (count === 0) return answer('could-not-check', 'Kedjan har inga poster.', 'The trail has no entries.')
  if (broken.length > 0)
    return answer(
      'failed',
      `Post ${broken.join(', ')} är inte kanonisk.`,
      `Entry ${broken.join(', ')} is not canonical.`,
    )
  return count === 1
    ? answer('passed', 'Posten har en enda läsart.', 'The entry has exactly one reading.')
    : answer('passed', `Alla ${count} poster har en enda läsart.`, `All ${count} entries have exactly one reading.`)
}

/** Every entry names one log and one trail, those that were asked for. */
function sameIdentity(links: readonly Link[], expected: TrailExpectation): Answer {
  const log = expected.log ?? links[0]?.entry.log
  const trail = expected.trail ?? links[0]?.entry.trail
  const foreign = links.findIndex(({ entry }) => entry.log !== log || entry.trail !== trail)
  return foreign < 0
    ? answer('passed', 'Alla poster hör till samma logg och kedja.', 'All entries belong to the same log and trail.')
    : answer('failed', `Post ${foreign + 1} hör till en annan kedja.`, `Entry ${foreign + 1} belongs to another trail.`)
}

function sequence(links: readonly Link[]): Answer {
  const gap = links.findIndex(({ entry }, index) => entry.n !== index + 1)
  return gap < 0
    ? answer('passed', 'Numreringen har inga luckor.', 'The numbering has no gaps.')
    : answer('failed', `Numreringen bryts vid plats ${gap + 1}.`, `The numbering breaks at position ${gap + 1}.`)
}

/** Every link against its own predecessor's bytes, never only the ends (audit-log §2, immudb). */
function chain(links: readonly Link[]): Answer {
  const broken = links.findIndex(({ entry }, index) => entry.prev !== (links[index - 1]?.hash ?? genesisOf(entry)))
  return broken < 0
    ? answer('passed', 'Varje post binder den föregående.', 'Every entry binds the one before it.')
    : answer(
        'failed',
        `Post ${broken + 1} binder inte den föregående.`,
        `Entry ${broken + 1} does not bind the one before it.`,
      )
}

function genesisOf(entry: Entry): string {
  return b64url(genesis(entry.log, entry.trail))
}

/** With which entries a case ends. */
const ends = new Set(['case.issued/1', 'case.recorded/1', 'case.refused/1', 'case.withdrawn/1'])

/** A seal tells what stands before it, and an ended case ends in one: a trail cut short before its seal shows (audit-log §7.1). */
function seals(links: readonly Link[]): Answer {
  const wrong = links.findIndex(({ entry }) => isSeal(entry) && !isTrueSeal(entry))
  if (wrong >= 0) {
    return answer(
      'failed',
      `Förseglingen i post ${wrong + 1} stämmer inte med det som står före den.`,
      `The seal in entry ${wrong + 1} does not fit what stands before it.`,
    )
  }
  const last = links.at(-1)?.entry
  if (last !== undefined && isSeal(last)) {
    return answer('passed', `Kedjan är förseglad vid post ${last.n}.`, `The trail is sealed at entry ${last.n}.`)
  }
  return links.some(({ entry }) => ends.has(entry.type))
    ? answer(
        'could-not-check',
        'Ärendet är avslutat men kedjan slutar utan försegling: avkortad, eller äldre än förseglingarna.',
        'The case has ended, but its trail ends without a seal: cut short, or older than seals.',
      )
    : answer('passed', 'Kedjan är inte förseglad än.', 'The trail is not sealed yet.')
}

function isSeal({ type }: Entry): boolean {
  return type === 'trail.sealed/1'
}

function isTrueSeal({ n, prev, data }: Entry): boolean {
  return data?.['count'] === n - 1 && data['head'] === prev
}

function unique(links: readonly Link[]): Answer {
  return new Set(links.map(({ entry }) => entry.id)).size === links.length
    ? answer('passed', 'Inget steg står två gånger.', 'No step stands twice.')
    : answer('failed', 'Samma steg står två gånger.', 'The same step stands twice.')
}

/** A known type with the members and actor it demands; an unknown one is for a newer verifier to judge. */
function types(links: readonly Link[]): Answer {
  const problems = links.map(({ entry }) => typeProblem(entry))
  const wrong = problems.findIndex((problem) => problem !== undefined && problem !== 'unknown-type')
  if (wrong >= 0) {
    return answer(
      'failed',
      `Post ${wrong + 1} saknar det dess typ kräver (${problems[wrong]}).`,
      `Entry ${wrong + 1} lacks what its type demands (${problems[wrong]}).`,
    )
  }
  const unknown = problems.indexOf('unknown-type')
  return unknown < 0
    ? answer('passed', 'Alla posttyper är kända och fullständiga.', 'All entry types are known and complete.')
    : answer(
        'could-not-check',
        `Post ${unknown + 1} har en typ som denna version inte känner.`,
        `Entry ${unknown + 1} has a type this version does not know.`,
      )
}

/** Database times never go back: a sign of a backdated entry or a turned clock, though no proof without anchors (audit-log §8). */
function time(links: readonly Link[]): Answer {
  const back = links.findIndex(({ entry }, index) => entry.at < (links[index - 1]?.entry.at ?? entry.at))
  return back < 0
    ? answer('passed', 'Tiden går aldrig bakåt.', 'Time never goes back.')
    : answer('failed', `Tiden går bakåt vid post ${back + 1}.`, `Time goes back at entry ${back + 1}.`)
}

function completeness(links: readonly Link[], { head }: TrailExpectation): Answer {
  if (head === undefined) {
    return answer(
      'could-not-check',
      'Utan känt slut syns det inte om kedjan är avkortad.',
      'Without a known end it cannot be seen whether the trail was cut short.',
    )
  }
  return links.length === head.n && links.at(-1)?.hash === head.hash
    ? answer(
        'passed',
        `Kedjan slutar där den ska, vid post ${head.n}.`,
        `The trail ends where it should, at entry ${head.n}.`,
      )
    : answer('failed', `Kedjan skulle ha slutat vid post ${head.n}.`, `The trail should have ended at entry ${head.n}.`)
}
