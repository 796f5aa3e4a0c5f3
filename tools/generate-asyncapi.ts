/** Writes docs/asyncapi.json from the schemas of events and the table of streams; a test fails when the committed one is older. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { intakeConsumer, streamConfigs } from '#connectors/platform/nats-streams.ts'
import { families } from '#events/catalogue.ts'
import { outgoingFamilies } from '#events/outgoing.ts'
import { problemMeanings } from '#events/problems.ts'
import { schemaPath } from './generate-schemas.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = 'docs/asyncapi.json'

/** The document as the code makes it. */
export function asyncApiDocument(): object {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Beviskedja events',
      version: '1.0.0',
      description: [
        'What emitting systems tell Beviskedja, and what it tells. CloudEvents 1.0 in structured JSON, UTF-8, at most 256 KiB.',
        'Sending the same event again, the same bytes under the same id, is always safe and is what to do when a receipt was lost.',
        'Order does not matter. A receipt says that an event is stored; one that is not accepted becomes a dead letter with all its',
        'problems and is never dropped. Over HTTP the same events go to POST /v1/events (openapi.json), always signed.',
      ].join('\n'),
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      externalDocs: { description: 'Send your first event', url: 'https://beviskedja.example/docs/emitters.md' },
    },
    defaultContentType: 'application/cloudevents+json',
    servers: {
      nats: {
        host: '{host}',
        protocol: 'nats',
        description: 'NATS 2.12 or newer with JetStream. The operator tells its address.',
        variables: { host: { default: 'localhost:4222', description: 'host and port' } },
        security: [{ $ref: '#/components/securitySchemes/nkey' }],
      },
    },
    channels: { completions: completions(), ...Object.fromEntries(outgoingFamilies.map(issuanceChannel)) },
    operations: {
      receiveCompletions: {
        action: 'receive',
        channel: { $ref: '#/channels/completions' },
        summary: 'Beviskedja takes in what emitters tell',
        messages: families.map(({ type }) => ({ $ref: `#/channels/completions/messages/${nameOf(type)}` })),
        'x-ack': {
          receipt:
            'JetStream publish acknowledgement: the message is stored; publish again with the same id where it does not come',
          intake: 'acknowledged once the event is evidence, a duplicate or a dead letter, in one database transaction',
          ackWaitSeconds: seconds(intakeConsumer.ack_wait),
          maxDeliver: intakeConsumer.max_deliver === -1 ? 'unlimited' : intakeConsumer.max_deliver,
        },
        'x-dead-letter': {
          when: 'the event cannot be read, does not show its sender, or its sender may not say it',
          content: 'the bytes as they came, with every problem as {code, pointer, detail, advice}',
          where: 'GET /v1/institutions/{institution}/dead-letters; replayed or discarded by a person, with a reason',
          codes: problemMeanings,
        },
      },
      ...Object.fromEntries(outgoingFamilies.map(sendOperation)),
    },
    components: {
      messages: {
        ...Object.fromEntries(families.map((family) => [nameOf(family.type), message(family, incomingHeaders)])),
        ...Object.fromEntries(
          outgoingFamilies.map((family) => [nameOf(family.type), message(family, outgoingHeaders)]),
        ),
      },
      securitySchemes: {
        nkey: {
          type: 'asymmetricEncryption',
          description:
            'NKey (Ed25519) of the client. The register names an emitter’s public key; the server lets it publish on its own subject only, ' +
            'and read answers under _INBOX_<institution>_<source> only, so set that inbox prefix.',
        },
      },
    },
  }
}

function completions(): object {
  return {
    address: 'completions.{institution}.{source}',
    title: 'What emitting systems tell',
    description: 'One subject per emitter; the event’s own institution and source must be those of the subject.',
    servers: [{ $ref: '#/servers/nats' }],
    parameters: {
      institution: { description: 'the awarding institution’s id' },
      source: { description: 'the emitter’s id in the institution’s register' },
    },
    messages: Object.fromEntries(
      families.map(({ type }) => [nameOf(type), { $ref: `#/components/messages/${nameOf(type)}` }]),
    ),
    'x-jetstream': stream('COMPLETIONS'),
  }
}

