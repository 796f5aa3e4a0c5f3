/** Resources a credential leans on: each named once, with a digest that holds for every content we know (VCDM 2.0 §5.3). */
import { isObject } from '#credentials/bytes.ts'
import { type ModelRule, unless } from '#credentials/model/rule.ts'
import { isUrl, listOf } from '#credentials/model/values.ts'

/**
 * SHA-256 and SHA-384 (base64) of the base context as the W3C has published it: 3 July 2024, and since 24 February 2025. Nothing is fetched: a
 * resource that is not here is not judged, as a resource that cannot be retrieved.
 */
const known: Readonly<Record<string, readonly { readonly sha256: string; readonly sha384: string }[]>> = {
  'https://www.w3.org/ns/credentials/v2': [
    {
      sha256: 'JKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k=',
      sha384: 'NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg',
    },
    {
      sha256: 'WZVc7WaX1h4D8rJVb+vlMIqxaEKEb1tYbX8fet7JJzQ=',
      sha384: 'l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU',
    },
  ],
}

export const relatedResources: ModelRule = {
  id: 'relatedResource',
  clause: 'VCDM 2.0 §5.3: objects with an id of their own and a digest that matches',
  check: ({ relatedResource }) => {
    const list = Array.isArray(relatedResource) && relatedResource.length === 0 ? [undefined] : listOf(relatedResource)
    const seen = new Set<unknown>()
    return list.flatMap((one, index) => {
      const isOwn = isObject(one) && !seen.has(one['id'])
      if (isObject(one)) seen.add(one['id'])
      return [
        ...unless(
          isOwn && isUrl(one['id']),
          `$.relatedResource[${index}].id`,
          'Ett eget id krävs.',
          'It needs an id of its own.',
        ),
        ...unless(
          isObject(one) && (one['mediaType'] === undefined || typeof one['mediaType'] === 'string'),
          `$.relatedResource[${index}].mediaType`,
          'Mediatypen är ingen text.',
          'The media type is no string.',
        ),
        ...unless(
          isObject(one) && isIntact(one),
          `$.relatedResource[${index}]`,
          'Kontrollsumman saknas eller stämmer inte.',
          'The digest is missing or does not match.',
        ),
      ]
    })
  },
}

/** At least one digest, each well formed, each matching where the content is known. */
function isIntact(resource: Record<string, unknown>): boolean {
  const { id, digestSRI, digestMultibase } = resource
  const given = [
    ...listOf(digestSRI).map((value) => (typeof value === 'string' ? sriDigest(value) : undefined)),
    ...listOf(digestMultibase).map((value) => (typeof value === 'string' ? multibaseDigest(value) : undefined)),
  ]
  if (given.length === 0) return false
  const contents = typeof id === 'string' && Object.hasOwn(known, id) ? known[id] : undefined
  return given.every((digest) => digest !== undefined && matches(digest, contents))
}

interface Digest {
  readonly bits: 256 | 384 | 512
  /** base64, padded. */
  readonly value: string
}

const sizes: Readonly<Record<number, Digest['bits']>> = { 32: 256, 48: 384, 64: 512 }

function matches({ bits, value }: Digest, contents: (typeof known)[string] | undefined): boolean {
  if (contents === undefined) return true
  if (bits === 512) return false
  return contents.some((content) => content[`sha${bits}`] === value)
}

/** Subresource Integrity: `sha384-<base64>`. */
function sriDigest(text: string): Digest | undefined {
  const [, bits, value = ''] = /^sha(256|384|512)-([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? []
  const digest = digestOf(Buffer.from(value, 'base64'))
  return digest !== undefined && String(digest.bits) === bits ? digest : undefined
}

/** Multibase `u` (base64url), around a multihash of SHA-2 or, as the published examples have it, the bare digest. */
function multibaseDigest(text: string): Digest | undefined {
  if (!/^u[A-Za-z0-9_-]+$/.test(text)) return undefined
  const bytes = Buffer.from(text.slice(1), 'base64url')
  const isMultihash = [0x12, 0x13, 0x20].includes(bytes[0] ?? 0) && bytes[1] === bytes.length - 2
  return digestOf(isMultihash ? bytes.subarray(2) : bytes)
}

function digestOf(bytes: Buffer): Digest | undefined {
  const bits = sizes[bytes.length]
  return bits === undefined ? undefined : { bits, value: bytes.toString('base64') }
}
