/** Keeps a second document, a second proof or a forged registered claim out from under the signature. */
import type { LintRule } from '#credentials/lint/rule.ts'

/** `vc`/`vp`: VCDM 1.1's nesting; `proof`: the signature is outside; the claims are added by the signer alone. */
const foreign = ['vc', 'vp', 'proof', 'iss', 'jti', 'nbf', 'sub', 'exp', 'iat', 'aud', 'cnf'] as const

export const noForeignClaims: LintRule = {
  id: 'no-foreign-claims',
  clause: 'VC-JOSE-COSE §3.1.3, Open Badges 3.0 §8.2.4',
  check: (document) =>
    foreign
      .filter((name) => name in document)
      .map((name) => ({
        path: `$.${name}`,
        because: { sv: `${name} hör inte till dokumentet.`, en: `${name} does not belong in the document.` },
      })),
}
