/** Text signed by one or more keys (C2SP signed-note); without it a checkpoint would be a claim without a claimant. */
import { base64, concat, fromBase64, utf8 } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import { isKeyName, type NoteSigner, type NoteVerifier } from '#audit/note-key.ts'

/** Enough for a hundred post-quantum signatures; more is an attack on whoever reads. */
const largestNote = 1024 * 1024
const mostSignatures = 100

export interface NoteSignature {
  readonly name: string
  readonly keyId: number
  /** Without the key id. */
  readonly signature: Uint8Array
}

export interface Note {
  /** With its last newline. */
  readonly text: string
  /** In the order of their lines. */
  readonly signatures: readonly NoteSignature[]
}

export interface VerifiedSignature extends NoteSignature {
  readonly verifier: NoteVerifier
}

export interface OpenedNote {
  readonly text: string
  readonly verified: readonly VerifiedSignature[]
  /** Lines of keys nobody gave: they say nothing. */
  readonly unverified: readonly NoteSignature[]
}

/**
 * Takes a note apart without believing it.
 *
 * @throws AuditError `note-too-large`, `note-malformed`, `base64-not-strict`
 */
export function parseNote(note: string): Note {
  if (note.length > largestNote) throw new AuditError('note-too-large', 'note')
  if (!isNoteText(note)) throw new AuditError('note-malformed', 'characters')
  const split = note.lastIndexOf('\n\n')
  if (split < 0 || !note.endsWith('\n') || split + 2 === note.length)
    throw new AuditError('note-malformed', 'signatures')
  const lines = note.slice(split + 2, -1).split('\n')
  if (lines.length > mostSignatures) throw new AuditError('note-too-large', 'signatures')
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignatureLine) }
}

/** UTF-8 without control characters other than newline. */
function isNoteText(text: string): boolean {
  return text.isWellFormed() && !/[^\n -\u{10ffff}]/u.test(text)
}

/** `— <name> <base64 of key id ‖ signature>`, where the signature has at least one byte. */
function parseSignatureLine(line: string, index: number): NoteSignature {
  const [, name = '', encoded = ''] = /^\u2014 ([^ ]+) ([^ ]+)$/.exec(line) ?? []
  if (!isKeyName(name)) throw new AuditError('note-malformed', `signature ${index + 1}`)
  const bytes = fromBase64(encoded)
  if (bytes.length < 5) throw new AuditError('note-malformed', `signature ${index + 1}`)
  return { name, keyId: new DataView(bytes.buffer).getUint32(0), signature: bytes.slice(4) }
}

/**
 * Opens a note for those who trust `verifiers`. Every signature of a known key (name and key id) must verify; those of other keys
 * are ignored.
 *
 * @throws AuditError as `parseNote`; `signature-wrong` where a known key's signature does not verify, `no-known-signature` without any
 */
export function openNote(note: string, verifiers: readonly NoteVerifier[]): OpenedNote {
  const { text, signatures } = parseNote(note)
  const message = utf8(text)
  const verified: VerifiedSignature[] = []
  const unverified: NoteSignature[] = []
  for (const line of signatures) {
    const verifier = verifiers.find(({ name, keyId }) => name === line.name && keyId === line.keyId)
    if (verifier === undefined) unverified.push(line)
    else if (verifier.verify(message, line.signature)) verified.push({ ...line, verifier })
    else throw new AuditError('signature-wrong', line.name)
  }
  if (verified.length === 0) throw new AuditError('no-known-signature', 'signatures')
  return { text, verified, unverified }
}

/** A signature line without its newline. */
export function printSignature({ name, keyId, signature }: NoteSignature): string {
  return `\u2014 ${name} ${base64(concat(Uint8Array.of(keyId >>> 24, keyId >>> 16, keyId >>> 8, keyId), signature))}`
}

/** The signature line of a signer over a note's text. */
export function signatureOf(text: string, signer: NoteSigner): NoteSignature {
  return { name: signer.name, keyId: signer.keyId, signature: signer.sign(utf8(text)) }
}

/**
 * A note of a text that ends in newline, signed by each signer in turn.
 *
 * @throws AuditError `note-malformed`
 */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  if (!text.endsWith('\n') || !isNoteText(text) || signers.length === 0) throw new AuditError('note-malformed', 'text')
  return printNote({ text, signatures: signers.map((signer) => signatureOf(text, signer)) })
}

/**
 * The note with more signature lines, each as a witness answers it; lines it has already are not added again.
 *
 * @throws AuditError `note-malformed`, `note-too-large`
 */
export function addSignatures(note: string, lines: readonly string[]): string {
  const known = new Set(parseNote(note).signatures.map(printSignature))
  const added = [...new Set(lines)].filter((line) => !known.has(line)).map((line) => `${line}\n`)
  const whole = note + added.join('')
  parseNote(whole)
  return whole
}

function printNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map((signature) => `${printSignature(signature)}\n`).join('')}`
}
