/** Keys of emitters: public, and each of one emitter only. */
import { at, type Entries, type Place, type Report } from './report.ts'

export function checkEmitters(all: Entries, report: Report): void {
  const holders = new Map<string, string>()
  const claim = (key: string, emitter: string, place: Place) => {
    const holder = holders.get(key)
    if (holder !== undefined && holder !== emitter)
      report('key-shared', place, {
        detail: 'is the key of another emitter too',
        advice: 'make a key pair for each emitter',
      })
    holders.set(key, emitter)
  }
  for (const entry of all.emitters) {
    const { id, nkey, keys } = entry.item
    if (nkey !== undefined) claim(nkey, id, at(entry, 'nkey'))
    for (const [index, { jwk }] of keys.entries()) {
      const place = at(entry, 'keys', index, 'jwk')
      claim(`x ${jwk.x}`, id, place)
      claim(`kid ${jwk.kid}`, id, at(place, 'kid'))
      if (jwk.d !== undefined)
        report('key-private', at(place, 'd'), {
          detail: 'is a private key',
          advice:
            'take the key out of use at once: whoever read this file can sign with it. Then give a new public one',
        })
    }
  }
}
