/** Everything an installation keeps, as bytes one can search: database, streams, histories, files. Without it "erased" would be a word. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { hex } from '#audit/digest.ts'
import type { NatsConnection } from '#connectors/platform/nats.ts'
import { institutionCipher } from '#db/crypto.ts'
import { testPaths } from '../support/paths.ts'
import { norrsken } from './emitters.ts'
import { decodePayload } from './payloads.ts'
import type { System } from './system.ts'

/** A place and what lies there. */
export interface Kept {
  readonly where: string
  readonly bytes: Buffer
}

/** Every row of every table, `bytea` as its bytes. */
export async function databaseRows({ admin }: System): Promise<Kept[]> {
  const tables = await admin<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1`
  const kept: Kept[] = []
  for (const { name } of tables) {
    for (const row of await admin.unsafe(`select * from ${name}`)) {
      const text = Object.values(row as Record<string, unknown>).map((value) =>
        value instanceof Uint8Array
          ? Buffer.from(value)
          : Buffer.from(typeof value === 'string' ? value : (JSON.stringify(value) ?? '')),
      )
      kept.push({ where: `table ${name}`, bytes: Buffer.concat(text.flatMap((part) => [part, Buffer.from([0])])) })
    }
  }
  return kept
}

/** What is sealed under the institution's own key, opened: it can still be opened when persons are erased. */
export async function institutionSealed({ admin, world }: System): Promise<Kept[]> {
  const cipher = institutionCipher(world.secrets, norrsken)
  const letters = await admin`select id, payload, headers from dead_letter`
  const answers = await admin`select id, answer from kept_request where answer is not null`
  const waiting = await admin`select event_key, payload from inbox where unresolved is not null`
  return [
    ...letters.flatMap(({ id, payload, headers }) => [
      { where: 'dead letter', bytes: Buffer.from(cipher.open(id, payload)) },
      { where: 'headers of a dead letter', bytes: Buffer.from(cipher.open(`${id}/headers`, headers)) },
    ]),
    ...answers.map(({ id, answer }) => ({
      where: 'kept answer',
      bytes: Buffer.from(cipher.open(`answer/${Buffer.from(id).toString('base64url')}`, answer)),
    })),
    ...waiting.map(({ event_key: key, payload }) => ({
      where: 'event of somebody unknown',
      bytes: Buffer.from(cipher.open(`inbox/${hex(key)}`, payload)),
    })),
  ]
}

/** Every message of every stream, with its headers. */
export async function messages(nc: NatsConnection): Promise<Kept[]> {
  const jsm = await jetstreamManager(nc)
  const kept: Kept[] = []
  for await (const { config, state } of jsm.streams.list()) {
    for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
      const message = await jsm.streams.getMessage(config.name, { seq })
      if (message === null) continue
      const headers = JSON.stringify([...message.header])
      kept.push({
        where: `stream ${config.name}`,
        bytes: Buffer.concat([Buffer.from(`${message.subject} ${headers} `), message.data]),
      })
    }
  }
  return kept
}

/** Every history of every workflow: as stored, and with each payload opened under the codec's key. */
export async function histories({ temporal, world }: System): Promise<Kept[]> {
  const kept: Kept[] = []
  for await (const { workflowId, runId } of temporal.workflow.list()) {
    const history = await temporal.workflow.getHandle(workflowId, runId).fetchHistory()
    const raw = JSON.stringify(history)
    kept.push({ where: `history of ${workflowId}`, bytes: Buffer.from(`${workflowId} ${raw}`) })
    for (const bytes of await decodePayload(world.temporal, workflowId, history)) {
      kept.push({ where: `payload in ${workflowId}`, bytes })
    }
  }
  return kept
}

/** Files below a folder whose names do not say that they are somebody else's. */
export function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
}

/** The servers' own files: the streams, the histories' database, and every log. */
export function serverFiles(): string[] {
  return ['nats', 'temporal', 'logs'].flatMap((name) => files(join(testPaths.base, name)))
}

/** Ways in which a word can be written: plain, hexadecimal, UTF-16 and base64 at each of the three offsets. */
export function spellings(word: string): Buffer[] {
  const bytes = Buffer.from(word)
  const shifted = [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
    // Letters that depend on what stands beside the word are left out.
    const inner = encoded.slice(shift === 0 ? 0 : shift + 1, Math.floor(((shift + bytes.length) * 4) / 3))
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
  const utf16 = Buffer.from(word, 'utf16le')
  const ways = [
    bytes,
    Buffer.from(bytes.toString('hex')),
    Buffer.from(bytes.toString('hex').toUpperCase()),
    utf16,
    Buffer.from(utf16).swap16(),
  ]
  return [...ways, ...shifted.map((one) => Buffer.from(one))]
}

/** Where any of the words lies, in any spelling. */
export function placesOf(words: readonly string[], kept: readonly Kept[]): string[] {
  const wanted = words.flatMap(spellings)
  return [
    ...new Set(kept.filter(({ bytes }) => wanted.some((one) => bytes.includes(one))).map(({ where }) => where)),
  ].toSorted()
}

/** Files in which any of the bytes lie. */
export function filesWith(wanted: readonly Buffer[], paths: readonly string[]): string[] {
  return paths.filter((path) => {
    const bytes = readFileSync(path)
    return wanted.some((one) => bytes.includes(one))
  })
}

/** Where the database keeps its files. */
export async function databaseFolder({ admin }: System): Promise<string> {
  const [row] = await admin<{ folder: string }[]>`
    select current_setting('data_directory') || '/base/' || oid as folder from pg_database where datname = current_database()`
  return row?.folder ?? ''
}
