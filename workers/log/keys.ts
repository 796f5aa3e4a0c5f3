/** A checkpoint key for each log, apart from every other key (audit-log §15), and the policy that tells others whom to believe. */
import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ed25519Signer, type NoteVerifier, parseVerifierKey } from '#audit/note-key.ts'
import { inGeneration, logOf } from '#audit/succession.ts'
import type { InstitutionId } from '#domain/words.ts'
import type { LogKey } from './signer.ts'

/** Where the log worker keeps what it signs with, and where policies lie. */
export interface LogKeysAt {
  /**
   * `<institution>.seed`: 32 bytes in base64, for this user alone; `<institution>.earlier`: verifier keys of before, one a line. From
   * the second log of an institution on `<institution>.<generation>.…`.
   */
  readonly keysDir: string
  /** `<institution>.policy` (C2SP tlog-policy), and `template.policy`: the witnesses and the quorum of logs that come new. */
  readonly policyDir: string
}

/**
 * The key of an institution's log; made, with its policy, when there is none. A policy that lies there already is never touched:
 * whom to believe is for people to say.
 */
export async function openLogKey(
  { keysDir, policyDir }: LogKeysAt,
  { institution, origin }: { readonly institution: InstitutionId; readonly origin: string },
): Promise<LogKey> {
  await mkdir(keysDir, { recursive: true, mode: 0o700 })
  const name = inGeneration(institution, logOf(origin).generation)
  const seedFile = join(keysDir, `${name}.seed`)
  await createOnce(seedFile, `${randomBytes(32).toString('base64')}\n`, 0o600)
  const signer = ed25519Signer(origin, new Uint8Array(Buffer.from((await readFile(seedFile, 'utf8')).trim(), 'base64')))
  const earlier = await earlierKeys(join(keysDir, `${name}.earlier`))
  await writePolicy(policyDir, institution, signer.vkey)
  return { origin, signer, earlier }
}

async function writePolicy(policyDir: string, institution: InstitutionId, vkey: string): Promise<void> {
  await mkdir(policyDir, { recursive: true })
  const template = await readFile(join(policyDir, 'template.policy'), 'utf8').catch(absent)
  await createOnce(join(policyDir, `${institution}.policy`), `log ${vkey}\n${template ?? 'quorum none\n'}`, 0o644)
}

async function earlierKeys(file: string): Promise<NoteVerifier[]> {
  const text = (await readFile(file, 'utf8').catch(absent)) ?? ''
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseVerifierKey)
}

/** Whole or not there, and never over what is there: of two that start at once one writes, and both read the same afterwards. */
async function createOnce(file: string, text: string, mode: number): Promise<void> {
  const aside = `${file}.${randomBytes(6).toString('hex')}.new`
  try {
    await writeFile(aside, text, { mode, flush: true })
    await link(aside, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await rm(aside, { force: true })
  }
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
