/** What the world may know of an institution as an issuer. Without it no stranger could tie a signature to somebody. */
import { z } from 'zod'
import { type PublishedJwk, publishedJwk } from '#credentials/signing/keys.ts'
import type { PublicJwk, SigningAlg } from '#credentials/signing/public-key.ts'
import type { Tx } from '#db/client.ts'
import { findInstitution, type InstitutionRow } from '#db/institution.ts'
import { readIssuerKeys } from '#db/issuer-keys.ts'
import type { InstitutionId, Text } from '#domain/words.ts'

/** The issuer id of an institution: it stands in every credential and never moves (contracts §2). */
export function issuerId(publicUrl: string, institution: InstitutionId): string {
  return `${publicUrl}/institutions/${institution}`
}

/** The part of an institution's register body that the world may read. */
const publicBody = z.looseObject({
  name: z.object({ sv: z.string(), en: z.string() }),
  url: z.string().optional(),
  contact: z.string().optional(),
})

/** The institution's name as its register has it. */
export function institutionName({ body }: InstitutionRow): Text {
  return publicBody.parse(body).name
}

/** Open Badges 3.0 Profile; undefined for an institution nobody registered. */
export async function issuerProfile(tx: Tx, publicUrl: string) {
  const row = await findInstitution(tx)
  if (row === undefined) return undefined
  const { name, url, contact } = publicBody.parse(row.body)
  return {
    '@context': ['https://www.w3.org/ns/credentials/v2', 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json'],
    id: issuerId(publicUrl, tx.institution),
    type: ['Profile'],
    name: name.sv,
    ...(url === undefined ? {} : { url }),
    ...(contact === undefined ? {} : { email: contact }),
  }
}

/**
 * All keys the institution ever signed with, with their windows; a compromised one proves nothing and is left out. Undefined
 * for an institution nobody registered.
 */
export async function publishedKeys(tx: Tx): Promise<PublishedJwk[] | undefined> {
  const { institution } = tx
  if ((await findInstitution(tx)) === undefined) return undefined
  const rows = await readIssuerKeys(tx)
  return rows
    .filter((row) => row.status !== 'compromised')
    .map(({ kid, jwk, alg, validFrom, validUntil }) =>
      publishedJwk({
        institution,
        kid,
        jwk: jwk as unknown as PublicJwk,
        alg: alg as SigningAlg,
        from: validFrom,
        ...(validUntil === undefined ? {} : { until: validUntil }),
        status: 'active',
      }),
    )
}
