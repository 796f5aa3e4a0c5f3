/** Enveloped credentials and presentations (VCDM 2.0 §4.13.1 and §4.13.2): a signed text dressed as an object, for readers that expect objects. */
import { isObject } from '#credentials/bytes.ts'
import { listOf } from '#credentials/model/values.ts'
import type { Format } from '#credentials/signing/compact.ts'
import { mediaTypes } from '#credentials/signing/compact.ts'

const base = 'https://www.w3.org/ns/credentials/v2'

export type Kind = 'credential' | 'presentation'

/** The type of each envelope, and the media types whose text may stand in it. */
const kinds: Readonly<Record<Kind, { readonly type: string; readonly mediaTypes: readonly string[] }>> = {
  credential: { type: 'EnvelopedVerifiableCredential', mediaTypes: Object.values(mediaTypes) },
  presentation: { type: 'EnvelopedVerifiablePresentation', mediaTypes: ['application/vp+jwt'] },
}

export function envelopeOf(compact: string, format: Format) {
  return { '@context': [base], id: `data:${mediaTypes[format]},${compact}`, type: kinds.credential.type }
}

/** True for an object that says it is an envelope of this kind, sound or not. */
export function saysEnvelope(document: Readonly<Record<string, unknown>>, kind: Kind): boolean {
  return listOf(document['type']).includes(kinds[kind].type)
}

/** The compact text inside, or undefined when the object is no sound envelope: context, single type and a `data:` URL of a media type we know. */
export function openEnvelope(document: unknown, kind: Kind): string | undefined {
  if (!isObject(document) || !listOf(document['@context']).includes(base)) return undefined
  const { type, id } = document
  const types = listOf(type)
  if (types.length !== 1 || types[0] !== kinds[kind].type || typeof id !== 'string') return undefined
  const head = kinds[kind].mediaTypes.map((mediaType) => `data:${mediaType},`).find((start) => id.startsWith(start))
  return head === undefined ? undefined : id.slice(head.length)
}
