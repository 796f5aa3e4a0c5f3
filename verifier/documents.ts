/** Signed documents in a package: the very ones the trail tells of, under a key of the issuer, pointing back at their clearance. */
import { b64url, fromB64url, sha256 } from '#audit/digest.ts'
import { type Entry, parseLeaf } from '#audit/entry.ts'
import { AuditError } from '#audit/errors.ts'
import { verifyTlogProof } from '#audit/judge-checkpoint.ts'
import { isObject } from '#audit/shape.ts'
import { logOf } from '#audit/succession.ts'
import { parseProof } from '#audit/tlog-proof.ts'
import { leafHash } from '#audit/tree.ts'
import { readObject } from '#credentials/bytes.ts'
import { readCompact } from '#credentials/verifying/compact.ts'
import type { Found } from '#credentials/verifying/report.ts'
import { checkSignature, type IssuerJwk } from '#credentials/verifying/signature.ts'
import type { Disclosed } from '#verifier/disclosed.ts'
import type { Material } from '#verifier/material.ts'
import { type Answer, couldNotCheck, failed, few, passed } from '#verifier/report.ts'
import type { Trust } from '#verifier/trust.ts'

const none = couldNotCheck('Underlaget har inga undertecknade handlingar.', 'The package has no signed documents.')
const nothingSigned = passed('Ingenting är undertecknat i ärendet.', 'Nothing was signed in this case.')

interface Ground {
  readonly entries: readonly Entry[]
  readonly opened: Disclosed['opened']
  readonly trust: Trust
}

/** Every document of a trail. */
export async function judgeDocuments(material: Material, trail: string, ground: Ground): Promise<Answer> {
  const start = `trails/${trail}/credentials/`
  const names = material.names.filter((name) => name.startsWith(start))
  const issued = ground.entries.filter(({ type }) => type === 'credential.issued/1')
  if (names.length === 0) return issued.length === 0 ? nothingSigned : none
  const keys = keysIn(await material.read('keys/issuer.jwks.json'))
  const problems = []
  for (const name of names) {
    const jwt = (await material.text(name)) ?? ''
    const problem = await problemOf(jwt, name.slice(start.length), { ...ground, keys })
    if (problem !== undefined) problems.push({ name: name.slice(start.length), problem })
  }
  const wrong = problems.filter(({ problem }) => problem !== 'digest-withheld')
  if (wrong.length > 0) {
    const where = few(wrong.map(({ name, problem }) => `${name}: ${problem}`))
    return failed(`En handling håller inte (${where}).`, `A document does not hold (${where}).`)
  }
  if (problems.length > 0)
    return couldNotCheck(
      'Handlingens kontrollsumma är inte öppnad, så den kan inte knytas till kedjan.',
      'The document’s digest is not disclosed, so it cannot be tied to the trail.',
    )
  if (names.length === 1)
    return passed(
      'Handlingen är den som kedjan berättar om, och dess underskrift håller.',
      'The document is the one the trail tells of, and its signature holds.',
    )
  return passed(
    `${names.length} handlingar är de som kedjan berättar om, och deras underskrifter håller.`,
    `${names.length} documents are those the trail tells of, and their signatures hold.`,
  )
}

function keysIn(bytes: Uint8Array | undefined): readonly IssuerJwk[] {
  const keys = bytes === undefined ? undefined : readObject(bytes)?.['keys']
  return Array.isArray(keys) ? (keys.filter(isObject) as IssuerJwk[]) : []
}

interface ForOne extends Ground {
  readonly keys: readonly IssuerJwk[]
}

async function problemOf(
  jwt: string,
  file: string,
  { entries, opened, trust, keys }: ForOne,
): Promise<string | undefined> {
  const [, id, format] = /^([A-Za-z0-9_-]+)\.([a-z0-9-]+)\.jwt$/.exec(file) ?? []
  const document = readCompact(jwt)
  if (id === undefined || format === undefined) return 'name'
  if (typeof document === 'string') return document
  const entry = entries.find(
    ({ type, data = {} }) =>
      type === 'credential.issued/1' && data['credential'] === id && isIn(data['formats'], format),
  )
  if (entry === undefined) return 'not-in-trail'
  if (entry.data?.['kid'] !== document.header.kid) return 'other-key'
  const resolveKeys = async (): Promise<Found<readonly IssuerJwk[]>> =>
    keys.length === 0 ? { kind: 'unreachable' } : { kind: 'found', value: keys }
  const unsigned = (await checkSignature(jwt, document, resolveKeys)).find(({ outcome }) => outcome !== 'passed')
  if (unsigned !== undefined) return unsigned.id
  const backwards = evidenceProblem(document.payload, { entries, trust })
  if (backwards !== undefined) return backwards
  const committed = (opened.get(entry.n) ?? []).find(({ name }) => name === 'document')
  if (committed === undefined) return 'digest-withheld'
  const payload = fromB64url(jwt.split('.')[1] ?? '')
  return committed.value === b64url(sha256(payload)) ? undefined : 'other-document'
}

function isIn(list: unknown, item: string): boolean {
  return Array.isArray(list) && list.includes(item)
}

/** Evidence points at the clearance in this very trail; a proof of it holds by the verifier's own policy. */
function evidenceProblem(
  payload: Readonly<Record<string, unknown>>,
  { entries, trust }: Pick<Ground, 'entries' | 'trust'>,
): string | undefined {
  const evidence = listOf(payload['evidence']).filter(isObject)
  const reference = evidence.find((item) => item['trailEntry'] !== undefined)
  const clearance = entries.find(({ type, id }) => type === 'issuance.cleared/1' && id === reference?.['trailEntry'])
  if (clearance === undefined || reference?.['trailId'] !== clearance.trail) return 'evidence-elsewhere'
  const proof = evidence.find(isLogEvidence)
  if (proof === undefined) return undefined
  const proved = judgeEvidence(proof, trust)
  if (typeof proved === 'string') return `evidence-${proved}`
  return proved.id === clearance.id && proved.trail === clearance.trail ? undefined : 'evidence-elsewhere'
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** An item of `evidence` that carries a proof. */
export function isLogEvidence(item: Record<string, unknown>): boolean {
  return listOf(item['type']).includes('TransparencyLogEvidence')
}

interface Cleared {
  readonly id: string
  readonly trail: string
  readonly credentials: readonly unknown[]
  readonly index: number
  readonly size: number
  readonly witnesses: readonly string[]
}

/** The clearance that a proof in a credential shows to stand in the log, or why it does not. The leaf travels in the proof's `extra`. */
export function judgeEvidence(item: Record<string, unknown>, { policy }: Pick<Trust, 'policy'>): Cleared | string {
  const { tlogProof: proofText, logOrigin, logIndex } = item
  if (typeof proofText !== 'string') return 'malformed'
  try {
    const { extra: leaf } = parseProof(proofText)
    if (leaf === undefined) return 'leaf-missing'
    const judged = verifyTlogProof(policy, { leafHash: leafHash(leaf), proofText })
    if (!judged.ok) return judged.reason
    const entry = parseLeaf(leaf)
    const { origin, size } = judged.checkpoint
    if (entry.type !== 'issuance.cleared/1' || entry.log !== logOf(origin).log) return 'other-entry'
    if (logOrigin !== origin || logIndex !== judged.index) return 'other-place'
    const witnesses = judged.witnesses.map(({ name }) => name)
    const credentials = listOf(entry.data?.['credentials'])
    return { id: entry.id, trail: entry.trail, credentials, index: judged.index, size, witnesses }
  } catch (error) {
    if (error instanceof AuditError) return error.code
    throw error
  }
}
