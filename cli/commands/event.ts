/** Sending an event exactly as an emitter does: its NATS identity, its signature, its bytes. The first five minutes of every integration. */
import { as, type InstitutionId } from '#domain/words.ts'
import { completionsSubject, isToken, type Origin } from '#events/subjects.ts'
import { CliError, usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { type EmitterKeys, emitterKeys, natsSeed, signEvent } from '../emitter-keys.ts'
import { type EventText, linesOption, problemLine, problemsIn, readEvents } from '../event-files.ts'
import { type PostedFate, postEvent } from '../event-line.ts'
import { type Posted, withEmitter } from '../nats-line.ts'
import { type Patience, patiently } from '../patience.ts'
import { demand, type Settings, settingsOf } from '../settings.ts'
import { table } from '../table.ts'

interface Letter extends EventText {
  readonly id: string
  readonly type: string
  readonly origin: Origin
}

/** Over NATS the stream has stored it and intake comes later; over HTTP intake has answered. */
type Sent = { readonly file: string; readonly id: string; readonly subject: string; readonly signed: boolean } & (
  | Pick<Posted, 'seq' | 'duplicate'>
  | PostedFate
)

export const send = command({
  takes: '<file…|->',
  args: [1, 1_000],
  options: {
    ...linesOption,
    emitter: { value: '<institution/source>', says: 'who sends (default: as the event says)' },
    'emitter-dir': {
      value: '<folder>',
      says: 'its keys: <institution>.<source>.seed for NATS, <institution>.<source>.jwk.json to sign',
    },
    http: { says: 'over HTTP (POST /v1/events), and tell what became of each; needs no NATS key' },
    'keep-trying': { value: '<seconds>', says: 'while a server is away, send the same again for so long (default 0)' },
    unsigned: { says: 'send without a signature; not over HTTP' },
    unchecked: { says: 'send although the event has faults' },
  },
  examples: [
    [
      'bevis event send completion.json --emitter-dir keys',
      'check, sign, publish, and wait until the stream has stored it',
    ],
    [
      'bevis event send events.ndjson --emitter-dir keys --http --keep-trying 3600',
      'one event per line, over HTTP, through an outage of an hour; twice is once',
    ],
    [
      'bevis event send --emitter norrsken/canvas-norrsken - < event.json',
      'from standard input, in this emitter’s name',
    ],
  ],
  run: async ({ args, values, out }) => {
    if (values.http === true && values.unsigned === true)
      throw usage('arguments', 'over HTTP the signature says who sends', 'leave --unsigned or --http out')
    const patience = { ms: secondsOf(values['keep-trying']) * 1000, note: (line: string) => out.note(line) }
    const letters = readEvents(args, values.lines === true).map((event) => letterOf(event, values.emitter))
    if (values.unchecked !== true) demandFaultless(letters)
    const settings = settingsOf()
    const post = values.http === true ? httpPost(settings) : natsPost(settings, values.unsigned === true)
    const progress = out.progress('Sending', letters.length)
    const sent: Sent[] = []
    try {
      for (const letter of letters) {
        const keys = emitterKeys(values['emitter-dir'], letter.origin, settings)
        sent.push(await post(letter, keys, patience))
        progress.step()
      }
    } catch (error) {
      if (sent.length > 0) out.note(`${sent.length} of ${letters.length} were sent; send all again: twice is once.`)
      throw error
    } finally {
      progress.end()
    }
    out.data(() => table(sent, columns, 'No events.'), { sent })
    return sent.some((one) => 'outcome' in one && one.outcome === 'dead-letter') ? 'failure' : 'ok'
  },
})

const columns = [
  { head: 'EVENT', cell: ({ id }: Sent) => id, shrinks: true },
  { head: 'SUBJECT', cell: ({ subject }: Sent) => subject, shrinks: true },
  { head: 'SIGNED', cell: ({ signed }: Sent) => (signed ? 'yes' : 'no') },
  { head: 'STORED', cell: storedText },
] as const

function storedText(one: Sent): string {
  if ('seq' in one) return one.duplicate ? 'was there already' : `message ${one.seq}`
  switch (one.outcome) {
    case 'case':
      return one.caseId
    case 'dead-letter':
      return `${one.deadLetter}: ${one.code}`
    case 'duplicate':
      return 'was there already'
    case 'evidence':
    case 'unresolved':
      return one.outcome
  }
}

type Post = (letter: Letter, keys: EmitterKeys, patience: Patience) => Promise<Sent>

function natsPost({ config }: Settings, unsigned: boolean): Post {
  const url = demand(config.natsUrl, 'BEVIS_NATS_URL')
  return async ({ place, payload, id, origin }, keys, patience) => {
    const seed = natsSeed(keys)
    const signature = unsigned ? undefined : await signEvent(keys, payload)
    const message = { subject: completionsSubject(origin), id, payload, signature }
    return { file: place, ...(await patiently(patience, () => withEmitter({ url, origin, seed }, message))) }
  }
}

function httpPost({ config }: Settings): Post {
  const home = demand(config.publicUrl, 'BEVIS_PUBLIC_URL')
  return async ({ place, payload, id, origin }, keys, patience) => {
    const signature = await signEvent(keys, payload)
    const fate = await patiently(patience, () => postEvent(home, payload, signature))
    return { file: place, subject: completionsSubject(origin), signed: true, ...fate, id }
  }
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return 0
  if (!/^\d{1,6}$/.test(text)) throw usage('keep-trying', `${text} is no number of seconds`, 'for instance 600')
  return Number(text)
}

function letterOf({ place, payload }: EventText, emitter: string | undefined): Letter {
  const { id = '', type = '', source, institution } = attributes(payload)
  const origin = emitter === undefined ? { institution, source } : originIn(emitter)
  if (!isToken(origin.institution) || !isToken(origin.source)) {
    throw usage('emitter', `${place} does not say who sends it`, 'add --emitter <institution>/<source>')
  }
  return {
    place,
    payload,
    id,
    type,
    origin: { institution: as<InstitutionId>(origin.institution), source: origin.source },
  }
}

function originIn(text: string): { institution: string | undefined; source: string | undefined } {
  const [institution, source] = text.split('/')
  return { institution, source }
}

/** What the event says of itself, as far as it can be read: an event with faults may be sent on purpose. */
function attributes(payload: Uint8Array): { readonly [Name in 'id' | 'type' | 'source' | 'institution']?: string } {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(payload))
    if (typeof value !== 'object' || value === null) return {}
    const texts = Object.entries(value).filter(([, member]) => typeof member === 'string')
    return Object.fromEntries(texts)
  } catch {
    return {}
  }
}

function demandFaultless(letters: readonly Letter[]): void {
  const lines = letters.flatMap(({ place, payload }) =>
    problemsIn(payload).map((problem) => `${place} ${problemLine(problem)}`),
  )
  if (lines.length === 0) return
  const what = `${lines.length === 1 ? 'one fault' : `${lines.length} faults`}; nothing was sent`
  throw new CliError({ exit: 'failure', code: 'event/invalid', what, mend: lines.join('\n') })
}
