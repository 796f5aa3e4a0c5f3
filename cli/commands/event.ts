/** Sending an event exactly as an emitter does: its NATS identity, its signature, its bytes. The first five minutes of every integration. */

import { as, type InstitutionId } from '#domain/words.ts'
import { parseEvent } from '#events/parse.ts'
import type { Problem } from '#events/problems.ts'
import { completionsSubject, isToken, type Origin } from '#events/subjects.ts'
import { CliError, usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { type EmitterKeys, emitterKeys, signEvent } from '../emitter-keys.ts'
import { readBytes } from '../input.ts'
import { type Posted, withEmitter } from '../nats-line.ts'
import { demand, settingsOf } from '../settings.ts'
import { table } from '../table.ts'

interface Letter {
  readonly file: string
  readonly payload: Uint8Array
  readonly id: string
  readonly type: string
  readonly origin: Origin
}

export const check = command({
  takes: '<file…|->',
  args: [1, 1_000],
  options: {},
  examples: [['bevis event check completion.json', 'every fault at once, with its place and how to mend it']],
  run: async ({ args, out }) => {
    const faults = args.map((file) => ({ file, problems: problemsIn(readBytes(file)) }))
    const text = () =>
      faults
        .map(({ file, problems }) =>
          problems.length === 0 ? `${file} in order` : problems.map((one) => `${file} ${line(one)}`).join('\n'),
        )
        .join('\n')
    out.data(text, { events: faults })
    return faults.some(({ problems }) => problems.length > 0) ? 'failure' : 'ok'
  },
})

export const send = command({
  takes: '<file…|->',
  args: [1, 1_000],
  options: {
    emitter: { value: '<institution/source>', says: 'who sends (default: as the event says)' },
    'emitter-dir': {
      value: '<folder>',
      says: 'its keys: <institution>.<source>.seed for NATS, <institution>.<source>.jwk.json to sign',
    },
    unsigned: { says: 'send without a signature' },
    unchecked: { says: 'send although the event has faults' },
  },
  examples: [
    [
      'bevis event send completion.json --emitter-dir keys',
      'check, sign, publish, and wait until the stream has stored it',
    ],
    [
      'bevis event send --emitter norrsken/canvas-norrsken - < event.json',
      'from standard input, in this emitter’s name',
    ],
  ],
  run: async ({ args, values, out }) => {
    const letters = args.map((file) => letterOf(file, values.emitter))
    if (values.unchecked !== true) demandFaultless(letters)
    const settings = settingsOf()
    const url = demand(settings.config.natsUrl, 'BEVIS_NATS_URL')
    const sent: (Posted & { readonly file: string })[] = []
    for (const letter of letters) {
      const keys = emitterKeys(values['emitter-dir'], letter.origin, settings)
      sent.push({ file: letter.file, ...(await post(letter, { keys, url, unsigned: values.unsigned === true })) })
    }
    const text = () =>
      table(
        sent,
        [
          { head: 'EVENT', cell: ({ id }) => id, shrinks: true },
          { head: 'SUBJECT', cell: ({ subject }) => subject, shrinks: true },
          { head: 'SIGNED', cell: ({ signed }) => (signed ? 'yes' : 'no') },
          { head: 'STORED', cell: ({ seq, duplicate }) => (duplicate ? 'was there already' : `message ${seq}`) },
        ],
        '',
      )
    out.data(text, { sent })
    return 'ok'
  },
})

async function post(
  letter: Letter,
  { keys, url, unsigned }: { readonly keys: EmitterKeys; readonly url: string; readonly unsigned: boolean },
): Promise<Posted> {
  const { origin, payload, id } = letter
  const signature = unsigned ? undefined : await signEvent(keys, payload)
  const subject = completionsSubject(origin)
  return await withEmitter({ url, origin, seed: keys.seed }, { subject, id, payload, signature })
}

function letterOf(file: string, emitter: string | undefined): Letter {
  const payload = readBytes(file)
  const { id = '', type = '', source, institution } = attributes(payload)
  const origin = emitter === undefined ? { institution, source } : originIn(emitter)
  if (!isToken(origin.institution) || !isToken(origin.source)) {
    throw usage('emitter', `${file} does not say who sends it`, 'add --emitter <institution>/<source>')
  }
  return {
    file,
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
  const lines = letters.flatMap(({ file, payload }) => problemsIn(payload).map((problem) => `${file} ${line(problem)}`))
  if (lines.length === 0) return
  const what = `${lines.length === 1 ? 'one fault' : `${lines.length} faults`}; nothing was sent`
  throw new CliError({ exit: 'failure', code: 'event/invalid', what, mend: lines.join('\n') })
}

function problemsIn(payload: Uint8Array): readonly Problem[] {
  const parsed = parseEvent(payload)
  return parsed.kind === 'invalid' ? parsed.problems : []
}

function line({ pointer, code, advice }: Problem): string {
  return `${pointer === '' ? '(whole event)' : pointer} ${code}: ${advice}`
}
