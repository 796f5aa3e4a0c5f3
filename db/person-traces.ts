/** What names a person outside the rows that belong to one: letters that were not accepted, answers kept for a day. Without it they would outlive an erasure. */
import { and, asc, eq, gt, isNotNull } from 'drizzle-orm'
import { hex } from '#audit/digest.ts'
import { among, type Tx } from '#db/client.ts'
import { institutionCipher, referenceDigest } from '#db/crypto.ts'
import { type EvidenceRow, evidenceAbout } from '#db/evidence.ts'
import { eventKey } from '#db/ids.ts'
import { personalOf } from '#db/people.ts'
import { deadLetter } from '#db/schema/cases.ts'
import { personReference } from '#db/schema/register.ts'
import { keptRequest } from '#db/schema/requests.ts'
import type { CaseId, PersonId } from '#domain/words.ts'

/** By what a person is recognised in bytes. */
export interface Marks {
  /** Digests of references, hexadecimal. */
  readonly references: ReadonlySet<string>
  /** Keys of the events about the person, hexadecimal. */
  readonly events: ReadonlySet<string>
  /** Names, identifiers and case ids as they are written. */
  readonly words: readonly string[]
}

/** Shorter words would be found in what is about others. */
const shortestWord = 6

/** Reads the person's own facts, so it must run before they go. */
export async function marksOf(tx: Tx, persons: readonly PersonId[], cases: readonly CaseId[]): Promise<Marks> {
  const [facts, references, personal] = await Promise.all([
    evidenceAbout(tx, { persons, withdrawn: true }),
    tx.orm
      .select({ reference: personReference.reference })
      .from(personReference)
      .where(and(eq(personReference.institution, tx.institution), among(personReference.person, persons))),
    personalOf(tx, persons),
  ])
  const digests = new Set(references.map(({ reference }) => hex(reference)))
  const names = [...personal.values()].flatMap(({ name }) => name ?? [])
  const own = facts.flatMap((fact) => referencesIn(fact.body.event).filter((ref) => digests.has(digestOf(tx, ref))))
  const words = [...names, ...own.map(({ value }) => value), ...cases].filter((word) => word.length >= shortestWord)
  return {
    references: digests,
    events: new Set(facts.map((fact: EvidenceRow) => hex(fact.eventKey))),
    words: [...new Set(words)],
  }
}

/** Ids of the dead letters that name the person, however broken they are; `digest` recognises the same message in the stream. */
export async function lettersNaming(tx: Tx, marks: Marks): Promise<{ id: string; code: string; digest: string }[]> {
  const cipher = institutionCipher(tx.keys, tx.institution)
  const found: { id: string; code: string; digest: string }[] = []
  for (let last = ''; ; ) {
    const rows = await tx.orm
      .select({ id: deadLetter.id, code: deadLetter.code, digest: deadLetter.digest, payload: deadLetter.payload })
      .from(deadLetter)
      .where(and(eq(deadLetter.institution, tx.institution), gt(deadLetter.id, last)))
      .orderBy(asc(deadLetter.id))
      .limit(pageSize)
    for (const { id, code, digest, payload } of rows) {
      if (names(tx, marks, Buffer.from(cipher.open(id, payload)).toString()))
        found.push({ id, code, digest: hex(digest) })
    }
    last = rows.at(-1)?.id ?? ''
    if (rows.length < pageSize) return found
  }
}

/** Kept answers that name the person or a case, by id in hexadecimal. */
export async function answersNaming(tx: Tx, marks: Marks): Promise<string[]> {
  const cipher = institutionCipher(tx.keys, tx.institution)
  const rows = await tx.orm
    .select({ id: keptRequest.id, answer: keptRequest.answer })
    .from(keptRequest)
    .where(and(eq(keptRequest.institution, tx.institution), isNotNull(keptRequest.answer)))
  return rows.flatMap(({ id, answer }) => {
    const purpose = `answer/${Buffer.from(id).toString('base64url')}`
    return answer !== null && quotes(marks, Buffer.from(cipher.open(purpose, answer)).toString()) ? [hex(id)] : []
  })
}

const pageSize = 500

function names(tx: Tx, marks: Marks, payload: string): boolean {
  return quotes(marks, payload) || isAbout(tx, marks, payload)
}

function isAbout(tx: Tx, marks: Marks, payload: string): boolean {
  const event = parsed(payload)
  if (event === undefined) return false
  const { source, id } = event as { readonly source?: unknown; readonly id?: unknown }
  const isOne =
    typeof source === 'string' && typeof id === 'string' && marks.events.has(hex(eventKey(tx.institution, source, id)))
  return isOne || referencesIn(event).some((ref) => marks.references.has(digestOf(tx, ref)))
}

function parsed(payload: string): object | undefined {
  try {
    const value: unknown = JSON.parse(payload)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** As a whole word: `N-1001` is not `N-10011`. */
function quotes({ words }: Marks, payload: string): boolean {
  return words.some((word) => {
    for (let at = payload.indexOf(word); at >= 0; at = payload.indexOf(word, at + 1)) {
      const around = [payload[at - 1], payload[at + word.length]]
      if (around.every((one) => one === undefined || !/[\p{L}\p{N}_-]/u.test(one))) return true
    }
    return false
  })
}

interface Reference {
  readonly scheme: string
  readonly value: string
}

/** References in bytes that need not be an event: what has the shape of one, and none where they are no JSON. */
export function referencesInBytes(payload: Uint8Array): Reference[] {
  return referencesIn(parsed(Buffer.from(payload).toString()))
}

/** Everything that looks like a reference, wherever it stands; a refused event need not be well formed. */
function referencesIn(value: unknown): Reference[] {
  if (typeof value !== 'object' || value === null) return []
  const { scheme, value: told } = value as { readonly scheme?: unknown; readonly value?: unknown }
  const own = typeof scheme === 'string' && typeof told === 'string' ? [{ scheme, value: told }] : []
  return [...own, ...Object.values(value).flatMap(referencesIn)]
}

function digestOf(tx: Tx, reference: Reference): string {
  return hex(referenceDigest(tx.keys, tx.institution, reference))
}
