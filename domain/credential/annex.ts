/** The elements of a micro-credential, Annex I of the Council Recommendation of 16 June 2022; without them "complete" would be a matter of taste. */
import type { Text } from '#domain/words.ts'

export interface Element {
  readonly number: number
  readonly name: Text
  readonly mandatory: boolean
}

const element = (number: number, sv: string, en: string): Element => ({
  number,
  name: { sv, en },
  mandatory: number <= 11,
})

/** All sixteen, in the order of the Annex. Element 8 may be not applicable, with a reason. */
export const annexI: readonly Element[] = [
  element(1, 'den lärandes identitet', 'identification of the learner'),
  element(2, 'mikromeritens benämning', 'title of the micro-credential'),
  element(3, 'utfärdarens land', 'country of the issuer'),
  element(4, 'tilldelande organ', 'awarding body'),
  element(5, 'utfärdandedatum', 'date of issuing'),
  element(6, 'läranderesultat', 'learning outcomes'),
  element(7, 'arbetsbelastning', 'notional workload'),
  element(8, 'nivå, där den gäller', 'level, if applicable'),
  element(9, 'typ av bedömning', 'type of assessment'),
  element(10, 'form för deltagande', 'form of participation'),
  element(11, 'kvalitetssäkring', 'type of quality assurance'),
  element(12, 'förkunskapskrav', 'prerequisites'),
  element(13, 'övervakning och identitetskontroll vid bedömningen', 'supervision and identity verification'),
  element(14, 'betyg', 'grade achieved'),
  element(15, 'möjlighet att kombinera', 'integration and stackability'),
  element(16, 'ytterligare upplysningar', 'further information'),
]

/** A mandatory element that has nothing to stand on, and why. */
export interface Lack {
  readonly element: number
  readonly name: Text
  readonly because: Text
}

/** Names a missing element. A number outside the Annex is a fault of the caller. */
export function lack(number: number, because: Text): Lack {
  const found = annexI.find((one) => one.number === number)
  if (found === undefined) throw new RangeError(`Annex I has no element ${number}`)
  return { element: number, name: found.name, because }
}
