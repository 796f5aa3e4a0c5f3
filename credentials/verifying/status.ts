/** Is the credential still standing? Asked of the issuer's signed list; a list that cannot be trusted is never read as "yes". */
import { isObject } from '#credentials/bytes.ts'
import { lastUsed } from '#credentials/last-used.ts'
import { bitAt, decodeBits } from '#credentials/status/bitstring.ts'
import { judgeClaims, judgeValidity } from '#credentials/verifying/claims.ts'
import { type CompactDocument, readCompact } from '#credentials/verifying/compact.ts'
import { type Answer, type Check, couldNotCheck, type Found, failed, passed } from '#credentials/verifying/report.ts'
import { checkListSignature, type ResolveKeys } from '#credentials/verifying/signature.ts'

/** The compact JWS served at a list's URL. */
export type ResolveStatusList = (url: string) => Promise<Found<string>>

export interface StatusContext {
  readonly resolveKeys: ResolveKeys
  readonly resolveStatusList: ResolveStatusList
  readonly now: string
}

interface Entry {
  readonly purpose: string
  readonly index: number
  readonly url: string
}

/** One list stands behind a hundred thousand credentials: read and unpacked once, judged each time. */
const readList = lastUsed(16, readCompact)
const unpackedOnce = lastUsed(16, decodeBits)

const unasked = couldNotCheck('Statuslistan kunde inte användas.', 'The status list could not be used.')

/** `status-list` (may the list be believed?) and `status` (what does it say?), by Bitstring Status List 1.0 §3.2. */
export async function checkStatus(document: CompactDocument, context: StatusContext): Promise<readonly Check[]> {
  const entry = readEntry(document.payload['credentialStatus'])
  if (typeof entry === 'string') {
    const answer =
      entry === 'absent'
        ? couldNotCheck('Beviset anger ingen status att fråga efter.', 'The credential names no status to ask for.')
        : failed('Statusuppgiften är felaktig.', 'The status entry is malformed.')
    return both(answer, answer)
  }
  const fetched = await context.resolveStatusList(entry.url)
  if (fetched.kind !== 'found') {
    return both(couldNotCheck('Statuslistan gick inte att hämta.', 'The status list could not be fetched.'), unasked)
  }
  const list = readList(fetched.value)
  if (typeof list === 'string')
    return both(failed('Statuslistan är felaktig.', 'The status list is malformed.'), unasked)
  const trust = await judgeList({ jwt: fetched.value, list, entry, issuer: document.issuer }, context)
  return trust.outcome === 'passed' ? both(trust, await judgeBit(list, entry)) : both(trust, unasked)
}

function both(list: Answer, status: Answer): readonly Check[] {
  return [
    { id: 'status-list', ...list },
    { id: 'status', ...status },
  ]
}

/** Exactly one entry (standards §1.3), with a decimal index as text; `malformed` or `absent` otherwise. */
function readEntry(value: unknown): Entry | 'absent' | 'malformed' {
  if (value === undefined) return 'absent'
  if (!isObject(value) || value['type'] !== 'BitstringStatusListEntry') return 'malformed'
  const { statusPurpose: purpose, statusListIndex: index, statusListCredential: url } = value
  if (typeof purpose !== 'string' || typeof url !== 'string' || value['id'] === url) return 'malformed'
  if (value['statusSize'] !== undefined && value['statusSize'] !== 1) return 'malformed'
  if (typeof index !== 'string' || !/^(0|[1-9]\d{0,9})$/.test(index)) return 'malformed'
  return { purpose, index: Number(index), url }
}

interface ListToJudge {
  readonly jwt: string
  readonly list: CompactDocument
  readonly entry: Entry
  readonly issuer: string
}

/** The list is the one that was named, by the credential's own issuer, for this purpose, signed, and not outdated. */
async function judgeList({ jwt, list, entry, issuer }: ListToJudge, context: StatusContext): Promise<Answer> {
  const subject = list.payload['credentialSubject']
  const types = list.payload['type']
  if (list.payload['id'] !== entry.url || !Array.isArray(types) || !types.includes('BitstringStatusListCredential')) {
    return failed('Det är inte den angivna statuslistan.', 'It is not the status list that was named.')
  }
  if (list.issuer !== issuer) {
    return failed('Statuslistan har en annan utfärdare.', 'The status list has another issuer.')
  }
  if (!isObject(subject) || subject['type'] !== 'BitstringStatusList' || subject['statusPurpose'] !== entry.purpose) {
    return failed('Statuslistan har ett annat ändamål.', 'The status list has another purpose.')
  }
  const signature = await checkListSignature(jwt, list, context.resolveKeys)
  const weak = signature.find((check) => check.outcome !== 'passed')
  if (weak !== undefined) return { outcome: weak.outcome, because: weak.because }
  const claims = judgeClaims(list)
  if (claims.outcome !== 'passed') return claims
  // An outdated list proves nothing against the credential: it only says nothing about today.
  return judgeValidity(list, context.now).outcome === 'passed'
    ? passed('Statuslistan är utfärdarens och aktuell.', 'The status list is the issuer’s and current.')
    : couldNotCheck('Statuslistan är inte aktuell.', 'The status list is not current.')
}

async function judgeBit(list: CompactDocument, { index, purpose }: Entry): Promise<Answer> {
  const subject = list.payload['credentialSubject']
  const encoded = isObject(subject) ? subject['encodedList'] : undefined
  const decoded = typeof encoded === 'string' ? await unpackedOnce(encoded) : undefined
  if (decoded?.kind !== 'decoded') {
    return couldNotCheck('Statuslistans innehåll går inte att läsa.', 'The content of the status list cannot be read.')
  }
  const bit = bitAt(decoded.bits, index)
  if (bit === undefined) return failed('Platsen finns inte i statuslistan.', 'The index is outside the status list.')
  if (bit === 0) return passed('Beviset är inte återkallat.', 'The credential has not been taken back.')
  if (purpose === 'revocation') return failed('Beviset är återkallat.', 'The credential has been revoked.')
  return purpose === 'suspension'
    ? failed('Beviset är tillfälligt ogiltigt.', 'The credential is suspended.')
    : couldNotCheck('Statusens ändamål är okänt.', 'The purpose of the status is unknown.')
}