type Outgoing = (typeof outgoingFamilies)[number]

function issuanceChannel({ type, topic, title }: Outgoing): [string, object] {
  const channel = {
    address: `issuance.{institution}.${topic}`,
    title,
    description:
      'Ids only, no personal data. The event’s id is derived from what it tells, so a repeated one can be recognised.',
    servers: [{ $ref: '#/servers/nats' }],
    parameters: { institution: { description: 'the awarding institution’s id' } },
    messages: { [nameOf(type)]: { $ref: `#/components/messages/${nameOf(type)}` } },
    'x-jetstream': stream('ISSUANCE'),
  }
  return [camel(topic), channel]
}

function sendOperation({ type, topic, title }: Outgoing): [string, object] {
  const name = camel(topic)
  const operation = {
    action: 'send',
    channel: { $ref: `#/channels/${name}` },
    summary: title,
    messages: [{ $ref: `#/channels/${name}/messages/${nameOf(type)}` }],
    'x-ack': { delivery: 'at least once; each subscriber has its own consumer on the stream and acknowledges there' },
  }
  return [`send${name.charAt(0).toUpperCase()}${name.slice(1)}`, operation]
}

function message({ type, title }: { readonly type: string; readonly title: string }, headers: object): object {
  const {
    $id: _,
    $schema: __,
    ...schema
  } = JSON.parse(readFileSync(join(root, schemaPath(type)), 'utf8')) as Record<string, unknown>
  return {
    name: type,
    title,
    contentType: 'application/cloudevents+json',
    headers,
    payload: { schemaFormat: 'application/schema+json;version=draft-2020-12', schema },
  }
}

const messageId = {
  type: 'string',
  description:
    'the stream stores one message per id within its duplicate window; Beviskedja’s own key does it for ever',
}

const incomingHeaders = {
  type: 'object',
  required: ['Nats-Msg-Id'],
  properties: {
    'Nats-Msg-Id': { ...messageId, examples: ['sandbox_first-steps:enrolment-4001-completed'] },
    'Bevis-Signature': {
      type: 'string',
      pattern: '^[A-Za-z0-9_-]+[.][.][A-Za-z0-9_-]+$',
      description:
        'Detached JWS (RFC 7515 appendix F) over exactly the payload’s bytes; protected header {alg: ES256 or EdDSA, kid, ' +
        'typ: "bevis-event+jws"}, nothing else. Demanded where the register says so and for achievements of A, B–C1 and C2–D.',
    },
    'content-type': { type: 'string', const: 'application/cloudevents+json' },
  },
}

const outgoingHeaders = {
  type: 'object',
  required: ['Nats-Msg-Id'],
  properties: { 'Nats-Msg-Id': { ...messageId, description: 'the event’s id' } },
}

function stream(name: 'COMPLETIONS' | 'ISSUANCE'): object {
  const config = streamConfigs.find((each) => each.name === name)
  if (config === undefined) throw new TypeError(`no stream ${name}`)
  return {
    stream: name,
    subjects: config.subjects,
    retention: config.retention,
    maxAgeDays: seconds(config.max_age) / 86_400,
    maxMessageBytes: config.max_msg_size,
    duplicateWindowSeconds: seconds(config.duplicate_window),
  }
}

/** NATS counts in nanoseconds. */
function seconds(nanoseconds: number): number {
  return nanoseconds / 1e9
}

/** `org.beviskedja.case.step.v1` → `caseStepV1` */
function nameOf(type: string): string {
  return camel(type.replace('org.beviskedja.', ''))
}

function camel(text: string): string {
  return text.replaceAll(/[.-](.)/g, (_all, letter: string) => letter.toUpperCase())
}

/** The file as it must be, formatted by the project's own formatter. */
export function asyncApiText(): string {
  const biome = join(root, 'node_modules/.bin/biome')
  const input = JSON.stringify(asyncApiDocument())
  return execFileSync(biome, ['format', `--stdin-file-path=${target}`], { cwd: root, input, encoding: 'utf8' })
}

/** The file as it is. */
export function committedAsyncApi(): string {
  return readFileSync(join(root, target), 'utf8')
}

if (import.meta.main) writeFileSync(join(root, target), asyncApiText())
