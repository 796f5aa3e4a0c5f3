/** A document as linked data, in safe mode and with a closed set of contexts: a word nobody defined is refused, and nothing is fetched. */
import { contexts } from '@digitalbazaar/credentials-context'
import jsonld from 'jsonld'
import { listOf } from '#credentials/model/values.ts'

const examples = 'https://www.w3.org/ns/credentials/examples/v2'

/** The base context as published, and the one of the specification's own examples, which makes every word one of theirs. */
const held: ReadonlyMap<string, object> = new Map([
  ...contexts,
  [examples, { '@context': { '@vocab': 'https://www.w3.org/ns/credentials/examples#' } }],
])

async function load(url: string) {
  const document = held.get(url)
  if (document === undefined) throw new TypeError(`the context ${url} is not held here`)
  return { contextUrl: null, documentUrl: url, document }
}

const options = { safe: true, documentLoader: load } as const

/** Open Badges' contexts are not ours to keep copies of; such documents are judged by the words our own lint knows. */
const badges = /^https:\/\/purl\.imsglobal\.org\/spec\/ob\/v3p0\/context(-3\.\d+\.\d+)?\.json$/

export function namesBadgeContext({ '@context': context }: Readonly<Record<string, unknown>>): boolean {
  return listOf(context).some((one) => typeof one === 'string' && badges.test(one))
}

/** Why the document is no linked data (VCDM 2.0 §4.3, §5.2): an unknown context, a word without meaning, a protected one redefined. */
export async function linkedDataProblem(document: object): Promise<string | undefined> {
  try {
    await jsonld.expand(document, options)
    return undefined
  } catch (error) {
    return reason(error)
  }
}

/** RDF Dataset Canonicalization (RDFC-1.0) of the document. @throws whatever jsonld says of a document that is none */
export function canonical(document: object): Promise<string> {
  return jsonld.canonize(document, { ...options, algorithm: 'RDFC-1.0' })
}

function reason(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n', 1)[0]?.slice(0, 200) ?? error.name) : 'not linked data'
}
