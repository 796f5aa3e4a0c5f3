/** One case's part of an audit package: its entries with their proofs, and of what stands behind them what the reader's profile opens. */
import { canonicalBytes, type Json } from '#audit/canonical.ts'
import { b64url } from '#audit/digest.ts'
import { openDisclosure } from '#audit/disclosure.ts'
import { type Entry, parseLeaf } from '#audit/entry.ts'
import type { TrailLine, WithheldLine } from '#audit/package/manifest.ts'
import { type PackageProfile, type Part, whyClosed } from '#audit/package/profiles.ts'
import {
  decidersOf,
  holderShown,
  type KnownPerson,
  type ReportedFinding,
  type ReportedTrail,
  reportedEntries,
} from '#audit/package/report.ts'
import type { PackageFile } from '#audit/package/zip.ts'
import { tileTree } from '#audit/tile-tree.ts'
import { printProof } from '#audit/tlog-proof.ts'
import { leafHash } from '#audit/tree.ts'
import { actorRef, readDisclosures } from '#db/audit-log.ts'
import { type CaseRow, caseRows } from '#db/cases.ts'
import type { Tx } from '#db/client.ts'
import { credentialsOf, readCredential } from '#db/credentials.ts'
import { humansOf } from '#db/humans.ts'
import { type LoggedEntry, type PublishedCheckpoint, readTileOf } from '#db/log.ts'
import { protectedPersons } from '#db/protection.ts'
import { entriesWithin, personsBehind, type RegisteredPerson, registeredPersons } from '#db/queries/audit-package.ts'
import { type KeptVerdict, keptVerdicts } from '#db/verdicts.ts'
import type { CaseId, PersonId } from '#domain/words.ts'
import { Problem } from '../problem.ts'
import { notInLog, readingRecord } from '../stored-log.ts'
import { type PersonLine, personLines } from './persons.ts'

export interface TrailPart {
  readonly line: TrailLine
  /** Ascending by path. */
  readonly files: readonly PackageFile[]
  readonly withheld: readonly WithheldLine[]
  /** Digests of the rules it was judged by. */
  readonly rules: readonly string[]
  readonly report: ReportedTrail
  readonly persons: ReadonlyMap<string, PersonLine>
  /** Positions in the log. */
  readonly indexes: readonly number[]
}

export interface Scope {
  readonly profile: PackageProfile
  readonly checkpoint: PublishedCheckpoint
}

/** @throws Problem `not_found`, `not_in_log_yet`, `log_frozen`, `record_damaged` */
export async function trailPart(tx: Tx, id: CaseId, scope: Scope): Promise<TrailPart> {
  const [row] = await caseRows(tx, [id])
  if (row === undefined) throw new Problem('not_found')
  return readingRecord(`trails/${row.trail}`, () => partOf(tx, row, scope))
}

async function partOf(tx: Tx, row: CaseRow, scope: Scope): Promise<TrailPart> {
  const logged = await entriesWithin(tx, row.trail, scope.checkpoint.size)
  const last = logged.at(-1)
  if (last === undefined) throw await notInLog(tx)
  const entries = logged.map(({ leaf }) => parseLeaf(leaf))
  const opening = new Opening({
    ...scope,
    row,
    entries,
    holder: await holderOf(tx, row),
    hidden: await protectedPersons(tx),
  })
  await opening.disclosures(tx)
  await opening.verdicts(tx)
  await opening.credentials(tx)
  const people = await personsBehind(tx, humanRefs(entries))
  const files = [...(await entryFiles(tx, `trails/${row.trail}`, logged, scope.checkpoint)), ...opening.files]
  return {
    line: { trail: row.trail, case: row.id, entries: logged.length, head: b64url(leafHash(last.leaf)) },
    files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    withheld: opening.withheld,
    rules: [...opening.rules],
    report: opening.report(people),
    persons: personLines(scope.profile, {
      people,
      holder: opening.holder,
      named: await namedIn(tx, opening),
      deciders: decidersOf(entries),
    }),
    indexes: logged.map(({ index }) => index),
  }
}

/** Leaf and proof of entries, under a folder. */
export async function entryFiles(
  tx: Tx,
  folder: string,
  logged: readonly LoggedEntry[],
  { size, note }: PublishedCheckpoint,
): Promise<PackageFile[]> {
  const tree = tileTree(readTileOf(tx))
  const files: PackageFile[] = []
  for (const { n, index, leaf } of logged) {
    const path = await readingRecord(`${folder}/${numbered(n)}.tlog-proof`, () => tree.inclusion(index, size))
    const proof = printProof({ index, path, checkpoint: note })
    files.push({ path: `${folder}/${numbered(n)}.json`, bytes: leaf })
    files.push({ path: `${folder}/${numbered(n)}.tlog-proof`, bytes: Buffer.from(proof) })
  }
  return files
}

export function numbered(n: number): string {
  return String(n).padStart(4, '0')
}

function humanRefs(entries: readonly Entry[]): string[] {
  return [...new Set(entries.filter(({ actor }) => actor.kind === 'human').map(({ actor }) => actor.ref))]
}

async function holderOf(tx: Tx, { person }: CaseRow): Promise<RegisteredPerson> {
  return (await registeredPersons(tx, [person])).get(person) ?? { id: person, protected: undefined }
}

/** Persons named by id in opened inputs, with what the log calls them where entries do. */
async function namedIn(
  tx: Tx,
  { entries, inputPersons }: Opening,
): Promise<readonly (RegisteredPerson & { ref?: string })[]> {
  const refs = new Set(humanRefs(entries))
  const known = await registeredPersons(tx, [...inputPersons])
  return [...known.values()].map((person) => {
    const ref = actorRef(tx.keys, tx.institution, person.id)
    return refs.has(ref) ? { ...person, ref } : person
  })
}

interface Concerned extends Scope {
  readonly row: CaseRow
  readonly entries: readonly Entry[]
  readonly holder: RegisteredPerson
  /** Everybody protected. */
  readonly hidden: ReadonlySet<PersonId>
}

/** Opens what the profile may see, and keeps a line of everything else. */
class Opening {
  readonly files: PackageFile[] = []
  readonly withheld: WithheldLine[] = []
  readonly rules: Set<string>
  readonly holder: RegisteredPerson
  readonly entries: readonly Entry[]
  /** Persons that opened inputs name by id. */
  readonly inputPersons = new Set<PersonId>()
  readonly #row: CaseRow
  readonly #profile: PackageProfile
  readonly #texts = new Map<number, string>()
  readonly #findings = new Map<number, readonly ReportedFinding[]>()
  readonly #folder: string
  readonly #hidden: ReadonlySet<PersonId>

  constructor({ row, entries, holder, profile, hidden }: Concerned) {
    this.#hidden = hidden
    this.#row = row
    this.#profile = profile
    this.#folder = `trails/${row.trail}`
    this.holder = holder
    this.entries = entries
    const named = entries.flatMap(({ proc }) => /@sha256:(.+)$/.exec(proc?.policy ?? '')?.[1] ?? [])
    this.rules = new Set([...named, ...(row.frozenDigest === undefined ? [] : [row.frozenDigest])])
  }

  async disclosures(tx: Tx): Promise<void> {
    const humans = (await humansOf(tx, [this.#row.person])).get(this.#row.person) ?? [this.#row.person]
    const kept = new Map(
      (await readDisclosures(tx, this.#row.trail, humans)).map(({ digest, disclosure }) => [digest, disclosure]),
    )
    const opened: Record<string, string[]> = {}
    for (const { n, _sd: digests = [] } of this.entries) {
      const texts = digests.flatMap((digest) => this.#openOne(n, { digest, disclosure: kept.get(digest) }) ?? [])
      if (texts.length > 0) opened[String(n)] = texts
    }
    if (Object.keys(opened).length > 0) this.#add('disclosures.json', canonicalBytes(opened))
  }

  #openOne(n: number, { digest, disclosure }: { digest: string; disclosure: string | undefined }): string | undefined {
    if (disclosure === undefined) {
      this.#withhold(n, { digest, why: 'erased' })
      return undefined
    }
    const found = openDisclosure(disclosure, [digest])
    const name = found.kind === 'opened' ? found.name : ''
    const why = whyClosed(this.#profile, name, { isProtected: this.#isMarked() })
    if (why !== undefined) this.#withhold(n, { digest, why, ...(name === '' ? {} : { part: name }) })
    else if (name === 'detail' && found.kind === 'opened') this.#texts.set(n, textOf(found.value))
    return why === undefined ? disclosure : undefined
  }

  async verdicts(tx: Tx): Promise<void> {
    const numbers = new Map(this.entries.map(({ id, n }) => [id, n]))
    for (const kept of await keptVerdicts(tx, this.#row.id, this.#row.person)) {
      const n = numbers.get(kept.entry)
      if (n !== undefined) this.#verdict(n, kept)
    }
  }

  #verdict(n: number, { verdict, extra, input }: KeptVerdict): void {
    const read = input === undefined ? undefined : inputOf(input.bytes)
    const isHidden = ({ id, protected: mark }: { id: PersonId; protected: boolean }) => mark || this.#hidden.has(id)
    const isProtected = this.#isMarked() || read?.persons.some(isHidden) === true
    if (read !== undefined) this.rules.add(read.rules)
    const closed = (part: Part) => whyClosed(this.#profile, part, { isProtected })
    const why = closed('inputs') ?? (input === undefined ? 'erased' : undefined)
    if (why !== undefined) this.#withhold(n, { part: 'inputs', why })
    else if (input !== undefined) {
      this.#add(`inputs/${numbered(n)}.json`, input.bytes)
      this.#add(`inputs/${numbered(n)}.salt`, Buffer.from(b64url(input.salt)))
      for (const { id } of read?.persons ?? []) this.inputPersons.add(id)
    }
    const because = closed('verdicts')
    if (because !== undefined) return this.#withhold(n, { part: 'verdicts', why: because })
    this.#add(
      `verdicts/${numbered(n)}.json`,
      canonicalBytes({ verdict, extra }, { numbers: 'finite', nulls: 'allowed' }),
    )
    this.#findings.set(n, verdict.findings.map(findingOf))
  }

  async credentials(tx: Tx): Promise<void> {
    // Whom the register does not know counts as protected: a name shown by mistake cannot be taken back.
    const isProtected = this.holder.protected !== false
    for (const { id, format } of await credentialsOf(tx, [this.#row.id])) {
      const issued = this.entries.find(
        ({ type, data }) => type === 'credential.issued/1' && data?.['credential'] === id,
      )
      if (issued === undefined) continue
      const compact = await readCredential(tx, { id, format, subject: this.#row.person })
      const why =
        whyClosed(this.#profile, 'credentials', { isProtected }) ?? (compact === undefined ? 'erased' : undefined)
      if (why !== undefined) this.#withhold(issued.n, { part: 'credentials', why })
      else this.#add(`credentials/${id}.${format}.jwt`, Buffer.from(compact ?? ''))
    }
  }

  report(people: ReadonlyMap<string, RegisteredPerson>): ReportedTrail {
    const { id, trail, achievement, achievementVersion, frozen, level } = this.#row
    const shown = new Map([...people].map(([ref, person]) => [ref, knownOf(person)]))
    return {
      trail,
      case: id,
      achievement: {
        id: achievement,
        version: achievementVersion,
        ...(frozen === undefined ? {} : { name: { ...frozen.achievement.name } }),
      },
      ...(level === undefined ? {} : { level }),
      holder: holderShown(this.#profile, knownOf(this.holder)),
      entries: reportedEntries(this.#profile, {
        entries: this.entries,
        people: shown,
        texts: this.#texts,
        findings: this.#findings,
      }),
      withheld: countsOf(this.withheld),
      looks: [],
    }
  }

  #isMarked(): boolean {
    return this.holder.protected === true
  }

  #add(name: string, bytes: Uint8Array): void {
    this.files.push({ path: `${this.#folder}/${name}`, bytes })
  }

  /** Once: two formats of one document are one thing withheld. */
  #withhold(n: number, line: Omit<WithheldLine, 'trail' | 'n'>): void {
    const is = (one: WithheldLine) => one.n === n && one.part === line.part && one.digest === line.digest
    if (!this.withheld.some(is)) this.withheld.push({ trail: this.#row.trail, n, ...line })
  }
}

/** Unknown counts as protected. */
export function knownOf({ name, protected: mark }: RegisteredPerson): KnownPerson {
  return { isProtected: mark !== false, ...(name === undefined ? {} : { name }) }
}

/** Of an input what is needed to pass it on. */
function inputOf(bytes: Uint8Array): { rules: string; persons: readonly { id: PersonId; protected: boolean }[] } {
  const { rules, register } = JSON.parse(Buffer.from(bytes).toString()) as {
    rules: string
    register: { persons: { id: PersonId; protected: boolean }[] }
  }
  return { rules, persons: register.persons }
}

function findingOf({ rule, outcome, because, missing }: KeptVerdict['verdict']['findings'][number]): ReportedFinding {
  return { rule, outcome, because: { ...because }, ...(missing === undefined ? {} : { missing: { ...missing } }) }
}

/** The words of a decision's detail, without its codes. */
function textOf(detail: Json): string {
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return ''
  const { text, items } = detail as { readonly text?: Json; readonly items?: Json }
  const parts = [text, ...(Array.isArray(items) ? items : [])]
  return parts.filter((part): part is string => typeof part === 'string').join('; ')
}

function countsOf(lines: readonly WithheldLine[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { why } of lines) counts[why] = (counts[why] ?? 0) + 1
  return counts
}
